// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <QString>
#include <optional>
#include <vector>

#include "ui/chart/chart_types.h"

namespace nodetune {

// The smallest round figure >= `at_least` that an axis of this unit may end at: 1-2-5 steps,
// powers of two for bytes, whole minutes and hours for long times.
double round_top(ChartUnit unit, double at_least);

// Into how many equal parts an axis ending at `top` is divided: at most `most`, each part round.
int axis_divisions(ChartUnit unit, double top, int most);

// "512 KiB", "40 ms", "20 %", "1.5 k": for gridlines, without the "/s" that the title has.
QString axis_label(ChartUnit unit, double value);
// "12.4 k/s", "3.20 MiB/s", "81.3 %"; "–" where missing: for legends and tables.
QString value_label(ChartUnit unit, double value);
// What stands behind a title: "per second"; empty where the labels say it all.
QString unit_name(ChartUnit unit);

// Where a Y axis ends. It follows the visible maximum in round steps with hysteresis: it grows
// as soon as a value would leave the picture, and shrinks only when the lower step would still
// leave a fifth of it free, so that a value near a step does not make it flicker.
class YScale {
 public:
  explicit YScale(ChartUnit unit = ChartUnit::count, std::optional<double> fixed_top = {});

  // True when the top changed. A maximum that is missing or not above zero changes nothing.
  bool update(double visible_max);
  double top() const { return top_; }
  ChartUnit unit() const { return unit_; }

 private:
  ChartUnit unit_;
  bool fixed_;
  double top_;
};

// Gridlines of a window that ends now.
struct TimeTick {
  qint64 ago_us = 0;
  QString label;  // "now", "−30 s", "−5 min"
};
std::vector<TimeTick> time_ticks(qint64 span_us, int width_px);

// "−12.4 s", "−3 min 20 s".
QString ago_label(qint64 ago_us);

}  // namespace nodetune
