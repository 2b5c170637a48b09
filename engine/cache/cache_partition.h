// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <set>
#include <string_view>

#include "engine/cache/brief_mutex.h"
#include "engine/cache/cache_entry.h"
#include "engine/cache/entry_index.h"
#include "engine/cache/entry_pool.h"
#include "engine/cache/eviction.h"
#include "engine/cache/fetch.h"
#include "engine/cache/large_value_gate.h"
#include "engine/cache/lookup_counters.h"
#include "engine/cache/policy_kind.h"

namespace nodetune {

// A whole cache for its part of the keys: readers take no lock, writers one.
//
// Invariant: bytes <= capacity after every call; bytes is the sum of the
// entries' charges. Thread: any; what a reader gets from index() and use()
// needs an epoch::Pin.
class alignas(128) CachePartition {
 public:
  struct Config {
    std::size_t capacity_bytes = 0;
    bool ordered = false;
    PolicyKind policy = PolicyKind::lru;
    std::size_t partitions = 1;  // of the whole cache, whose lookups are counted together
    std::size_t spans_from_bytes = 2u << 20;  // see ConcurrentCacheConfig
  };
  struct Totals {
    std::uint64_t insertions = 0;
    std::uint64_t evictions = 0;
    std::uint64_t entries = 0;
    std::uint64_t bytes = 0;
    std::uint64_t capacity_bytes = 0;
  };

  // Throws std::bad_alloc. The counters outlive it.
  CachePartition(const Config& config, const LookupCounters& lookups);
  ~CachePartition();
  CachePartition(const CachePartition&) = delete;
  CachePartition& operator=(const CachePartition&) = delete;

  const EntryIndex& index() const { return index_; }
  void use(const CacheEntry& entry) { clock_.use(entry); }

  // After a miss an insertion follows: what it will write comes while the
  // caller loads.
  [[gnu::always_inline]] void expect_insertion() const {
    const char* const first = reinterpret_cast<const char*>(&mutex_);
    for (std::size_t line = 0; line < 4; ++line) {
      fetch_for_writing(first + line * EntryIndex::kCacheLine);
    }
  }

  std::size_t charge_of(std::string_view key, const CachedValue& value) const;
  void insert(std::uint64_t hash, std::string_view key, const CachedValue& value,
              std::size_t charge);
  void erase(std::uint64_t hash, std::string_view key);
  void erase_range(std::string_view begin, std::string_view end);
  void resize(std::size_t capacity_bytes);
  // Without memory for the change the policy stays.
  void set_policy(PolicyKind policy);
  Totals totals() const;

 private:
  struct KeyLess {
    using is_transparent = void;
    static std::string_view key(const CacheEntry* entry) { return entry->key(); }
    static std::string_view key(std::string_view text) { return text; }
    template <typename A, typename B>
    bool operator()(const A& a, const B& b) const {
      return key(a) < key(b);
    }
  };
  using Order = std::set<CacheEntry*, KeyLess>;
  using Slot = EntryIndex::Slot;

  bool worth_its_room(std::uint64_t hash, std::size_t charge, const CacheEntry* old);
  // Puts the entry where room was made: in `slot` in the place of `old`, or as
  // a new one.
  bool place(CacheEntry& entry, Slot slot, CacheEntry* old);
  void uncharge(CacheEntry& entry);  // out of all but the index and the policy
  void remove(Slot slot, CacheEntry& entry, EntryPool::Garbage& garbage);
  void evict_down_to(std::size_t bytes, EntryPool::Garbage& garbage);
  std::size_t spare_bytes() const;
  void advance_clock(std::size_t inserted_bytes);
  void fit_memory(EntryPool::Garbage& garbage);
  void move_from_sparse_span(EntryPool::Garbage& garbage);
  bool add_to_order(CacheEntry& entry);

  // Read by every lookup.
  EntryIndex index_;
  UseClock clock_;

  alignas(128) mutable BriefMutex mutex_;  // guards all below
  Totals totals_;
  std::unique_ptr<Eviction> eviction_;
  const LookupCounters& lookups_;
  const std::size_t partitions_;
  const bool ordered_;
  const std::size_t spans_from_bytes_;
  std::size_t clock_bytes_ = 0;  // inserted since the clock moved
  EntryPool pool_;
  Order order_;  // all entries by key, if ordered_
  LargeValueGate gate_;
};

}  // namespace nodetune
