// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/published.h"
#include "engine/cache/access_sampler.h"
#include "engine/cache/cache_manager.h"
#include "engine/cache/growth_offer.h"
#include "engine/node/managed_settings.h"
#include "engine/objects/arbiter_feed.h"
#include "engine/objects/block_cache_ghost.h"
#include "engine/store/database.h"
#include "engine/tuner/recommendation.h"

namespace nodetune {

// What is known of a managed node's memory. Immutable.
struct MemoryView {
  struct Cache {
    std::shared_ptr<const CurveSnapshot> curve;  // null: nothing was looked up yet
    AccessSampler::Choice choice;
    std::optional<GrowthOffer> growth;  // what more memory would buy
  };
  std::array<Cache, kObjectKindCount> caches;  // in kObjectKinds' order
  Cache block_cache;                           // has no choice of policy
  ArbiterSettings settings;
  // As of the last decision; empty before the first. `consumers` are the decision's.
  std::vector<ArbiterConsumer> consumers;
  ArbiterDecision decision;
};

// The memory of a managed node: watches the caches, chooses their policies, and shares the budget.
//
// Thread: look() and apply() the commander's; the others any. Lifetime: made before the database
// is opened (its block cache gets the probe) and destroyed after it and the object store.
class ManagedMemory {
 public:
  ManagedMemory();

  std::shared_ptr<BlockCacheProbe> block_cache_probe() const { return ghost_; }
  // From here on lookups are watched.
  void watch(CacheManager& caches);

  // What was saved with the directory; `asked` goes before it and is saved.
  Status restore(SettingsTable& settings, const std::optional<ArbiterSettings>& asked);
  Status set(SettingsTable& settings, const ArbiterSettings& wanted);
  ArbiterSettings settings() const;

  // Learns from what has passed since the last look, sets policies, decides. Returns what there
  // is to tell: changes of policy. Does nothing when no block has passed.
  std::vector<std::string> look(const Database& database, CacheManager& caches,
                                const TimedReads& reads, std::uint64_t blocks,
                                const Snapshot& newest);
  // There is no decision that apply() has not seen.
  bool applied_newest() const { return applied_ == view_.get(); }
  // Puts the last decision in force, shrinking first.
  Status apply(Database& database, CacheManager& caches);
  // What was moved and then stood still for a while, or all of it when `now`: saved for the next
  // open, and noted in the audit log.
  Status save_moves(Database& database, SettingsTable& settings, AuditLog& audit, bool now);

  // What was moved since this last told, for people, at most once a second; empty: nothing yet.
  std::string tell_moves(SteadyTime now);

  // The last decision's moves for the operator to approve.
  std::vector<Proposal> proposals() const;
  std::shared_ptr<const MemoryView> view() const { return view_.get(); }

 private:
  void learn_caches(CacheManager& caches, const TimedReads& reads, double blocks,
                    ArbiterReadings& now, std::vector<std::string>& told);
  void note_move(std::size_t consumer, std::uint64_t from_bytes, std::uint64_t to_bytes);
  std::optional<GrowthOffer> offer(const ArbiterConsumer& consumer) const;

  struct Move {  // of the arbiter's steps together
    Target target;
    std::uint64_t from_bytes = 0;
    std::uint64_t to_bytes = 0;
    std::string reason;
  };

  const std::shared_ptr<BlockCacheGhost> ghost_;
  std::array<std::unique_ptr<AccessSampler>, kObjectKindCount> samplers_;
  Published<MemoryView> view_{std::make_shared<const MemoryView>()};
  mutable std::mutex mutex_;
  ArbiterSettings settings_;  // guarded by mutex_

  // All below the commander's alone.
  ArbiterFeed feed_;
  std::array<std::uint64_t, kObjectKindCount> lookups_seen_{};
  std::optional<std::uint64_t> blocks_seen_;
  std::vector<Move> unsaved_;
  std::vector<Move> untold_;
  std::optional<SteadyTime> told_at_;
  int looks_since_move_ = 0;
  std::shared_ptr<const MemoryView> applied_;
};

}  // namespace nodetune
