// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <QString>
#include <QtGlobal>
#include <functional>
#include <optional>
#include <vector>

#include "engine/base/clock.h"
#include "engine/base/missing.h"

// What charts are fed with. They know no metric: a page translates.

namespace nodetune {

// A moment as charts have it: microseconds since the epoch.
inline qint64 to_us(TimePoint time) {
  return time.time_since_epoch().count();
}

// One sample or one bucket of samples of a series. A value that is not finite is a gap.
struct ChartPoint {
  qint64 time_us = 0;  // since the epoch; a bucket's end
  double min = kMissing;
  double max = kMissing;
  double mean = kMissing;
  bool gap_before = false;  // nothing is known between the previous point and this one
};

enum class ChartUnit { count, per_second, bytes, bytes_per_second, seconds, ratio };
enum class ChartAxis { left, right };

enum class SeriesStyle {
  line,
  step,  // the value holds until the next point: capacities, thresholds, knobs
  area,  // a line with a faint fill: for one series alone
};

struct SeriesSpec {
  QString name;
  int colour_index = 0;  // series_colour(); negative for context
  SeriesStyle style = SeriesStyle::line;
  ChartAxis axis = ChartAxis::left;
};

// Appends to `points` those of `series` in (after_us, until_us], oldest first, reduced to about
// `max_points` by min and max where there are more. A live chart asks every frame for what is
// newer than what it has, so a point must be final when it is given, and an empty answer cheap.
// Thread: GUI. Must not block.
using SeriesReader = std::function<void(int series, qint64 after_us, qint64 until_us,
                                        int max_points, std::vector<ChartPoint>* points)>;

// A vertical line: a knob's change, a stall, a restart.
struct ChartMarker {
  qint64 time_us = 0;
  QString text;  // short: "write_buffer_size → 128 MiB"
};

// A horizontal line, such as a limit.
struct ChartThreshold {
  double value = 0;
  QString text;
  ChartAxis axis = ChartAxis::left;
  bool keep_in_view = true;  // the axis reaches at least this far
};

// What a chart painted since it was made: figures for tests and diagnostics.
struct ChartPaintStats {
  qint64 columns_painted = 0;  // of the traces
  qint64 full_repaints = 0;    // of the traces
  qint64 backgrounds = 0;      // renderings of grid and labels
  qint64 frames = 0;           // paint events
};

struct ChartReading {
  double min = kMissing;
  double max = kMissing;
  double mean = kMissing;
};

}  // namespace nodetune
