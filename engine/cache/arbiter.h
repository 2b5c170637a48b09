// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/cache/arbiter_mode.h"
#include "engine/cache/cache.h"
#include "engine/cache/cache_sizing.h"
#include "engine/cache/cost_curve.h"
#include "engine/cache/memory_share.h"
#include "engine/chain/object_kind.h"

namespace nodetune {

// Who takes memory out of the budget: an object cache, the RocksDB block cache, the memtables.
struct ArbiterConsumer {
  static constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

  std::string name;                // "Storage slots": for people
  std::optional<ObjectKind> kind;  // of an object cache: the specification's rules know no other
  std::uint64_t present_bytes = 0;
  std::uint64_t minimum_bytes = 0;
  std::uint64_t maximum_bytes = std::numeric_limits<std::uint64_t>::max();
  bool fixed = false;                   // counted in and never moved: memtables
  double lookups_per_block = kUnknown;  // that reach it: of the block cache, the others' misses
  double miss_seconds = kUnknown;       // what one miss costs, measured
  double curve_samples = 0;             // lookups that shaped the curve
  std::vector<MissPoint> curve;
};

// What the specification's rules look at.
struct SpecificationFigures {
  std::array<CacheCounters, kObjectKindCount> before{};  // at the last decision
  std::array<CacheCounters, kObjectKindCount> now{};
  double memory_ratio = ArbiterConsumer::kUnknown;
  CacheSizingConfig config;
};

struct ArbiterConfig {
  double step_ratio = 0.05;  // of the budget: what one decision may move
  // A new plan must save this part of what the plan in force costs above the floor (what would
  // miss in caches of any size), ...
  double hysteresis = 0.005;
  // ... and this part of all that it costs, ...
  double hysteresis_of_all = 0.0005;
  // ... unless everything fits and this part of the budget is left over: then nobody loses.
  double reserve_ratio = 0.01;
  // Savings are means over so many decisions, the way there included: a loop's memory gains
  // nothing before it is complete, and plans that are nearly as good must not take turns.
  int horizon = 50;
  // A candidate becomes the plan when its savings, in units of what is worth moving for and less
  // one half, have summed up to this; of one decision, at most a third of it counts.
  double score_to_adopt = 8;
  double smallest_move_ratio = 0.0005;  // of the budget: less is not worth the evictions
  double curve_samples_min = 50;        // fewer and a curve is cold
  ShareConfig share;
};

// What a decision leaves to the next one. Sizes in the consumers' order; empty: nothing.
struct ArbiterPlan {
  std::vector<std::uint64_t> bytes;  // what the moves are under way to
  // The best share by an earlier decision's figures. It becomes the plan once later figures have
  // told for it long enough: what was only fit to noise they do not.
  std::vector<std::uint64_t> candidate;
  double candidate_score = 0;
};

struct ArbiterInput {
  ArbiterMode mode = ArbiterMode::curves;
  std::uint64_t budget_bytes = 0;  // of all consumers, the fixed ones included
  std::vector<ArbiterConsumer> consumers;
  ArbiterPlan plan;  // as the last decision left it
  std::optional<SpecificationFigures> specification;
};

// Memory that changes hands.
struct CacheMove {
  static constexpr std::size_t kNobody = std::numeric_limits<std::size_t>::max();

  std::size_t to = kNobody;    // nobody: given back, the budget is smaller than it was
  std::size_t from = kNobody;  // nobody: it was free
  std::uint64_t bytes = 0;
  // By the curves, once the move has had its effect; below zero where it only makes room, on the
  // way, for what gains later. NaN: not known (the specification's rules).
  double saved_seconds_per_block = ArbiterConsumer::kUnknown;
  std::string text;  // "Storage slots +12 MiB from Receipts: about 210 µs a block less"
};

struct ArbiterDecision {
  std::vector<std::uint64_t> bytes;  // what each consumer should have now, in their order
  ArbiterPlan plan;                  // for the next decision's input
  std::vector<CacheMove> moves;
  std::string reason;  // why these moves, or why none: one sentence
  bool by_curves = false;
  bool budget_too_small = false;  // for the minimums: they were cut
  // What the misses of all movable consumers cost a block, by the curves; NaN: not known.
  double seconds_per_block = ArbiterConsumer::kUnknown;          // at the present sizes
  double planned_seconds_per_block = ArbiterConsumer::kUnknown;  // once the plan is reached
};

// Shares one memory budget among its consumers.
//
// Invariant: the sizes decided never sum up to more than the budget (where the fixed ones alone do,
// the others get nothing), and each lies within its limits unless the budget is too small for all
// minimums. What is above budget or limits is cut at once; everything else moves at most
// config.step_ratio of the budget a decision, so that 20 decisions turn any share into any other:
// one decision a block settles within 50 blocks of a change.
// A new plan must beat the old one by the hysteresis, and by later figures than those it was made
// from: under steady load nothing moves. A consumer whose figures are not known keeps what it has.
// Free memory is handed out without hysteresis. A pure function: any thread. Costs 0.1 to 2 ms for
// eight curves of 100 points.
ArbiterDecision decide_memory(const ArbiterInput& input, const ArbiterConfig& config = {});

}  // namespace nodetune
