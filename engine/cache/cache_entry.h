// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>
#include <string_view>

#include "engine/cache/cached_value.h"
#include "engine/cache/heap_size.h"

namespace nodetune {

// Compares a few bytes: 8 at once, the last ones overlapping. A call of memcmp
// takes longer.
inline bool equal_small(const char* a, const char* b, std::size_t size) {
  const auto differ = [a, b](std::size_t at) {
    std::uint64_t x = 0, y = 0;
    std::memcpy(&x, a + at, sizeof x);
    std::memcpy(&y, b + at, sizeof y);
    return x ^ y;
  };
  constexpr std::size_t kLongest = 64;
  if (size < sizeof(std::uint64_t) || size > kLongest) {
    return std::string_view(a, size) == std::string_view(b, size);
  }
  const std::size_t last = size - sizeof(std::uint64_t);
  std::uint64_t difference = differ(last);
  for (std::size_t at = 0; at < last; at += sizeof(std::uint64_t)) difference |= differ(at);
  return difference == 0;
}

// What a cache holds of one key: one piece of memory with the key's bytes and a
// small value's behind it.
//
// Readers without a lock see `hash`, `key()`, the value and `use`; all but
// `use` never change once the entry is in the index. The rest belongs to the
// partition's lock.
struct CacheEntry {
  static constexpr std::uint8_t kShared = 0xFE;  // a reference to a ValueBlock lies behind the key
  static constexpr std::uint8_t kAbsent = 0xFF;
  static constexpr std::size_t kMaxKeyBytes = (1u << 24) - 1;
  static constexpr std::size_t kChargeUnit = 8;
  static constexpr std::size_t kMaxCharge = ((std::size_t{1} << 31) - 1) * kChargeUnit;
  static constexpr std::uint32_t kMaxBlock = (1u << 27) - 1;

  std::uint64_t hash;
  std::atomic<std::uint32_t> use;  // a Use
  std::uint32_t charge_units : 31;
  std::uint32_t in_span : 1;  // where its memory comes from (entry_heap.h)
  std::uint32_t : 0;          // apart: the lock's holder writes the ones while readers
                              // read the others
  // Where it lies in the eviction policy's queues (entry_queue.h), and which of
  // the policy's two.
  std::uint32_t block : 27;
  std::uint32_t slot : 4;
  std::uint32_t queue : 1;
  std::uint32_t : 0;  // apart, as above
  std::uint32_t key_bytes : 24;
  std::uint32_t value_kind : 8;  // kShared, kAbsent, or how many bytes of value
                                 // lie behind the key

  std::size_t charge() const { return charge_units * kChargeUnit; }
  const char* bytes() const { return reinterpret_cast<const char*>(this + 1); }
  char* bytes() { return reinterpret_cast<char*>(this + 1); }
  std::string_view key() const { return {bytes(), key_bytes}; }
  bool is(std::uint64_t other_hash, std::string_view other) const {
    return hash == other_hash && key_bytes == other.size() &&
           equal_small(bytes(), other.data(), other.size());
  }
  ValueBlock* value_block() const {
    ValueBlock* shared = nullptr;
    std::memcpy(&shared, bytes() + key_bytes, sizeof shared);
    return shared;
  }
  void read(CachedValue& value) const {
    if (value_kind <= CachedValue::kInlineBytes) {
      value.assign_small({bytes() + key_bytes, std::size_t{value_kind}});
    } else if (value_kind == kShared) {
      value = CachedValue(*value_block());
    } else {
      value = nullptr;
    }
  }

  // Before anybody else sees the entry. Holds a reference to shared bytes.
  void write(std::string_view key, const CachedValue& value) {
    key_bytes = static_cast<std::uint32_t>(key.size()) & kMaxKeyBytes;
    if (!key.empty()) std::memcpy(bytes(), key.data(), key.size());
    char* const behind = bytes() + key.size();
    if (!value) {
      value_kind = kAbsent;
    } else if (ValueBlock* const shared = value.shared()) {
      value_kind = kShared;
      shared->hold();
      std::memcpy(behind, &shared, sizeof shared);
    } else {
      const std::string_view text = value.view();
      value_kind = static_cast<std::uint8_t>(text.size());
      copy_small(behind, text.data(), text.size());
    }
  }

  // All of `other` but its place in a queue, before anybody else sees this one.
  // A use of the other from now on is not counted again.
  void write_copy(const CacheEntry& other) {
    hash = other.hash;
    charge_units = other.charge_units;
    key_bytes = other.key_bytes;
    value_kind = other.value_kind;
    block = other.block;
    slot = other.slot;
    queue = other.queue;
    std::memcpy(bytes(), other.bytes(), other.allocation_bytes() - sizeof(CacheEntry));
    if (value_kind == kShared) value_block()->hold();
  }

  // What an entry's memory must hold.
  static std::size_t allocation_bytes(std::string_view key, const CachedValue& value);
  std::size_t allocation_bytes() const {
    std::size_t value_bytes = 0;
    if (value_kind != kAbsent)
      value_bytes = value_kind == kShared ? sizeof(ValueBlock*) : value_kind;
    return sizeof(CacheEntry) + key_bytes + value_bytes;
  }
};
// Keys lie right behind it, so that two lines hold most entries.
static_assert(sizeof(CacheEntry) == 24);

inline std::size_t CacheEntry::allocation_bytes(std::string_view key, const CachedValue& value) {
  std::size_t value_bytes = 0;
  if (value) value_bytes = value.shared() != nullptr ? sizeof(ValueBlock*) : value.view().size();
  return sizeof(CacheEntry) + key.size() + value_bytes;
}

// When and how often an entry was used, in one word that readers overwrite: a
// stamp of the partition's clock above two bits of frequency (0 to 3). Lost
// updates of racing readers are harmless.
struct Use {
  static constexpr std::uint32_t kMaxFrequency = 3;

  static constexpr std::uint32_t make(std::uint32_t stamp, std::uint32_t frequency) {
    return stamp << 2 | frequency;
  }
  static constexpr std::uint32_t stamp(std::uint32_t use) { return use >> 2; }
  static constexpr std::uint32_t frequency(std::uint32_t use) { return use & 3; }
  // A stamp less than `grain` ticks old is good enough.
  static constexpr std::uint32_t used_again(std::uint32_t use, std::uint32_t clock,
                                            std::uint32_t grain) {
    const bool fresh = (clock << 2) - (use & ~kMaxFrequency) < grain << 2;
    return make(fresh ? stamp(use) : clock, std::min(frequency(use) + 1, kMaxFrequency));
  }
  // Of stamps modulo 2^30 that lie less than half of that apart.
  static constexpr bool newer(std::uint32_t a, std::uint32_t b) {
    return static_cast<std::int32_t>((a - b) << 2) > 0;
  }
};

}  // namespace nodetune
