// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <string_view>
#include <vector>

#include "engine/cache/cache_entry.h"
#include "engine/cache/entry_heap.h"
#include "engine/cache/entry_index.h"

namespace nodetune {

// Makes a partition's entries and takes back those that left it, once no reader
// can see them.
//
// Up to a batch, kLargestBatch entries or kBatchBytes, waits while no reader
// sleeps within a lookup. Thread: under the partition's lock; Garbage is freed
// after it.
class EntryPool {
 public:
  static constexpr std::size_t kSmallestBatch = 16;
  static constexpr std::size_t kLargestBatch = 1024;
  static constexpr std::size_t kBatchBytes = 256 * 1024;

  // What is freed when the lock is released: giving back a large value takes
  // long.
  class Garbage {
   public:
    Garbage() = default;
    Garbage(const Garbage&) = delete;
    Garbage& operator=(const Garbage&) = delete;
    ~Garbage();

   private:
    friend class EntryPool;
    std::vector<ValueBlock*> values_;
    EntryIndex::TablePointer tables_;
  };

  EntryPool();   // throws std::bad_alloc
  ~EntryPool();  // nobody looks any more
  EntryPool(const EntryPool&) = delete;
  EntryPool& operator=(const EntryPool&) = delete;

  // See entry_heap.h; for those made from now on.
  void use_spans(bool wanted) { heap_.use_spans(wanted); }
  // Null without memory.
  CacheEntry* make(std::uint64_t hash, std::string_view key, const CachedValue& value);
  // With the same key, value and charge. Null without memory.
  CacheEntry* make_copy(const CacheEntry& entry);
  // An entry that no reader has ever seen, or will see again.
  void destroy(CacheEntry* entry);
  // To a 128th of the entries: what it costs to see who is looking is shared by
  // a batch.
  void set_entries(std::size_t entries) {
    batch_ = std::clamp(entries / 128, kSmallestBatch, kLargestBatch);
  }
  // An entry or table that new readers cannot find any more.
  void retire(CacheEntry& entry, Garbage& garbage);
  void retire(EntryIndex::TablePointer table);
  // Takes back what has waited long enough.
  void reclaim(Garbage& garbage);
  // See entry_heap.h.
  bool is_sparse() const { return heap_.is_sparse(); }
  template <typename Move>
  void drain(Move&& move) {
    heap_.drain(move);
  }

 private:
  // Pointers, not chains: walking a chain would wait for each entry's line in
  // turn.
  using Entries = std::vector<CacheEntry*>;
  struct Batch {
    Entries entries;
    std::uint64_t epoch = 0;
  };
  void seal(Garbage& garbage);
  void take_back(CacheEntry* entry, Garbage& garbage);

  EntryHeap heap_;
  Entries open_;  // taken out in the present epoch
  std::size_t open_bytes_ = 0;
  std::size_t batch_ = kSmallestBatch;
  std::deque<Batch> sealed_;  // in ended ones, oldest first
  EntryIndex::TablePointer tables_;
};

}  // namespace nodetune
