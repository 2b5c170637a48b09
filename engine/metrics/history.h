// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <vector>

#include "engine/base/clock.h"
#include "engine/metrics/snapshot.h"

namespace nodetune {

// One column of a chart: what a metric did between two times.
//
// Of a counter: min and max are of its rate (per second), sum is what it gained, seconds what that
// took, so that sum ÷ seconds is the true mean rate. Of a gauge: of its value, mean = sum ÷ count.
struct HistoryPoint {
  TimePoint begin{};
  TimePoint end{};
  double min = kMissing;
  double max = kMissing;
  double sum = 0;
  double seconds = 0;       // covered by samples
  std::uint32_t count = 0;  // samples; 0 is a gap
  double mean(MetricKind kind) const;
};

// The past, in a pyramid of fixed size: 1 s for an hour, 10 s for 6 hours, 1 min for 2 days,
// 10 min for 60 days.
//
// Thread: add() from the sampler alone; the readers from any, and they copy. A sample brings its
// own time, so that old LOGs can fill it; times must not go back by more than a level's span.
class History {
 public:
  struct Config {
    struct Level {
      Duration step;
      std::size_t points;
    };
    std::array<Level, 4> levels = {{{std::chrono::seconds(1), 3'600},
                                    {std::chrono::seconds(10), 2'160},
                                    {std::chrono::minutes(1), 2'880},
                                    {std::chrono::minutes(10), 8'640}}};
  };

  History() : History(Config{}) {}
  explicit History(const Config& config);

  void add(const Snapshot& snapshot);

  // A few figures of the past: of a counter its rate per second, of a gauge its value.
  struct Sample {
    TimePoint taken_at{};
    double interval_seconds = kMissing;
    std::vector<std::pair<Metric, double>> figures;  // ascending by metric; no histogram's
  };
  // Costs what its figures cost, not what the catalogue holds.
  void add(const Sample& sample);

  // The points of `metric` that end after `begin` and begin before `end`, ascending, from the
  // finest level that still reaches back to `begin`, merged so that there are at most
  // `max_points`. A step without a sample is not in the list: a gap is a jump in time.
  std::vector<HistoryPoint> range(Metric metric, TimePoint begin, TimePoint end,
                                  std::size_t max_points) const;
  // The distribution of what was recorded between the two times, as recorded (histogram_scale).
  HistogramCounts distribution(Metric metric, TimePoint begin, TimePoint end) const;
  // Mean and percentiles of a histogram over time, in the metric's unit.
  struct PercentilePoint {
    TimePoint end{};
    double mean = kMissing;
    double p50 = kMissing;
    double p95 = kMissing;
    double p99 = kMissing;
    std::uint64_t count = 0;
  };
  std::vector<PercentilePoint> percentiles(Metric metric, TimePoint begin, TimePoint end,
                                           std::size_t max_points) const;
  TimePoint first() const;  // of all levels; the epoch when empty
  TimePoint last() const;

 private:
  // All scalar metrics of one step: samples' min, max, sum of each.
  struct Cell {
    double min = kMissing;
    double max = kMissing;
    double sum = 0;
    float seconds = 0;
    std::uint32_t count = 0;
  };
  struct Step {
    TimePoint begin{};
    std::vector<std::pair<Metric, Cell>> cells;  // only what has a value; ascending
    std::map<Metric, HistogramCounts> histograms;
  };
  struct Level {
    Duration step{};
    std::size_t capacity = 0;
    std::deque<Step> steps;  // ascending by begin
  };

  const Level& level_for(TimePoint begin) const;
  using CellPlace = std::vector<std::pair<Metric, Cell>>::iterator;
  // Searches on from `place`; where the cell is afterwards is returned.
  static CellPlace merge_figure(Step& into, CellPlace place, const MetricInfo& metric,
                                double figure, double seconds);
  static void merge(Step& into, const Snapshot& snapshot);
  static void merge(Step& into, const Sample& sample);
  template <typename Taken>
  void add_taken(const Taken& taken);
  Step& step_at(Level& level, TimePoint time);

  mutable std::mutex mutex_;
  std::array<Level, 4> levels_;  // guarded by mutex_
};

}  // namespace nodetune
