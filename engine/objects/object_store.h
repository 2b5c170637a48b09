// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/clock.h"
#include "engine/base/status.h"
#include "engine/batch/batch_processor.h"
#include "engine/cache/cache_manager.h"
#include "engine/chain/object_kind.h"
#include "engine/store/key_value_store.h"

namespace nodetune {

class Overlay;
struct PendingAnswer;

// The one way in and out for objects: through pending writes, caches and database.
//
// Invariant (coherence): a read that starts after submit() returned sees that group, pending or
// committed: puts, deletes, deleted ranges and merges. No load that a write overtook is ever
// cached. A commit goes: database, then caches, then the pending overlay is dropped.
// A failed commit's groups stay pending, thus readable, until batches().retry() succeeds.
// Lookups that pending writes answer count as hits of the kind's cache: hits + misses = lookups.
// Thread: any. Lifetime: store and clock outlive it; the destructor drains and stops.
class ObjectStore {
 public:
  ObjectStore(KeyValueStore& store, const CacheConfig& caches, const BatchConfig& batches,
              Clock& clock);
  ~ObjectStore();

  Status start();

  // A null value: there is no such object.
  Result<CachedValue> get(ObjectKind kind, std::string_view key);
  // In the order asked; what is missing from overlay and cache is one batched database read.
  Result<std::vector<CachedValue>> multi_get(ObjectKind kind,
                                             std::span<const std::string_view> keys);
  // All objects of [begin, end), in order, past the cache; counted neither as hits nor as misses.
  // Sees what was submitted before; of what is submitted meanwhile it may see a part. Looks through
  // all pending keys of the kind: for kinds that change little in a block, such as headers.
  struct Object {
    std::string key;
    CachedValue value;
  };
  Result<std::vector<Object>> scan(ObjectKind kind, std::string_view begin, std::string_view end);
  // Brings into the cache what is not there; no hits or misses are counted.
  Status prefetch(ObjectKind kind, std::span<const std::string_view> keys);
  // A counter in Family::own (written by merges), pending ones included; 0 when there is none.
  Result<std::uint64_t> counter(std::string_view key);
  // Any key of Family::own, past the caches, pending writes included.
  Result<KeyValueStore::Value> own_value(std::string_view key);

  Result<std::uint64_t> submit(WriteGroup group);
  Status flush();
  Status stop();

  CacheManager& caches() { return caches_; }
  BatchProcessor& batches() { return *batches_; }

 private:
  Result<std::vector<CachedValue>> load(ObjectKind kind, std::span<const std::string_view> keys);
  Result<KeyValueStore::Value> read_merged(Family family, std::string_view key,
                                           const PendingAnswer& pending);
  void on_committed(std::uint64_t last_group);

  KeyValueStore& store_;
  CacheManager caches_;
  std::unique_ptr<Overlay> overlay_;
  std::unique_ptr<BatchProcessor> batches_;  // last: its thread uses all the others
};

}  // namespace nodetune
