// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "ui/chart/trace_model.h"

#include <algorithm>
#include <cmath>

namespace nodetune {
namespace {

// Beyond the left edge, so that the line enters the picture instead of beginning inside it.
constexpr int kLeadDivisor = 4;
// A series is silent when its next point is this many intervals late.
constexpr int kSilentIntervals = 4;
constexpr qint64 kSilentLeastUs = 5'000'000;
constexpr double kTrendThreshold = 0.05;  // a smaller relative change is steady
constexpr int kTrendDivisor = 6;          // the window's last sixth against the one before
constexpr double kSnapColumns = 3;        // a crosshair this near to a point means it

double mean_between(const ColumnRing& ring, qint64 first, qint64 last) {
  double sum = 0;
  int count = 0;
  for (qint64 i = first; i <= last; ++i) {
    if (const Column* column = ring.at(i)) {
      sum += column->sum;
      count += column->count;
    }
  }
  return count == 0 ? kMissing : sum / count;
}

}  // namespace

void TraceModel::set_series(std::vector<SeriesSpec> specs, SeriesReader reader) {
  specs_ = std::move(specs);
  reader_ = std::move(reader);
  state_.assign(specs_.size(), State{});
}

void TraceModel::set_axis(ChartAxis axis, ChartUnit unit, std::optional<double> fixed_top) {
  scales_[index(axis)].scale = YScale(unit, fixed_top);
}

void TraceModel::set_floor(ChartAxis axis, std::optional<double> value) {
  scales_[index(axis)].floor = value;
}

void TraceModel::set_geometry(qint64 span_us, int columns) {
  columns_ = std::max(1, columns);
  column_us_ = std::max<qint64>(1, (span_us + columns_ - 1) / columns_);
  for (State& state : state_) {
    state.ring.reset(column_us_, columns_ + columns_ / kLeadDivisor + 2);
    state.interval_us = 0;
    state.last_value = kMissing;
  }
}

TraceModel::Change TraceModel::fetch(qint64 now_us) {
  Change change;
  newest_column_ = now_us / column_us_;
  for (int i = 0; i < static_cast<int>(specs_.size()); ++i) {
    const qint64 dirty = fetch_series(i, now_us);
    if (dirty >= 0 && (change.dirty_from < 0 || dirty < change.dirty_from)) {
      change.dirty_from = dirty;
    }
  }
  change.rescaled = rescale();
  return change;
}

qint64 TraceModel::fetch_series(int series, qint64 now_us) {
  if (!reader_) return -1;
  State& state = state_[static_cast<std::size_t>(series)];
  const qint64 lead_us = columns_ / kLeadDivisor * column_us_;
  const qint64 window_start_us = oldest_column() * column_us_ - lead_us;
  const qint64 after_us = std::max(state.ring.last_time_us(), window_start_us);
  if (after_us >= now_us) return -1;
  points_.clear();
  const qint64 most = (now_us - after_us) / column_us_ + 2;
  reader_(series, after_us, now_us, static_cast<int>(std::min<qint64>(most, columns_ * 2)),
          &points_);
  qint64 dirty = -1;
  for (const ChartPoint& point : points_) {
    if (point.time_us > now_us || point.time_us < window_start_us) continue;
    const qint64 previous_us = state.ring.last_time_us();
    const qint64 column = state.ring.add(point);
    if (state.ring.last_time_us() == point.time_us) state.last_value = point.mean;
    if (previous_us >= 0 && !point.gap_before) state.interval_us = point.time_us - previous_us;
    if (column < 0 || dirty >= 0) continue;
    // The segment from the column before, and the pen's width on its far side, change too.
    const Column* before = state.ring.before(column);
    dirty = std::max<qint64>(0, (before != nullptr ? before->index : column) - 3);
  }
  return dirty;
}

bool TraceModel::rescale() {
  double visible[2] = {kMissing, kMissing};
  for (std::size_t i = 0; i < specs_.size(); ++i) {
    double& top = visible[index(specs_[i].axis)];
    for (qint64 c = oldest_column(); c <= newest_column_; ++c) {
      const Column* column = state_[i].ring.at(c);
      if (column != nullptr && !(column->max <= top)) top = column->max;
    }
  }
  bool changed = false;
  for (std::size_t axis = 0; axis < 2; ++axis) {
    const auto& floor = scales_[axis].floor;
    if (floor && !(visible[axis] >= *floor)) visible[axis] = *floor;
    changed |= scales_[axis].scale.update(visible[axis]);
  }
  return changed;
}

const YScale& TraceModel::scale_of(int series) const {
  return scale(specs_[static_cast<std::size_t>(series)].axis);
}

bool TraceModel::has_right_axis() const {
  return std::any_of(specs_.begin(), specs_.end(),
                     [](const SeriesSpec& spec) { return spec.axis == ChartAxis::right; });
}

bool TraceModel::empty() const {
  return std::all_of(state_.begin(), state_.end(),
                     [this](const State& state) { return state.ring.newest() < oldest_column(); });
}

bool TraceModel::ever_filled() const {
  return std::any_of(state_.begin(), state_.end(),
                     [](const State& state) { return state.ring.newest() >= 0; });
}

double TraceModel::position(qint64 time_us) const {
  const qint64 right_us = (newest_column_ + 1) * column_us_;
  return columns_ - static_cast<double>(right_us - time_us) / static_cast<double>(column_us_);
}

qint64 TraceModel::time_at(double position) const {
  const qint64 right_us = (newest_column_ + 1) * column_us_;
  return right_us - std::llround((columns_ - position) * static_cast<double>(column_us_));
}

std::optional<ChartReading> TraceModel::value_at(int series, qint64 time_us) const {
  const ColumnRing& ring = this->ring(series);
  const qint64 wanted = time_us / column_us_;
  const Column* left = ring.at(wanted);
  const Column* right = left;
  if (left == nullptr) {
    left = ring.before(wanted);
    right = ring.after(wanted);
  }
  const auto distance = [&](const Column* column) {
    if (column == nullptr) return HUGE_VAL;
    return std::fabs(static_cast<double>(column->index - wanted));
  };
  const Column* found = distance(right) < distance(left) ? right : left;
  if (found == nullptr) return std::nullopt;
  const bool step = specs_[static_cast<std::size_t>(series)].style == SeriesStyle::step;
  const bool between = left != nullptr && right != nullptr && !(left != right && right->gap_before);
  if (between) {
    if (step) found = left;
  } else if (distance(found) > kSnapColumns) {
    return std::nullopt;
  }
  return ChartReading{found->min, found->max, found->mean()};
}

std::optional<double> TraceModel::current(int series, qint64 now_us) const {
  const State& state = state_[static_cast<std::size_t>(series)];
  if (!std::isfinite(state.last_value)) return std::nullopt;
  const qint64 patience_us = std::max(kSilentLeastUs, kSilentIntervals * state.interval_us);
  if (now_us - state.ring.last_time_us() > patience_us) return std::nullopt;
  return state.last_value;
}

Trend TraceModel::trend(int series) const {
  const ColumnRing& ring = this->ring(series);
  const qint64 part = std::max(1, columns_ / kTrendDivisor);
  const double now = mean_between(ring, newest_column_ - part + 1, newest_column_);
  const double before = mean_between(ring, newest_column_ - 2 * part + 1, newest_column_ - part);
  if (!std::isfinite(now) || !std::isfinite(before)) return Trend::unknown;
  const double least = kTrendThreshold * std::max(std::fabs(now), std::fabs(before));
  if (now - before > least) return Trend::rising;
  if (before - now > least) return Trend::falling;
  return Trend::steady;
}

}  // namespace nodetune
