// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "engine/cache/access_probe.h"
#include "engine/cache/cache.h"
#include "engine/cache/cache_partition.h"
#include "engine/cache/epoch.h"
#include "engine/cache/lookup_counters.h"

namespace nodetune {

struct ConcurrentCacheConfig {
  std::size_t capacity_bytes = 8u << 20;
  // Fixed for the cache's life. 0: one for each 8 MiB of capacity, rounded down
  // to a power of two, 1 to 16.
  std::size_t partitions = 0;
  // Keeps the keys in order as well, so that erase_range() costs what it erases
  // instead of a scan of all entries. Costs 48 bytes an entry and a tree
  // insertion: for kinds pruned by range.
  bool ordered = false;
  PolicyKind policy = PolicyKind::lru;
  // From this capacity of a partition on its entries lie on huge pages
  // (cache_arena.h); a smaller one would gain nothing, and waste spans.
  std::size_t spans_from_bytes = 2u << 20;
};

// A cache whose hits take no lock and allocate nothing, under any policy.
//
// Keys are spread over partitions by hash, each a whole cache with a lock for
// its writers and an equal share of the capacity; a value must fit into one
// share to be cached. A hit reads eight bytes of tags, a line of addresses and
// the entry, copies a small value or takes a reference of a large one, and
// leaves a mark that the policy reads when somebody inserts (eviction.h). A
// miss reads the tags only. Driven by one thread, a partition stays within a
// percentage point of its policy's exact hit ratio. A large cache evicts up to
// 16 entries at once: that many wait for memory as long as one. A value that is
// large beside what is inside must be worth it (large_value_gate.h). An entry
// is charged for what malloc would take for it: the entry with its key and a small
// value, a large value's block (also while others hold it), 24 bytes of index
// and queue, and the order's tree node if there is one. Not charged: what the
// ghosts of S3-FIFO and ARC remember (up to 48 bytes for each key thrown out
// lately, about as many as are inside), entries that wait for their readers
// (entry_pool.h), idle cells (up to a quarter of those in use and 48 KiB for
// each size, entry_heap.h), and up to 32 KiB of half-filled blocks for a
// partition's queues. Thread: any. erase_range() without `ordered` scans all entries: about
// 10 ms for 100,000.
class ConcurrentCache final : public Cache {
 public:
  explicit ConcurrentCache(const ConcurrentCacheConfig& config);  // throws std::bad_alloc
  ~ConcurrentCache() override;
  ConcurrentCache(const ConcurrentCache&) = delete;
  ConcurrentCache& operator=(const ConcurrentCache&) = delete;

  std::optional<CachedValue> find(std::string_view key) override;
  std::size_t multi_find(std::span<const std::string_view> keys,
                         std::span<std::optional<CachedValue>> values) override;
  std::optional<CachedValue> peek(std::string_view key) const override;
  void insert(std::string_view key, CachedValue value) override;
  void erase(std::string_view key) override;
  void erase_range(std::string_view begin, std::string_view end) override;
  void resize(std::size_t capacity_bytes) override;
  CacheCounters counters() const override;
  PolicyKind policy() const override { return policy_.load(std::memory_order_relaxed); }
  void set_policy(PolicyKind policy) override;

  // Null: nobody. The probe outlives the cache, or the calls that may be under
  // way when it is taken away.
  void set_probe(AccessProbe* probe) { probe_.store(probe, std::memory_order_release); }
  std::size_t partitions() const { return partitions_.size(); }
  // XXH3 of the key: what probes and simulations know keys by.
  static std::uint64_t hash_of(std::string_view key);
  // What an entry would be charged.
  std::size_t charge_of(std::string_view key, const CachedValue& value) const;

 private:
  CachePartition& partition_of(std::uint64_t hash) const {
    return *partitions_[(hash >> 56) & (partitions_.size() - 1)];
  }
  std::size_t find_wave(epoch::ThreadSlot& thread, std::span<const std::string_view> keys,
                        std::span<std::optional<CachedValue>> values);

  // Read by every lookup.
  std::vector<std::unique_ptr<CachePartition>> partitions_;  // a power of two
  std::atomic<AccessProbe*> probe_{nullptr};
  std::atomic<PolicyKind> policy_;
  LookupCounters lookups_;
};

}  // namespace nodetune
