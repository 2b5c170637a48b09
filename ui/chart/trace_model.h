// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <optional>
#include <vector>

#include "ui/chart/axis_scale.h"
#include "ui/chart/chart_types.h"
#include "ui/chart/column_ring.h"

namespace nodetune {

enum class Trend { unknown, falling, steady, rising };

// What a chart knows of its series: the columns of the window, the Y scales, the newest values.
//
// Invariant: a fetch asks the reader only for points newer than those it has, unless the window's
// geometry changed. Thread: GUI. Times: microseconds since the epoch.
class TraceModel {
 public:
  struct Change {
    qint64 dirty_from = -1;  // the first column that looks different; -1: none
    bool rescaled = false;   // a Y axis changed: everything looks different
  };

  void set_series(std::vector<SeriesSpec> specs, SeriesReader reader);
  void set_axis(ChartAxis axis, ChartUnit unit, std::optional<double> fixed_top);
  // The value that an axis must reach in any case; nothing to lift it.
  void set_floor(ChartAxis axis, std::optional<double> value);

  // Forgets the points; the next fetch reads the whole window.
  void set_geometry(qint64 span_us, int columns);

  Change fetch(qint64 now_us);

  qint64 newest_column() const { return newest_column_; }
  qint64 column_us() const { return column_us_; }
  int columns() const { return columns_; }
  const std::vector<SeriesSpec>& specs() const { return specs_; }
  const ColumnRing& ring(int series) const { return state_[static_cast<std::size_t>(series)].ring; }
  const YScale& scale(ChartAxis axis) const { return scales_[index(axis)].scale; }
  const YScale& scale_of(int series) const;
  bool has_right_axis() const;
  bool empty() const;        // no series has a point in the window
  bool ever_filled() const;  // some series had one since the geometry was set

  // The column where the time lies, as a fraction counted from the window's left edge.
  double position(qint64 time_us) const;
  qint64 time_at(double position) const;

  // What the series was at that time: the nearest point, nothing inside a gap or beyond the ends.
  std::optional<ChartReading> value_at(int series, qint64 time_us) const;
  // The newest value; nothing when the series fell silent.
  std::optional<double> current(int series, qint64 now_us) const;
  Trend trend(int series) const;

 private:
  struct State {
    ColumnRing ring;
    qint64 interval_us = 0;  // between the last two points
    double last_value = kMissing;
  };
  struct Axis {
    YScale scale;
    std::optional<double> floor;
  };
  static std::size_t index(ChartAxis axis) { return axis == ChartAxis::left ? 0 : 1; }

  qint64 fetch_series(int series, qint64 now_us);
  bool rescale();
  qint64 oldest_column() const { return newest_column_ - columns_ + 1; }

  std::vector<SeriesSpec> specs_;
  std::vector<State> state_;
  SeriesReader reader_;
  Axis scales_[2];
  std::vector<ChartPoint> points_;  // kept for its memory
  qint64 column_us_ = 1;
  qint64 newest_column_ = 0;
  int columns_ = 0;
};

}  // namespace nodetune
