// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/status.h"
#include "engine/cache/access_probe.h"
#include "engine/cache/cache.h"
#include "engine/cache/cache_sizing.h"
#include "engine/cache/flight_table.h"
#include "engine/cache/policy_kind.h"
#include "engine/chain/object_kind.h"

namespace nodetune {

struct CacheConfig {
  // Capacity of each cache in bytes, in kObjectKinds' order. The state tier (nodes, accounts,
  // storage) gets most: it takes nine of ten lookups on a chain (EthAnalysis).
  std::array<std::size_t, kObjectKindCount> capacity_bytes = {
      32u << 20, 8u << 20, 256u << 20, 64u << 20, 128u << 20, 16u << 20, 32u << 20};
};

// The specification's seven caches: blocks, headers, the state tier (nodes, accounts, storage),
// transactions and receipts.
//
// Invariant: a value loaded before a write to its key is never cached after it: on_written() and
// on_range_deleted() detach the loads that are under way.
// Writes go through: what a commit wrote is cached. A deleted key stays as absent where it was
// cached and is not brought in otherwise (pruning deletes what nobody reads again).
// Thread: any. Lifetime: owned by the node; loaders run on the caller's thread, no lock held. A
// loader must not ask the same manager for keys of the same kind: it could wait for itself.
// Errors: a loader's exception, or a wrong number of values, is a failed load.
class CacheManager {
 public:
  // Loads what is missing: answers in the order asked; a null value means absent.
  using BatchLoader =
      std::function<Result<std::vector<CachedValue>>(std::span<const std::string_view>)>;
  using Loader = std::function<Result<CachedValue>(std::string_view)>;

  explicit CacheManager(const CacheConfig& config);
  ~CacheManager();

  // From the cache, else by `load`. A concurrent miss of one key loads once; a failed load is
  // passed on to all who wait for it, and is not cached.
  Result<CachedValue> get_or_load(ObjectKind kind, std::string_view key, const Loader& load);
  // The same for many keys of one kind, with one load for all that are missing. All keys are
  // claimed before anybody waits.
  Result<std::vector<CachedValue>> multi_get_or_load(ObjectKind kind,
                                                     std::span<const std::string_view> keys,
                                                     const BatchLoader& load);
  // Loads what is not inside, in one batched read; counts neither hits nor misses. What others are
  // loading already is left to them and not waited for.
  Status prefetch(ObjectKind kind, std::span<const std::string_view> keys, const BatchLoader& load);
  // As Cache::peek: counts nothing and loads nothing.
  std::optional<CachedValue> peek(ObjectKind kind, std::string_view key) const;

  // A commit has happened (the database has it already): the cache must not say otherwise. From
  // the return on, get_or_load() gives what was written, or loads.
  void on_written(ObjectKind kind, std::string_view key, CachedValue value);  // null: deleted
  void on_changed(ObjectKind kind, std::string_view key);  // new value unknown (a merge)
  void on_range_deleted(ObjectKind kind, std::string_view begin, std::string_view end);

  // Lookups that pending writes answered before the cache was asked: hits, so that hits + misses
  // are all lookups.
  void count_pending_hits(ObjectKind kind, std::uint64_t hits);

  void resize(ObjectKind kind, std::size_t capacity_bytes);
  CacheCounters counters(ObjectKind kind) const;
  std::array<CacheCounters, kObjectKindCount> counters() const;  // in kObjectKinds' order
  // The cache's own: without what pending writes answered.
  CacheCounters lookup_counters(ObjectKind kind) const;
  PolicyKind policy(ObjectKind kind) const;
  void set_policy(ObjectKind kind, PolicyKind policy);
  // Looks on at the kind's lookups and insertions; null: nobody. It outlives the manager.
  void set_probe(ObjectKind kind, AccessProbe* probe);
  std::size_t memory_usage_bytes() const;  // of all seven

  // The specification's optimize_cache_sizes: what it would change, by counters since `before`.
  std::vector<CacheResize> optimize_cache_sizes(
      std::span<const CacheCounters, kObjectKindCount> before, double memory_ratio,
      const CacheSizingConfig& config) const;

 private:
  struct Tier;
  Tier& tier(ObjectKind kind) const { return *tiers_[index_of(kind)]; }
  static Status load_led(ObjectKind kind, FlightTable::Claims& claims,
                         std::span<const std::string_view> keys, std::span<const std::size_t> led,
                         const BatchLoader& load);

  std::array<std::unique_ptr<Tier>, kObjectKindCount> tiers_;
};

}  // namespace nodetune
