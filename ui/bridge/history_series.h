// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <QString>
#include <vector>

#include "engine/metrics/catalogue.h"
#include "engine/metrics/history.h"
#include "ui/chart/chart_types.h"

namespace nodetune {

class ChartPanel;
class NodeSession;

enum class Percentile : std::uint8_t { mean, p50, p95, p99 };

// One line of a chart as a page names it: a metric, or what is derived from several.
//
// Counters are shown as rates, gauges as they are, histograms as mean or percentile of each
// column. A sum adds the metrics; a ratio divides the sum of `metrics` by the sum of
// `denominators`, both over the same time: hits / (hits + misses) of what was looked up then.
struct SeriesSource {
  std::vector<Metric> metrics;
  std::vector<Metric> denominators;          // empty: no ratio
  Percentile percentile = Percentile::mean;  // of a histogram
  double factor = 1;                         // 100 for "per hundred", say

  static SeriesSource of(Metric metric);
  static SeriesSource of(Metric histogram, Percentile percentile);
  static SeriesSource sum(std::vector<Metric> metrics);
  static SeriesSource ratio(std::vector<Metric> numerators, std::vector<Metric> denominators);
};

// hits / lookups, evictions / lookups of one object cache, and of all seven together.
SeriesSource cache_hit_ratio(ObjectKind kind);
SeriesSource cache_miss_ratio(ObjectKind kind);
SeriesSource cache_eviction_ratio(ObjectKind kind);
SeriesSource all_caches_hit_ratio();

inline constexpr qint64 kLiveStepUs = 1'000'000;  // samples come once a second

// The points of `source` with an end in (after_us, until_us], only whole steps of the history, so
// that a point never changes later. Gaps, of more than three steps between samples, are marked.
std::vector<ChartPoint> read_series(const History& history, const SeriesSource& source,
                                    qint64 after_us, qint64 until_us, int max_points,
                                    qint64 step_us = kLiveStepUs);

// The one figure of `source` over the whole of [begin, end]: mean rate, mean gauge, percentile or
// ratio; missing where nothing is known.
double figure_over(const History& history, const SeriesSource& source, TimePoint begin,
                   TimePoint end);

// What a counter gained in [begin, end]; missing where nothing is known.
double gain_over(const History& history, Metric counter, TimePoint begin, TimePoint end);

// A reader for ChartPanel::set_series. Returns nothing while no node is open; the session must
// outlive it.
SeriesReader history_reader(const NodeSession& session, std::vector<SeriesSource> sources);

}  // namespace nodetune
