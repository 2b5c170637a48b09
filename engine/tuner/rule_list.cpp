// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/tuner/rule_list.h"

#include <algorithm>
#include <utility>

namespace nodetune::rule {
namespace {

constexpr std::string_view kHitRatioTitle = "RocksDB block cache hit ratio";

Evidence evidence(Comparison comparison, Metric metric, double value, double threshold,
                  double window_seconds) {
  return {.text = info(metric).title,
          .metric = metric,
          .window_seconds = window_seconds,
          .comparison = comparison,
          .threshold = threshold,
          .value = value,
          .unit = info(metric).unit};
}

}  // namespace

std::int64_t scaled(Knob knob, std::int64_t value, double factor) {
  const double step = knob_info(knob).step_factor_max;
  const double limited = std::clamp(factor, 1 / step, step);
  // A foreign database may hold any value; the largest double below 2^63 still fits.
  constexpr double kLargest = 9.2e18;
  return static_cast<std::int64_t>(
      std::clamp(static_cast<double>(value) * limited, -kLargest, kLargest));
}

std::optional<std::int64_t> raised(Knob knob, std::int64_t current, std::int64_t wanted,
                                   std::int64_t ceiling) {
  const auto value = std::min({wanted, ceiling, knob_info(knob).maximum});
  return value > current ? std::optional(value) : std::nullopt;
}

std::optional<std::int64_t> lowered(Knob knob, std::int64_t current, std::int64_t wanted,
                                    std::int64_t floor) {
  const auto value = std::max({wanted, floor, knob_info(knob).minimum});
  return value < current ? std::optional(value) : std::nullopt;
}

Evidence above(Metric metric, double value, double threshold, double window_seconds) {
  return evidence(Comparison::above, metric, value, threshold, window_seconds);
}

Evidence below(Metric metric, double value, double threshold, double window_seconds) {
  return evidence(Comparison::below, metric, value, threshold, window_seconds);
}

Evidence hit_ratio_evidence(Comparison comparison, double value, double threshold,
                            double window_seconds) {
  return {.text = std::string(kHitRatioTitle),
          .metric = std::nullopt,
          .window_seconds = window_seconds,
          .comparison = comparison,
          .threshold = threshold,
          .value = value,
          .unit = Unit::ratio};
}

std::optional<double> figure_of(const Evidence& evidence, const TunerFigures& figures) {
  if (!evidence.metric) {
    return evidence.text == kHitRatioTitle ? figures.block_cache_hit_ratio : std::nullopt;
  }
  const std::pair<Metric, const std::optional<double>&> known[] = {
      {Metric::db_stall_seconds_total, figures.stalled_seconds},
      {Metric::system_memory_ratio, figures.memory_ratio},
      {Metric::db_l0_files, figures.l0_files},
      {Metric::disk_free_ratio, figures.disk_remaining_ratio},
      {Metric::system_cpu_ratio, figures.cpu_ratio},
  };
  for (const auto& [metric, figure] : known) {
    if (metric == *evidence.metric) return figure;
  }
  return std::nullopt;
}

Proposal make(std::string_view rule, Knob knob, const KnobValues& values, std::int64_t proposed) {
  Proposal proposal;
  proposal.rule = rule;
  proposal.target = Target::of(knob);
  proposal.current = values[knob];
  proposal.proposed = proposed;
  return proposal;
}

}  // namespace nodetune::rule
