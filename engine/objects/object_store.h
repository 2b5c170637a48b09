// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/clock.h"
#include "engine/base/status.h"
#include "engine/batch/batch_processor.h"
#include "engine/cache/cache_manager.h"
#include "engine/chain/object_kind.h"
#include "engine/objects/block_hold.h"
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
// Hints lie below the caches: a lookup that a cache misses and the block's hold answers is that
// cache's miss, so that its figures, curve and policy see the same stream with hints as without.
// HintFigures say how many reads the hold and what is above it saved from the database.
// Thread: any. Lifetime: store and clock outlive it; the destructor drains and stops.
class ObjectStore {
 public:
  ObjectStore(KeyValueStore& store, const CacheConfig& caches, const BatchConfig& batches,
              Clock& clock, const HintConfig& hints = {});
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
  // Fetches what a block will touch, with one batched read a kind for what no pending write and no
  // cache has. Any thread: it may be called while another block runs, and the result is kept right
  // by every commit until it is dropped. Busy when too many are alive.
  Result<std::shared_ptr<BlockHold>> announce_block(const BlockAccess& access);
  // From here on reads are also served from what was fetched, until the next begin_block() or
  // end_block(). No cache is touched: nothing that the block needs is thrown out for it, and the
  // caches may be smaller than the block.
  void begin_block(std::shared_ptr<BlockHold> hold);
  Status begin_block(const BlockAccess& access);  // announces, then begins
  void end_block();
  HintFigures hints() const;
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
  Result<CachedValue> get_object(ObjectKind kind, std::string_view key);
  Result<std::vector<CachedValue>> load(ObjectKind kind, std::span<const std::string_view> keys);
  Result<std::vector<CachedValue>> load_or_take(ObjectKind kind,
                                                std::span<const std::string_view> keys);
  Result<KeyValueStore::Value> read_merged(Family family, std::string_view key,
                                           const PendingAnswer& pending);
  Status fetch(BlockHold& hold, ObjectKind kind);
  std::shared_ptr<BlockHold> current_hold() const;
  void count_touches(ObjectKind kind, std::span<const std::string_view> keys) const;
  std::vector<std::shared_ptr<BlockHold>> live_holds();
  void on_committed(std::uint64_t last_group);

  KeyValueStore& store_;
  CacheManager caches_;
  std::unique_ptr<Overlay> overlay_;

  const HintConfig hint_config_;
  // Held while a commit reaches holds and caches, and while a hold says what it expects: it either
  // hears of a commit, or finds the caches as the commit left them.
  std::mutex commit_mutex_;
  std::vector<std::weak_ptr<BlockHold>> holds_;  // guarded by commit_mutex_
  mutable std::mutex hold_mutex_;
  std::shared_ptr<BlockHold> hold_;  // of the block that runs; guarded by hold_mutex_
  HintFigures hints_;                // of the blocks before; guarded by hold_mutex_
  std::atomic<bool> holding_{false};

  std::unique_ptr<BatchProcessor> batches_;  // last: its thread uses all the others
};

}  // namespace nodetune
