// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "engine/cache/arbiter.h"
#include "engine/cache/curve_snapshot.h"
#include "engine/objects/timed_reads.h"
#include "engine/store/database.h"

namespace nodetune {

// The operator's.
struct ArbiterSettings {
  ArbiterMode mode = ArbiterMode::specification;
  std::uint64_t budget_bytes = 0;  // of caches, block cache and memtables; 0: what they have now
  bool acts = false;               // makes its moves itself, else recommends them
};

// What a node knows of its memory. Counters since open.
struct ArbiterReadings {
  using Curve = std::shared_ptr<const CurveSnapshot>;  // null: there is none

  std::uint64_t blocks = 0;
  std::array<CacheCounters, kObjectKindCount> caches{};
  std::array<Curve, kObjectKindCount> curves{};
  std::array<ReadCounts, kObjectKindCount> reads{};
  BlockCacheFigures block_cache;
  Curve block_cache_curve;
  double memtable_bytes = kMissing;
  double memory_ratio = kMissing;
};

// Turns a node's counters into what the arbiter decides by: the seven object caches in
// kObjectKinds' order, then the RocksDB block cache, then the memtables.
//
// Rates are means that forget by 1/20 a block. Memtables count as the most they have taken since
// open, rounded up: a fixed share that does not breathe with every flush. Where they leave less of
// the budget than the caches' minimums, these are kept and the decision says so.
// Thread: one.
class ArbiterFeed {
 public:
  struct Config {
    double keep_a_block = 0.95;
    std::uint64_t minimum_bytes = 1u << 20;  // of each cache
    std::uint64_t maximum_bytes = 64ull << 30;
    std::uint64_t memtable_step_bytes = 16u << 20;
    std::uint64_t blocks_between_rules = 10;  // the specification's: they move 20 % at a time
    ArbiterConfig arbiter;
  };
  static constexpr std::size_t kBlockCache = kObjectKindCount;
  static constexpr std::size_t kMemtables = kObjectKindCount + 1;

  explicit ArbiterFeed(const Config& config) : config_(config) {}
  ArbiterFeed() : ArbiterFeed(Config()) {}

  // Nothing: no block has passed since the last decision.
  std::optional<ArbiterDecision> decide(const ArbiterReadings& now,
                                        const ArbiterSettings& settings);
  // As of the last decision.
  const ArbiterInput& input() const { return input_; }

 private:
  struct Rate {  // forgets
    double count = 0;
    double weight = 0;
    void add(double value, double of, double keep);
    double mean() const;  // NaN before the first
  };

  void learn(const ArbiterReadings& now);
  void fill_input(const ArbiterReadings& now, const ArbiterSettings& settings);

  const Config config_;
  ArbiterInput input_;
  std::optional<ArbiterReadings> before_;
  ArbiterReadings rules_from_;                      // when the specification's rules looked last
  std::array<Rate, kObjectKindCount + 1> lookups_;  // a block
  std::array<Rate, kObjectKindCount + 1> costs_;    // seconds a miss
  double memtable_bytes_ = 0;
  bool budget_too_small_ = false;  // for the memtables and all minimums
};

}  // namespace nodetune
