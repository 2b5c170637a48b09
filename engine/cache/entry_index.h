// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>

#include "engine/cache/cache_entry.h"

namespace nodetune {

// A hash index of a partition's entries that is read without a lock.
//
// Buckets are cache lines of seven words, each an entry's address with 16 bits of its hash, so that
// a lookup touches one line besides the entry it wants. Full buckets chain to more.
// Thread: find() and prefetch() any, under an epoch::Pin; the rest under the partition's lock. A
// table or bucket that was replaced is handed to the caller, who frees it once no reader can see
// it.
class EntryIndex {
 public:
  static constexpr std::size_t kCacheLine = 64;
  static constexpr std::size_t kSlots = 7;
  // Share of the index in an entry's charge: a bucket holds 2 to 5 entries, four at most times.
  static constexpr std::size_t kBytesPerEntry = 16;

  struct alignas(kCacheLine) Bucket {
    std::array<std::atomic<std::uint64_t>, kSlots> words{};
    std::atomic<Bucket*> more{nullptr};
  };
  // A table with its buckets, overflowing ones included.
  class Table;
  struct FreeTable {
    void operator()(Table* table) const;
  };
  using TablePointer = std::unique_ptr<Table, FreeTable>;
  using Slot = std::atomic<std::uint64_t>;

  EntryIndex();  // throws std::bad_alloc
  ~EntryIndex();
  EntryIndex(const EntryIndex&) = delete;
  EntryIndex& operator=(const EntryIndex&) = delete;

  const CacheEntry* find(std::uint64_t hash, std::string_view key) const;
  // The bucket where the hash's search starts, brought towards the processor.
  const Bucket* prefetch(std::uint64_t hash) const;
  // The first entry in the bucket whose tag fits: most likely the one, or null.
  static const CacheEntry* likely(const Bucket& bucket, std::uint64_t hash);
  static const CacheEntry* find_in(const Bucket& bucket, std::uint64_t hash, std::string_view key);

  Slot* slot_of(std::uint64_t hash, std::string_view key);
  Slot* slot_of(const CacheEntry& entry);
  // False without memory.
  bool add(CacheEntry& entry);
  static void replace(Slot& slot, CacheEntry& entry);
  static void remove(Slot& slot);
  static CacheEntry* entry_of(std::uint64_t word) {
    return reinterpret_cast<CacheEntry*>(word & kAddress);
  }

  // Brings the table to a size that fits `entries`. The old table if there is a new one.
  TablePointer fit(std::size_t entries);
  // Calls `visit(CacheEntry&)` for all; it may remove the entry it is given.
  template <typename Visit>
  void for_each(Visit&& visit);

 private:
  static constexpr std::uint64_t kAddress = (std::uint64_t{1} << 48) - 1;

  // Never 0, so that no empty word matches.
  static std::uint64_t tag_of(std::uint64_t hash) { return (hash >> 32 & 0xFFFF) | 1; }
  // A bit for each word with the tag. Without a branch a word: which of them matches cannot be
  // predicted, and a wrong guess would wait for the line before the next lookup can start.
  static std::uint32_t matches(const Bucket& bucket, std::uint64_t tag);
  static std::uint64_t word_of(const CacheEntry& entry) {
    return tag_of(entry.hash) << 48 | reinterpret_cast<std::uintptr_t>(&entry);
  }
  static Slot* free_slot(Table& table, std::uint64_t hash);
  Bucket& bucket_of(std::uint64_t hash) const;

  std::atomic<Table*> table_;
};

class EntryIndex::Table {
 public:
  static TablePointer make(std::size_t buckets);  // a power of two; null without memory

  Bucket& bucket_of(std::uint64_t hash) { return buckets()[hash & mask_]; }
  std::size_t size() const { return mask_ + 1; }
  Bucket* buckets() { return reinterpret_cast<Bucket*>(this + 1); }

  // For whoever keeps it until no reader can see it.
  TablePointer next_retired;
  std::uint64_t retired_epoch = 0;

 private:
  friend struct FreeTable;
  explicit Table(std::size_t buckets) : mask_(buckets - 1) {}

  alignas(kCacheLine) std::size_t mask_;
};

inline EntryIndex::Bucket& EntryIndex::bucket_of(std::uint64_t hash) const {
  return table_.load(std::memory_order_acquire)->bucket_of(hash);
}

inline std::uint32_t EntryIndex::matches(const Bucket& bucket, std::uint64_t tag) {
  std::uint32_t mask = 0;
  for (std::size_t i = 0; i < kSlots; ++i) {
    const std::uint64_t word = bucket.words[i].load(std::memory_order_relaxed);
    mask |= static_cast<std::uint32_t>(word >> 48 == tag) << i;
  }
  return mask;
}

inline const CacheEntry* EntryIndex::find_in(const Bucket& first, std::uint64_t hash,
                                             std::string_view key) {
  for (const Bucket* bucket = &first; bucket != nullptr;
       bucket = bucket->more.load(std::memory_order_acquire)) {
    for (std::uint32_t mask = matches(*bucket, tag_of(hash)); mask != 0; mask &= mask - 1) {
      // Acquire: what the entry's maker wrote is seen. The word may have changed since the match.
      const std::uint64_t word =
          bucket->words[static_cast<std::size_t>(std::countr_zero(mask))].load(
              std::memory_order_acquire);
      if (word == 0) continue;
      const CacheEntry* const entry = entry_of(word);
      __builtin_prefetch(reinterpret_cast<const char*>(entry) + kCacheLine);  // the value
      if (entry->is(hash, key)) return entry;
    }
  }
  return nullptr;
}

inline const CacheEntry* EntryIndex::find(std::uint64_t hash, std::string_view key) const {
  return find_in(bucket_of(hash), hash, key);
}

inline const EntryIndex::Bucket* EntryIndex::prefetch(std::uint64_t hash) const {
  const Bucket* const bucket = &bucket_of(hash);
  __builtin_prefetch(bucket);
  return bucket;
}

inline const CacheEntry* EntryIndex::likely(const Bucket& bucket, std::uint64_t hash) {
  const std::uint32_t mask = matches(bucket, tag_of(hash));
  if (mask == 0) return nullptr;
  const auto at = static_cast<std::size_t>(std::countr_zero(mask));
  return entry_of(bucket.words[at].load(std::memory_order_acquire));
}

template <typename Visit>
void EntryIndex::for_each(Visit&& visit) {
  Table* const table = table_.load(std::memory_order_relaxed);
  for (std::size_t i = 0; i < table->size(); ++i) {
    for (Bucket* bucket = &table->buckets()[i]; bucket != nullptr;
         bucket = bucket->more.load(std::memory_order_relaxed)) {
      for (Slot& slot : bucket->words) {
        const std::uint64_t word = slot.load(std::memory_order_relaxed);
        if (word != 0) visit(*entry_of(word));
      }
    }
  }
}

}  // namespace nodetune
