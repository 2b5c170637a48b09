// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "engine/cache/cache_entry.h"

namespace nodetune {

// A hash index of a partition's entries that is read without a lock.
//
// A table of groups of seven slots. A group's addresses fill a cache line; its
// tags, a byte of each entry's hash, lie apart: eight bytes answer for a group
// that a key is not there, and those of 500,000 entries stay in the processor's
// cache. A full group sends what comes to the next one and counts it. Thread:
// find(), prefetch() and likely() any, under an epoch::Pin; the rest under the
// partition's lock. A table that was replaced is handed to the caller, who
// frees it once no reader can see it. Source: Bronson and Shi, "Open-sourcing
// F14", 2019.
class EntryIndex {
 public:
  static constexpr std::size_t kCacheLine = 64;
  static constexpr std::size_t kSlots = 7;
  // Share of the index in an entry's charge: 10 bytes a slot, 57 to 71 % of
  // them in use.
  static constexpr std::size_t kBytesPerEntry = 16;

  class Table;
  struct FreeTable {
    void operator()(Table* table) const;
  };
  using TablePointer = std::unique_ptr<Table, FreeTable>;
  // Numbers a table's slots, and one in each group that is none.
  using Slot = std::uint32_t;
  static constexpr Slot kNoSlot = ~Slot{0};

  EntryIndex();  // throws std::bad_alloc
  ~EntryIndex();
  EntryIndex(const EntryIndex&) = delete;
  EntryIndex& operator=(const EntryIndex&) = delete;

  const CacheEntry* find(std::uint64_t hash, std::string_view key) const;

  // The steps of a lookup one by one, so that those of several can wait for
  // memory side by side. Where a search starts, in the table of the moment.
  struct Start {
    const Table* table;
    std::size_t group;
  };
  Start start_of(std::uint64_t hash) const;
  [[gnu::always_inline]] Start prefetch(std::uint64_t hash) const;
  // The first slot of the group whose tag fits; null: none does.
  static const std::atomic<CacheEntry*>* likely(const Start& start, std::uint64_t hash);
  const CacheEntry* find_from(const Start& start, std::uint64_t hash, std::string_view key) const;
  // What the lookup of an entry of usual size will read.
  [[gnu::always_inline]] void prefetch(const CacheEntry* entry) const {
    __builtin_prefetch(entry);
    prefetch_rest(entry);
  }

  // Of an entry's memory. A wrong one costs a line too many, or a wait.
  void set_usual_bytes(std::size_t bytes) {
    usual_reach_.store(static_cast<std::uint32_t>(std::clamp(bytes, kCacheLine, kMaxReach) - 1),
                       std::memory_order_relaxed);
  }

  Slot slot_of(std::uint64_t hash, std::string_view key) const;
  Slot slot_of(const CacheEntry& entry) const;
  CacheEntry* entry_in(Slot slot) const;
  // False without memory.
  bool add(CacheEntry& entry);
  // By one with the same key.
  void replace(Slot slot, CacheEntry& entry);
  void remove(Slot slot, std::uint64_t hash);

  // Brings the table to a size that fits `entries`. The old table if there is a
  // new one.
  TablePointer fit(std::size_t entries);
  // Calls `visit(CacheEntry&)` for all; it may remove the entry it is given.
  template <typename Visit>
  void for_each(Visit&& visit);

 private:
  // Never 0, which marks an empty slot.
  static std::uint64_t tag_of(std::uint64_t hash) {
    const std::uint64_t tag = hash >> 32 & 0xFF;
    return tag != 0 ? tag : 1;
  }

  template <typename Is>
  Slot search(std::uint64_t hash, const Is& is) const;

  static constexpr std::size_t kMaxReach = 3 * kCacheLine;  // a small value's entry ends there
  [[gnu::always_inline]] void prefetch_rest(const CacheEntry* entry) const;

  std::atomic<Table*> table_;
  std::atomic<std::uint32_t> usual_reach_{2 * kCacheLine - 1};  // the last byte read
};

class EntryIndex::Table {
 public:
  static TablePointer make(std::size_t groups);  // null without memory

  std::size_t groups() const { return groups_; }
  std::size_t home_of(std::uint64_t hash) const {
    return static_cast<std::size_t>((hash & 0xFFFF'FFFF) * groups_ >> 32);
  }
  std::size_t after(std::size_t group) const { return group + 1 < groups_ ? group + 1 : 0; }

  // Inline: GCC leaves out calls of functions that only fetch.
  [[gnu::always_inline]] void prefetch(std::size_t group) const {
    __builtin_prefetch(&tags_[group]);
  }
  [[gnu::always_inline]] void prefetch_entries(std::size_t group) const {
    __builtin_prefetch(&entries_[group * kStride]);
  }
  std::size_t slot_count() const { return groups_ * kStride; }
  const std::atomic<CacheEntry*>& entry(std::size_t slot) const { return entries_[slot]; }
  // The top bit of the byte of each slot with the tag; slot_at() says which
  // slot. Without a branch a slot: which of them fits cannot be predicted, and
  // a wrong guess would wait for the line before the next lookup can start.
  std::uint64_t matches(std::size_t group, std::uint64_t tag) const;
  static std::size_t slot_at(std::size_t group, std::uint64_t matches) {
    return group * kStride + static_cast<std::size_t>(std::countr_zero(matches)) / 8;
  }
  // Whether something of this group's lies in the next one.
  bool overflows(std::size_t group) const {
    return tags_[group].load(std::memory_order_relaxed) >> kOverflowShift != 0;
  }

  bool add(CacheEntry& entry);
  void replace(std::size_t slot, CacheEntry& entry) {
    entries_[slot].store(&entry, std::memory_order_release);
  }
  void remove(std::size_t slot, std::uint64_t hash);

  // For whoever keeps it until no reader can see it.
  TablePointer next_retired;
  std::uint64_t retired_epoch = 0;

 private:
  friend struct FreeTable;
  static constexpr int kOverflowShift = 56;
  static constexpr std::uint64_t kMaxOverflow = 0xFF;  // as many or more: never counted down

  static constexpr std::size_t kStride = 8;
  // The last byte counts what went on to the next group.
  using Tags = std::atomic<std::uint64_t>;
  static_assert(sizeof(Tags) == kSlots + 1);

  static std::size_t bytes_for(std::size_t groups) {
    return sizeof(Table) + groups * (kStride * sizeof(std::atomic<CacheEntry*>) + sizeof(Tags));
  }

  Table(std::size_t groups, std::atomic<CacheEntry*>* entries, Tags* tags)
      : groups_(groups), tags_(tags), entries_(entries) {}
  void set_tag(std::size_t slot, std::uint64_t tag);
  void count_overflow(std::size_t from, std::size_t to, bool more);

  alignas(kCacheLine) std::size_t groups_;
  Tags* tags_;
  std::atomic<CacheEntry*>* entries_;
};

inline std::uint64_t EntryIndex::Table::matches(std::size_t group, std::uint64_t tag) const {
  constexpr std::uint64_t kEach = 0x0101'0101'0101'0101, kLow = 0x7F7F'7F7F'7F7F'7F7F;
  const std::uint64_t word = tags_[group].load(std::memory_order_relaxed) ^ tag * kEach;
  // The top bit of each byte that is zero, but not of the count.
  return ~(((word & kLow) + kLow) | word | kLow) << 8 >> 8;
}

inline void EntryIndex::prefetch_rest(const CacheEntry* entry) const {
  const char* const first = reinterpret_cast<const char*>(entry);
  __builtin_prefetch(first + kCacheLine);
  __builtin_prefetch(first + usual_reach_.load(std::memory_order_relaxed));
}

inline const CacheEntry* EntryIndex::find_from(const Start& start, std::uint64_t hash,
                                               std::string_view key) const {
  const Table& table = *start.table;
  const std::uint64_t tag = tag_of(hash);
  std::size_t group = start.group;
  for (std::size_t looked = 0; looked < table.groups(); ++looked) {
    for (std::uint64_t mask = table.matches(group, tag); mask != 0; mask &= mask - 1) {
      // Acquire: what the entry's maker wrote is seen. It may have changed
      // since the match.
      const CacheEntry* const entry =
          table.entry(Table::slot_at(group, mask)).load(std::memory_order_acquire);
      if (entry == nullptr) continue;
      prefetch_rest(entry);  // the value
      if (entry->is(hash, key)) return entry;
    }
    if (!table.overflows(group)) return nullptr;
    group = table.after(group);
  }
  return nullptr;
}

inline const CacheEntry* EntryIndex::find(std::uint64_t hash, std::string_view key) const {
  const Start start = start_of(hash);
  // For a hit; after a miss it is where an insertion writes.
  start.table->prefetch_entries(start.group);
  return find_from(start, hash, key);
}

inline EntryIndex::Start EntryIndex::start_of(std::uint64_t hash) const {
  const Table* const table = table_.load(std::memory_order_acquire);
  return {table, table->home_of(hash)};
}

inline EntryIndex::Start EntryIndex::prefetch(std::uint64_t hash) const {
  const Start start = start_of(hash);
  start.table->prefetch(start.group);
  start.table->prefetch_entries(start.group);
  return start;
}

inline const std::atomic<CacheEntry*>* EntryIndex::likely(const Start& start, std::uint64_t hash) {
  const std::uint64_t mask = start.table->matches(start.group, tag_of(hash));
  if (mask == 0) return nullptr;
  return &start.table->entry(Table::slot_at(start.group, mask));
}

inline CacheEntry* EntryIndex::entry_in(Slot slot) const {
  return table_.load(std::memory_order_relaxed)->entry(slot).load(std::memory_order_relaxed);
}

template <typename Visit>
void EntryIndex::for_each(Visit&& visit) {
  const Table& table = *table_.load(std::memory_order_relaxed);
  constexpr std::size_t kAhead = 16;
  const std::size_t count = table.slot_count();
  for (std::size_t slot = 0; slot < count; ++slot) {
    if (slot + kAhead < count) {
      __builtin_prefetch(table.entry(slot + kAhead).load(std::memory_order_relaxed));
    }
    CacheEntry* const entry = table.entry(slot).load(std::memory_order_relaxed);
    if (entry != nullptr) visit(*entry);
  }
}

}  // namespace nodetune
