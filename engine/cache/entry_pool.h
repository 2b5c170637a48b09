// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "engine/cache/cache_entry.h"
#include "engine/cache/entry_index.h"

namespace nodetune {

// Makes a partition's entries and takes back those that left it, once no reader can see them.
//
// Up to kBatchEntries or kBatchBytes wait while no reader sleeps within a lookup, and up to
// kMostFree of each size are kept for the next insertions.
// Thread: under the partition's lock; Garbage is freed after it.
class EntryPool {
 public:
  static constexpr std::size_t kBatchEntries = 64;
  static constexpr std::size_t kBatchBytes = 64 * 1024;
  static constexpr std::size_t kMostFree = 64;

  // What is freed when the lock is released: giving back a large value takes long.
  class Garbage {
   public:
    Garbage() = default;
    Garbage(const Garbage&) = delete;
    Garbage& operator=(const Garbage&) = delete;
    ~Garbage();

   private:
    friend class EntryPool;
    CacheEntry* first_ = nullptr;  // a chain through newer
    EntryIndex::TablePointer tables_;
  };

  EntryPool() = default;
  ~EntryPool();  // nobody looks any more
  EntryPool(const EntryPool&) = delete;
  EntryPool& operator=(const EntryPool&) = delete;

  // Null without memory.
  CacheEntry* make(std::uint64_t hash, std::string_view key, const CachedValue& value);
  // An entry that no reader has ever seen.
  static void destroy(CacheEntry* entry);
  // An entry or table that new readers cannot find any more.
  void retire(CacheEntry& entry, Garbage& garbage);
  void retire(EntryIndex::TablePointer table);
  // Takes back what has waited long enough.
  void reclaim(Garbage& garbage);

 private:
  struct Chain {  // through newer
    CacheEntry* first = nullptr;
    CacheEntry* last = nullptr;
    void push(CacheEntry* entry);
    CacheEntry* pop();
  };
  struct FreeEntries {
    CacheEntry* first = nullptr;
    std::size_t count = 0;
  };
  static constexpr std::size_t kSizeStep = 16;
  static constexpr std::size_t kSizeClasses = 33;  // to 512 bytes

  void seal();
  void take_back(CacheEntry* entry, Garbage& garbage);

  Chain open_;    // taken out in the present epoch
  Chain sealed_;  // in ended ones, which lie in `older`; oldest first
  std::size_t open_count_ = 0;
  std::size_t open_bytes_ = 0;
  EntryIndex::TablePointer tables_;
  std::array<FreeEntries, kSizeClasses> free_{};
};

}  // namespace nodetune
