// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "ui/bridge/history_series.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <utility>

#include "ui/bridge/node_session.h"

namespace nodetune {
namespace {

// A sample that is late may skip a step, so a hole begins after three.
constexpr double kGapSteps = 3.5;

TimePoint from_us(qint64 time_us) {
  return TimePoint(Duration(time_us));
}

MetricKind kind_of(const SeriesSource& source) {
  return info(source.metrics.front()).kind;
}

// What a metric did in one column, so that several metrics can be put together.
struct Column {
  qint64 begin_us = 0;
  double total = 0;  // a counter's gain; a gauge's mean
  double seconds = 0;
  double min = 0;
  double max = 0;
  int metrics = 0;  // how many of them have a figure in this column
};
using Columns = std::map<qint64, Column>;  // by end

Columns columns_of(const History& history, const std::vector<Metric>& metrics, TimePoint begin,
                   TimePoint end, std::size_t max_points) {
  Columns columns;
  for (const auto metric : metrics) {
    const auto kind = info(metric).kind;
    for (const auto& point : history.range(metric, begin, end, max_points)) {
      auto& column = columns[to_us(point.end)];
      column.begin_us =
          column.metrics == 0 ? to_us(point.begin) : std::min(column.begin_us, to_us(point.begin));
      column.total += kind == MetricKind::counter ? point.sum : point.mean(kind);
      column.seconds = std::max(column.seconds, point.seconds);
      column.min += point.min;
      column.max += point.max;
      ++column.metrics;
    }
  }
  return columns;
}

ChartPoint plain_point(qint64 end_us, const Column& column, const SeriesSource& source) {
  ChartPoint point;
  point.time_us = end_us;
  const bool whole = column.metrics == static_cast<int>(source.metrics.size());
  if (!whole) return point;  // a sum that lacks a part would be a lie
  const bool counter = kind_of(source) == MetricKind::counter;
  const double mean = counter ? column.total / column.seconds : column.total;
  if (!std::isfinite(mean)) return point;
  point.mean = mean * source.factor;
  // Of several metrics the sum of the extremes bounds the extreme of the sum; only one is exact.
  const bool exact = source.metrics.size() == 1;
  point.min = exact ? column.min * source.factor : point.mean;
  point.max = exact ? column.max * source.factor : point.mean;
  return point;
}

ChartPoint ratio_point(qint64 end_us, const Column& above, const Columns& denominators,
                       const SeriesSource& source) {
  ChartPoint point;
  point.time_us = end_us;
  const auto below = denominators.find(end_us);
  if (below == denominators.end() || below->second.total <= 0) return point;
  point.mean = point.min = point.max = above.total / below->second.total * source.factor;
  return point;
}

void append(std::vector<ChartPoint>& points, ChartPoint point, qint64 begin_us, qint64 gap_us,
            qint64* last_end) {
  point.gap_before = begin_us - *last_end > gap_us;
  *last_end = point.time_us;
  points.push_back(point);
}

std::vector<ChartPoint> read_percentiles(const History& history, const SeriesSource& source,
                                         qint64 after_us, TimePoint end, std::size_t max_points) {
  std::vector<ChartPoint> points;
  for (const auto& column :
       history.percentiles(source.metrics.front(), from_us(after_us), end, max_points)) {
    double value = kMissing;
    switch (source.percentile) {
      case Percentile::mean:
        value = column.mean;
        break;
      case Percentile::p50:
        value = column.p50;
        break;
      case Percentile::p95:
        value = column.p95;
        break;
      case Percentile::p99:
        value = column.p99;
        break;
    }
    ChartPoint point;
    point.time_us = to_us(column.end);
    point.min = point.max = point.mean = value * source.factor;
    points.push_back(point);
  }
  return points;
}

double sum_over(const History& history, const std::vector<Metric>& metrics, TimePoint begin,
                TimePoint end) {
  double sum = 0;
  bool any = false;
  for (const auto metric : metrics) {
    for (const auto& point : history.range(metric, begin, end, /*max_points=*/1'000)) {
      sum += point.sum;
      any = true;
    }
  }
  return any ? sum : kMissing;
}

double mean_over(const History& history, Metric metric, TimePoint begin, TimePoint end) {
  double sum = 0;
  double weight = 0;
  const bool counter = info(metric).kind == MetricKind::counter;
  for (const auto& point : history.range(metric, begin, end, /*max_points=*/1'000)) {
    sum += point.sum;
    weight += counter ? point.seconds : point.count;
  }
  return weight > 0 ? sum / weight : kMissing;
}

std::vector<Metric> lookups(ObjectKind kind) {
  return {cache_metric(CacheMetric::hits, kind), cache_metric(CacheMetric::misses, kind)};
}

}  // namespace

SeriesSource SeriesSource::of(Metric metric) {
  SeriesSource source;
  source.metrics = {metric};
  return source;
}

SeriesSource SeriesSource::of(Metric histogram, Percentile percentile) {
  auto source = of(histogram);
  source.percentile = percentile;
  return source;
}

SeriesSource SeriesSource::sum(std::vector<Metric> metrics) {
  SeriesSource source;
  source.metrics = std::move(metrics);
  return source;
}

SeriesSource SeriesSource::ratio(std::vector<Metric> numerators, std::vector<Metric> denominators) {
  auto source = sum(std::move(numerators));
  source.denominators = std::move(denominators);
  return source;
}

SeriesSource cache_hit_ratio(ObjectKind kind) {
  return SeriesSource::ratio({cache_metric(CacheMetric::hits, kind)}, lookups(kind));
}

SeriesSource cache_miss_ratio(ObjectKind kind) {
  return SeriesSource::ratio({cache_metric(CacheMetric::misses, kind)}, lookups(kind));
}

SeriesSource cache_eviction_ratio(ObjectKind kind) {
  return SeriesSource::ratio({cache_metric(CacheMetric::evictions, kind)}, lookups(kind));
}

SeriesSource all_caches_hit_ratio() {
  SeriesSource source;
  for (const auto kind : kObjectKinds) {
    source.metrics.push_back(cache_metric(CacheMetric::hits, kind));
    for (const auto metric : lookups(kind)) source.denominators.push_back(metric);
  }
  return source;
}

std::vector<ChartPoint> read_series(const History& history, const SeriesSource& source,
                                    qint64 after_us, qint64 until_us, int max_points,
                                    qint64 step_us) {
  const auto gap_us = static_cast<qint64>(kGapSteps * static_cast<double>(step_us));
  // The newest step is still being filled.
  const qint64 whole_us = std::min(until_us, to_us(history.last()));
  if (whole_us <= after_us || source.metrics.empty()) return {};
  const TimePoint begin = from_us(after_us);
  const TimePoint end = from_us(whole_us);
  const auto most = static_cast<std::size_t>(std::max(max_points, 2));
  if (kind_of(source) == MetricKind::histogram) {
    return read_percentiles(history, source, after_us, end, most);
  }
  const auto columns = columns_of(history, source.metrics, begin, end, most);
  Columns below;
  if (!source.denominators.empty()) {
    below = columns_of(history, source.denominators, begin, end, most);
  }
  std::vector<ChartPoint> points;
  qint64 last_end = after_us;
  for (const auto& [end_us, column] : columns) {
    if (end_us > whole_us) continue;
    append(points,
           source.denominators.empty() ? plain_point(end_us, column, source)
                                       : ratio_point(end_us, column, below, source),
           column.begin_us, gap_us, &last_end);
  }
  return points;
}

double figure_over(const History& history, const SeriesSource& source, TimePoint begin,
                   TimePoint end) {
  if (source.metrics.empty()) return kMissing;
  if (!source.denominators.empty()) {
    const double below = sum_over(history, source.denominators, begin, end);
    if (!(below > 0)) return kMissing;
    return sum_over(history, source.metrics, begin, end) / below * source.factor;
  }
  if (kind_of(source) == MetricKind::histogram) {
    const auto metric = source.metrics.front();
    const auto counts = history.distribution(metric, begin, end);
    const double scale = histogram_scale(metric) * source.factor;
    switch (source.percentile) {
      case Percentile::mean:
        return counts.mean() * scale;
      case Percentile::p50:
        return counts.percentile(0.50) * scale;
      case Percentile::p95:
        return counts.percentile(0.95) * scale;
      case Percentile::p99:
        return counts.percentile(0.99) * scale;
    }
  }
  return std::accumulate(source.metrics.begin(), source.metrics.end(), 0.0,
                         [&](double sum, Metric metric) {
                           return sum + mean_over(history, metric, begin, end);
                         }) *
         source.factor;
}

double gain_over(const History& history, Metric counter, TimePoint begin, TimePoint end) {
  return sum_over(history, {counter}, begin, end);
}

SeriesReader history_reader(const NodeSession& session, std::vector<SeriesSource> sources) {
  return [&session, sources = std::move(sources)](int series, qint64 after_us, qint64 until_us,
                                                  int max_points, std::vector<ChartPoint>* points) {
    const auto index = static_cast<std::size_t>(series);
    if (session.history() == nullptr || index >= sources.size()) return;
    const auto& recorded = session.description().recorded;
    const qint64 step_us =
        recorded ? std::max<qint64>(recorded->step.count(), kLiveStepUs) : kLiveStepUs;
    *points =
        read_series(*session.history(), sources[index], after_us, until_us, max_points, step_us);
  };
}

}  // namespace nodetune
