// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/objects/arbiter_feed.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

namespace nodetune {
namespace {

// Counters that went back (a reopen) have gained nothing.
double gained(std::uint64_t now, std::uint64_t before) {
  return now > before ? static_cast<double>(now - before) : 0;
}

void set_curve(ArbiterConsumer& consumer, const ArbiterReadings::Curve& curve) {
  if (!curve) return;
  consumer.curve = points_of(*curve);
  consumer.curve_samples = curve->lookups * curve->sampling_rate;
}

}  // namespace

void ArbiterFeed::Rate::add(double value, double of, double keep) {
  count = count * keep + value;
  weight = weight * keep + of;
}

double ArbiterFeed::Rate::mean() const {
  return weight > 0 ? count / weight : kMissing;
}

void ArbiterFeed::learn(const ArbiterReadings& now) {
  const ArbiterReadings& before = *before_;
  const double blocks = gained(now.blocks, before.blocks);
  const double keep = std::pow(config_.keep_a_block, blocks);
  for (std::size_t i = 0; i < kObjectKindCount; ++i) {
    lookups_[i].add(gained(now.caches[i].lookups(), before.caches[i].lookups()), blocks, keep);
    const double keys = gained(now.reads[i].keys, before.reads[i].keys);
    // Without reads there is nothing to learn, and nothing to forget.
    if (keys > 0) costs_[i].add(now.reads[i].seconds - before.reads[i].seconds, keys, keep);
  }
  const auto& cache = now.block_cache;
  lookups_[kBlockCache].add(gained(cache.lookups, before.block_cache.lookups), blocks, keep);
  const double reads = gained(cache.block_reads, before.block_cache.block_reads);
  if (reads > 0) {
    costs_[kBlockCache].add(cache.block_read_seconds - before.block_cache.block_read_seconds, reads,
                            keep);
  }
}

void ArbiterFeed::fill_input(const ArbiterReadings& now, const ArbiterSettings& settings) {
  input_.mode = settings.mode;
  input_.consumers.assign(kObjectKindCount + 2, {});
  for (const ObjectKind kind : kObjectKinds) {
    ArbiterConsumer& consumer = input_.consumers[index_of(kind)];
    consumer.name = std::string(display_name(kind));
    consumer.kind = kind;
    consumer.present_bytes = now.caches[index_of(kind)].capacity_bytes;
    set_curve(consumer, now.curves[index_of(kind)]);
  }
  ArbiterConsumer& block_cache = input_.consumers[kBlockCache];
  block_cache.name = "RocksDB block cache";
  block_cache.present_bytes = now.block_cache.capacity_bytes;
  set_curve(block_cache, now.block_cache_curve);
  for (std::size_t i = 0; i <= kBlockCache; ++i) {
    ArbiterConsumer& consumer = input_.consumers[i];
    consumer.minimum_bytes = config_.minimum_bytes;
    consumer.maximum_bytes = config_.maximum_bytes;
    consumer.lookups_per_block = lookups_[i].mean();
    consumer.miss_seconds = costs_[i].mean();
  }
  if (std::isfinite(now.memtable_bytes)) {
    const auto step = static_cast<double>(config_.memtable_step_bytes);
    memtable_bytes_ = std::max(memtable_bytes_, std::ceil(now.memtable_bytes / step) * step);
  }
  ArbiterConsumer& memtables = input_.consumers[kMemtables];
  memtables.name = "Memtables";
  memtables.fixed = true;
  memtables.present_bytes = static_cast<std::uint64_t>(memtable_bytes_);
  input_.budget_bytes = settings.budget_bytes;
  if (settings.budget_bytes == 0) {
    for (const auto& consumer : input_.consumers) input_.budget_bytes += consumer.present_bytes;
  }
  // Memtables that are above the budget are no reason to run without caches.
  const auto least = memtables.present_bytes + (kBlockCache + 1) * config_.minimum_bytes;
  budget_too_small_ = input_.budget_bytes < least;
  input_.budget_bytes = std::max(input_.budget_bytes, least);
}

std::optional<ArbiterDecision> ArbiterFeed::decide(const ArbiterReadings& now,
                                                   const ArbiterSettings& settings) {
  if (!before_ || now.blocks < before_->blocks) {
    before_ = rules_from_ = now;
    return std::nullopt;
  }
  if (now.blocks == before_->blocks) return std::nullopt;
  learn(now);
  fill_input(now, settings);
  input_.specification.reset();
  if (now.blocks - rules_from_.blocks >= config_.blocks_between_rules) {
    SpecificationFigures figures;
    figures.before = std::exchange(rules_from_, now).caches;
    figures.now = now.caches;
    figures.memory_ratio = now.memory_ratio;
    input_.specification = figures;
  }
  auto decision = decide_memory(input_, config_.arbiter);
  if (budget_too_small_) {
    decision.budget_too_small = true;
    decision.reason =
        "memtables take so much of the budget that the caches have only their "
        "minimums: raise the budget, or lower the write buffer size";
  }
  input_.plan = decision.plan;
  before_ = now;
  return decision;
}

}  // namespace nodetune
