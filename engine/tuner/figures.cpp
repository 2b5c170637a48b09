// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include <cmath>

#include "engine/tuner/rules.h"

namespace nodetune {
namespace {

std::optional<double> if_finite(double value) {
  return std::isfinite(value) ? std::optional(value) : std::nullopt;
}

// What a counter gained in the window.
std::optional<double> gained(const Snapshot& older, const Snapshot& newer, Metric metric) {
  const double difference = newer.value(metric) - older.value(metric);  // NaN if either is missing
  return difference >= 0 ? if_finite(difference) : std::nullopt;
}

std::optional<double> window_mean(const History& history, Metric metric, TimePoint begin,
                                  TimePoint end) {
  const auto points = history.range(metric, begin, end, 1);
  return points.empty() ? std::nullopt : if_finite(points.front().mean(info(metric).kind));
}

// The catalogue's figure is the worst family's; which one that is, the families say.
std::string worst_l0_family(const Snapshot& snapshot) {
  const FamilyFigures* worst = nullptr;
  for (const auto& family : snapshot.families) {
    if (!std::isfinite(family.l0_files)) continue;
    if (worst == nullptr || family.l0_files > worst->l0_files) worst = &family;
  }
  return worst == nullptr ? std::string() : worst->name;
}

}  // namespace

TunerFigures figures_from(const Snapshot& older, const Snapshot& newer, const History* history) {
  TunerFigures figures;
  const double seconds = to_seconds(newer.taken_at - older.taken_at);
  if (seconds <= 0) return figures;
  figures.window_seconds = seconds;
  figures.stalled_seconds = gained(older, newer, Metric::db_stall_seconds_total);
  figures.memory_ratio = if_finite(newer.value(Metric::system_memory_ratio));
  figures.l0_files = if_finite(newer.value(Metric::db_l0_files));
  figures.l0_family = worst_l0_family(newer);
  figures.disk_remaining_ratio = if_finite(newer.value(Metric::disk_free_ratio));
  const auto hits = gained(older, newer, Metric::db_block_cache_hits_total);
  const auto misses = gained(older, newer, Metric::db_block_cache_misses_total);
  if (hits && misses) {
    figures.block_cache_lookups = *hits + *misses;
    if (*hits + *misses > 0) figures.block_cache_hit_ratio = *hits / (*hits + *misses);
  }
  figures.cpu_ratio = if_finite(newer.value(Metric::system_cpu_ratio));
  if (history != nullptr) {
    if (const auto mean =
            window_mean(*history, Metric::system_cpu_ratio, older.taken_at, newer.taken_at)) {
      figures.cpu_ratio = mean;
    }
  }
  return figures;
}

}  // namespace nodetune
