// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include <fmt/format.h>

#include "engine/tuner/rule_list.h"

namespace nodetune::rule {
namespace {

// The window's hit ratio, where it says something.
std::optional<double> hit_ratio(const TunerFigures& figures, const RuleConfig& config) {
  if (figures.block_cache_lookups &&
      *figures.block_cache_lookups < config.block_cache_lookups_min) {
    return std::nullopt;
  }
  return figures.block_cache_hit_ratio;
}

MaybeProposal grow(std::string_view rule, const KnobValues& values, const RuleConfig& config,
                   double factor) {
  constexpr auto kKnob = Knob::block_cache_size;
  const auto current = values[kKnob];
  const auto proposed =
      raised(kKnob, current, scaled(kKnob, current, factor), config.max_recommended_cache_bytes);
  if (!proposed) return std::nullopt;
  auto proposal = make(rule, kKnob, values, *proposed);
  proposal.risk = fmt::format("more memory: {}", cost_text(kKnob, *proposed, values, {}));
  proposal.reversibility = "at once: a smaller cache evicts what no longer fits";
  return proposal;
}

}  // namespace

MaybeProposal block_cache_low_hits(const TunerFigures& figures, const KnobValues& values,
                                   const RuleConfig& config) {
  const auto ratio = hit_ratio(figures, config);
  if (!ratio || !(*ratio < config.hit_ratio_low)) return std::nullopt;
  if (!figures.memory_ratio || !(*figures.memory_ratio < config.memory_ratio_for_growth)) {
    return std::nullopt;
  }
  auto proposal = grow(kBlockCacheLowHits, values, config, config.block_cache_grow_factor);
  if (!proposal) return std::nullopt;
  proposal->evidence = {
      hit_ratio_evidence(Comparison::below, *ratio, config.hit_ratio_low, figures.window_seconds),
      below(Metric::system_memory_ratio, *figures.memory_ratio, config.memory_ratio_for_growth)};
  proposal->expected = "more reads are served from memory instead of the disk";
  return proposal;
}

MaybeProposal block_cache_high_hits(const TunerFigures& figures, const KnobValues& values,
                                    const RuleConfig& config) {
  const auto ratio = hit_ratio(figures, config);
  if (!ratio || !(*ratio > config.hit_ratio_high)) return std::nullopt;
  if (!figures.memory_ratio || !(*figures.memory_ratio < config.memory_ratio_for_more)) {
    return std::nullopt;
  }
  auto proposal = grow(kBlockCacheHighHits, values, config, config.block_cache_more_factor);
  if (!proposal) return std::nullopt;
  proposal->evidence = {
      hit_ratio_evidence(Comparison::above, *ratio, config.hit_ratio_high, figures.window_seconds),
      below(Metric::system_memory_ratio, *figures.memory_ratio, config.memory_ratio_for_more)};
  proposal->expected =
      "the cache serves this load well and memory is free: the misses that are left may go too. "
      "Little may change where the whole working set fits already";
  return proposal;
}

}  // namespace nodetune::rule
