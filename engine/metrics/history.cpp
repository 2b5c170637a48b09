// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/metrics/history.h"

#include <algorithm>
#include <cmath>

namespace nodetune {

double HistoryPoint::mean(MetricKind kind) const {
  if (count == 0) return kMissing;
  if (kind == MetricKind::counter) return seconds > 0 ? sum / seconds : kMissing;
  return sum / count;
}

History::History(const Config& config) {
  for (std::size_t index = 0; index < levels_.size(); ++index) {
    levels_[index].step = config.levels[index].step;
    levels_[index].capacity = config.levels[index].points;
  }
}

History::Step& History::step_at(Level& level, TimePoint time) {
  const auto ticks = time.time_since_epoch() / level.step;
  const TimePoint begin(ticks * level.step);
  if (level.steps.empty() || level.steps.back().begin < begin) {
    level.steps.push_back({begin, {}, {}});
    return level.steps.back();
  }
  auto place = std::lower_bound(level.steps.begin(), level.steps.end(), begin,
                                [](const Step& step, TimePoint t) { return step.begin < t; });
  if (place == level.steps.end() || place->begin != begin) {
    place = level.steps.insert(place, {begin, {}, {}});
  }
  return *place;
}

History::CellPlace History::merge_figure(Step& into, CellPlace place, const MetricInfo& metric,
                                         double figure, double seconds) {
  if (std::isnan(figure)) return place;
  while (place != into.cells.end() && place->first < metric.id) ++place;
  if (place == into.cells.end() || place->first != metric.id) {
    place = into.cells.insert(place, {metric.id, {}});
  }
  const double covered = std::isnan(seconds) ? 0 : seconds;
  auto& cell = place->second;
  cell.min = cell.count == 0 ? figure : std::min(cell.min, figure);
  cell.max = cell.count == 0 ? figure : std::max(cell.max, figure);
  cell.sum += metric.kind == MetricKind::counter ? figure * covered : figure;
  cell.seconds += static_cast<float>(covered);
  ++cell.count;
  return place;
}

void History::merge(Step& into, const Snapshot& snapshot) {
  auto place = into.cells.begin();
  for (const auto& metric : catalogue()) {
    if (metric.kind == MetricKind::histogram) continue;
    const bool counter = metric.kind == MetricKind::counter;
    place = merge_figure(into, place, metric,
                         counter ? snapshot.rate(metric.id) : snapshot.value(metric.id),
                         snapshot.interval_seconds);
  }
  for (const auto& [metric, counts] : snapshot.deltas) {
    if (!counts.empty()) into.histograms[metric].add(counts);
  }
}

void History::merge(Step& into, const Sample& sample) {
  auto place = into.cells.begin();
  for (const auto& [metric, figure] : sample.figures) {
    place = merge_figure(into, place, info(metric), figure, sample.interval_seconds);
  }
}

template <typename Taken>
void History::add_taken(const Taken& taken) {
  const std::lock_guard lock(mutex_);
  for (auto& level : levels_) {
    // A full level has no room for what is older than all that it keeps.
    const bool full = level.steps.size() >= level.capacity;
    if (full && taken.taken_at < level.steps.front().begin) continue;
    merge(step_at(level, taken.taken_at), taken);
    while (level.steps.size() > level.capacity) level.steps.pop_front();
  }
}

void History::add(const Snapshot& snapshot) {
  add_taken(snapshot);
}

void History::add(const Sample& sample) {
  add_taken(sample);
}

const History::Level& History::level_for(TimePoint begin) const {
  for (const auto& level : levels_) {
    // A level that has not yet dropped anything reaches back as far as there is anything.
    if (level.steps.size() < level.capacity) return level;
    if (level.steps.front().begin <= begin) return level;
  }
  return levels_.back();
}

namespace {

// Calls visit(steps of one bucket) for each run of steps that shares a chart column.
template <typename Steps, typename Visit>
void for_each_column(const Steps& steps, Duration step, TimePoint begin, TimePoint end,
                     std::size_t max_points, Visit visit) {
  const auto span = std::max<Duration::rep>((end - begin) / step, 1);
  const auto wanted = static_cast<Duration::rep>(std::max<std::size_t>(max_points, 2) - 1);
  const Duration width = step * std::max<Duration::rep>((span + wanted - 1) / wanted, 1);
  auto from = std::partition_point(steps.begin(), steps.end(),
                                   [&](const auto& s) { return s.begin + step <= begin; });
  while (from != steps.end() && from->begin < end) {
    // Columns lie on a grid of absolute time, so that they do not flicker as the window moves.
    const auto column = from->begin.time_since_epoch() / width;
    auto to = from;
    while (to != steps.end() && to->begin < end && to->begin.time_since_epoch() / width == column) {
      ++to;
    }
    visit(from, to);
    from = to;
  }
}

}  // namespace

std::vector<HistoryPoint> History::range(Metric metric, TimePoint begin, TimePoint end,
                                         std::size_t max_points) const {
  const std::lock_guard lock(mutex_);
  const auto& level = level_for(begin);
  std::vector<HistoryPoint> points;
  for_each_column(level.steps, level.step, begin, end, max_points, [&](auto from, auto to) {
    HistoryPoint point;
    for (auto step = from; step != to; ++step) {
      const auto cell =
          std::lower_bound(step->cells.begin(), step->cells.end(), metric,
                           [](const auto& entry, Metric id) { return entry.first < id; });
      if (cell == step->cells.end() || cell->first != metric) continue;
      if (point.count == 0) {
        point.begin = step->begin;
        point.min = cell->second.min;
        point.max = cell->second.max;
      }
      point.end = step->begin + level.step;
      point.min = std::min(point.min, cell->second.min);
      point.max = std::max(point.max, cell->second.max);
      point.sum += cell->second.sum;
      point.seconds += cell->second.seconds;
      point.count += cell->second.count;
    }
    if (point.count > 0) points.push_back(point);
  });
  return points;
}

HistogramCounts History::distribution(Metric metric, TimePoint begin, TimePoint end) const {
  const std::lock_guard lock(mutex_);
  const auto& level = level_for(begin);
  HistogramCounts counts;
  for (const auto& step : level.steps) {
    if (step.begin + level.step <= begin || step.begin >= end) continue;
    const auto found = step.histograms.find(metric);
    if (found != step.histograms.end()) counts.add(found->second);
  }
  return counts;
}

std::vector<History::PercentilePoint> History::percentiles(Metric metric, TimePoint begin,
                                                           TimePoint end,
                                                           std::size_t max_points) const {
  const std::lock_guard lock(mutex_);
  const auto& level = level_for(begin);
  const double scale = histogram_scale(metric);
  std::vector<PercentilePoint> points;
  for_each_column(level.steps, level.step, begin, end, max_points, [&](auto from, auto to) {
    HistogramCounts counts;
    PercentilePoint point;
    for (auto step = from; step != to; ++step) {
      const auto found = step->histograms.find(metric);
      if (found == step->histograms.end()) continue;
      counts.add(found->second);
      point.end = step->begin + level.step;
    }
    if (counts.empty()) return;
    point.mean = counts.mean() * scale;
    point.p50 = counts.percentile(0.50) * scale;
    point.p95 = counts.percentile(0.95) * scale;
    point.p99 = counts.percentile(0.99) * scale;
    point.count = counts.count;
    points.push_back(point);
  });
  return points;
}

TimePoint History::first() const {
  const std::lock_guard lock(mutex_);
  TimePoint earliest{};
  for (const auto& level : levels_) {
    if (level.steps.empty()) continue;
    const auto begin = level.steps.front().begin;
    if (earliest == TimePoint{} || begin < earliest) earliest = begin;
  }
  return earliest;
}

TimePoint History::last() const {
  const std::lock_guard lock(mutex_);
  return levels_.front().steps.empty() ? TimePoint{} : levels_.front().steps.back().begin;
}

}  // namespace nodetune
