// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <new>
#include <string_view>

#include "engine/cache/cached_value.h"
#include "engine/cache/heap_size.h"

namespace nodetune {

// A place in a circular list; alone when it points to itself.
struct ListNode {
  ListNode* newer = this;
  ListNode* older = this;

  void unlink() {
    newer->older = older;
    older->newer = newer;
    newer = older = this;
  }
};

// What a cache holds of one key: one allocation with the key's bytes and a small value's behind it.
//
// Readers without a lock see `hash`, `key()`, the value and `use`; all but `use` never change once
// the entry is in the index. The rest belongs to the partition's lock.
struct CacheEntry : ListNode {
  static constexpr std::uint8_t kShared = 0xFE;  // a reference to a ValueBlock lies behind the key
  static constexpr std::uint8_t kAbsent = 0xFF;
  static constexpr std::size_t kMaxKeyBytes = std::numeric_limits<std::uint32_t>::max();
  static constexpr std::size_t kChargeUnit = 8;
  static constexpr std::size_t kMaxCharge = kMaxKeyBytes * kChargeUnit;

  std::uint64_t hash;
  std::atomic<std::uint32_t> use;  // a Use
  std::uint32_t key_bytes;
  std::uint32_t charge_units;
  std::uint8_t value_kind;   // kShared, kAbsent, or how many bytes of value lie behind the key
  std::uint8_t queue = 0;    // the eviction policy's
  std::uint16_t size_class;  // in steps of 16 bytes; 0: too large for the lists of free entries

  std::size_t charge() const { return charge_units * kChargeUnit; }
  const char* bytes() const { return reinterpret_cast<const char*>(this + 1); }
  char* bytes() { return reinterpret_cast<char*>(this + 1); }
  std::string_view key() const { return {bytes(), key_bytes}; }
  bool is(std::uint64_t other_hash, std::string_view other) const {
    if (hash != other_hash || key_bytes != other.size()) return false;
    if (key_bytes != sizeof(std::uint64_t)) return key() == other;
    std::uint64_t a = 0, b = 0;  // a call of memcmp takes longer
    std::memcpy(&a, bytes(), sizeof a);
    std::memcpy(&b, other.data(), sizeof b);
    return a == b;
  }
  ValueBlock* block() const {
    ValueBlock* block = nullptr;
    std::memcpy(&block, bytes() + key_bytes, sizeof block);
    return block;
  }
  void read(CachedValue& value) const {
    if (value_kind <= CachedValue::kInlineBytes) {
      value.assign_small({bytes() + key_bytes, value_kind});
    } else if (value_kind == kShared) {
      value = CachedValue(*block());
    } else {
      value = nullptr;
    }
  }

  // Before anybody else sees the entry. Holds a reference to shared bytes.
  void write(std::string_view key, const CachedValue& value) {
    key_bytes = static_cast<std::uint32_t>(key.size());
    if (!key.empty()) std::memcpy(bytes(), key.data(), key.size());
    char* const behind = bytes() + key.size();
    if (!value) {
      value_kind = kAbsent;
    } else if (ValueBlock* const block = value.shared()) {
      value_kind = kShared;
      block->hold();
      std::memcpy(behind, &block, sizeof block);
    } else {
      const std::string_view text = value.view();
      value_kind = static_cast<std::uint8_t>(text.size());
      copy_small(behind, text.data(), text.size());
    }
  }

  // What an entry's allocation must hold.
  static std::size_t allocation_bytes(std::string_view key, const CachedValue& value);
};
// Keys lie right behind it, so that two lines hold most entries.
static_assert(sizeof(CacheEntry) == 40);

inline std::size_t CacheEntry::allocation_bytes(std::string_view key, const CachedValue& value) {
  std::size_t value_bytes = 0;
  if (value) value_bytes = value.shared() != nullptr ? sizeof(ValueBlock*) : value.view().size();
  return sizeof(CacheEntry) + key.size() + value_bytes;
}

// When and how often an entry was used, in one word that readers overwrite: a stamp of the
// partition's clock above two bits of frequency (0 to 3). Lost updates of racing readers are
// harmless.
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

// Entries from oldest to newest.
class EntryList {
 public:
  EntryList() = default;
  EntryList(const EntryList&) = delete;
  EntryList& operator=(const EntryList&) = delete;

  bool empty() const { return head_.newer == &head_; }
  CacheEntry* oldest() const { return empty() ? nullptr : static_cast<CacheEntry*>(head_.newer); }
  // The oldest, while a few more behind it are brought towards the processor: called for each
  // that leaves, only the last step of the walk has to wait for memory, and nothing waits for it.
  CacheEntry* fetch_oldest() const {
    const ListNode* node = head_.newer;
    for (int ahead = 0; ahead < 4; ++ahead) node = node->newer;
    __builtin_prefetch(node);
    return oldest();
  }
  void push_newest(CacheEntry* entry) {
    entry->newer = &head_;
    entry->older = head_.older;
    head_.older->newer = entry;
    head_.older = entry;
  }
  // Puts all of `others` before its own oldest.
  void take_as_oldest(EntryList& others) {
    if (others.empty()) return;
    ListNode* const first = others.head_.newer;
    ListNode* const last = others.head_.older;
    others.head_.newer = others.head_.older = &others.head_;
    last->newer = head_.newer;
    head_.newer->older = last;
    head_.newer = first;
    first->older = &head_;
  }

 private:
  ListNode head_;
};

}  // namespace nodetune
