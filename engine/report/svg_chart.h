// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/clock.h"
#include "engine/base/missing.h"
#include "engine/metrics/catalogue.h"

// Charts as SVG, without any library: for the HTML page, the PDF and whoever wants a picture.

namespace nodetune {

// One column of a series. A mean that is not finite draws nothing and ends the line.
struct SvgPoint {
  TimePoint time{};
  double min = kMissing;  // with max: the band; missing: none
  double max = kMissing;
  double mean = kMissing;
  bool gap_before = false;  // nothing is known between the point before and this one
};

struct SvgSeries {
  std::string name;
  std::string detail = {};            // behind the name in the legend: "mean 310 µs, max 2.4 ms"
  int colour = 0;                     // 0 to 6; wraps around
  bool filled = false;                // an area: for one series alone
  bool stepped = false;               // the value holds until the next point: capacities
  std::vector<SvgPoint> points = {};  // ascending
};

struct SvgMarker {
  TimePoint time{};
  std::string text;  // "write_buffer_size → 96 MiB"
};

struct SvgThreshold {
  double value = 0;
  std::string text;
};

struct SvgChart {
  std::string title;  // drawn only where it stands alone, but always told to screen readers
  Unit unit = Unit::count;
  bool per_second = false;
  TimePoint begin{};
  TimePoint end{};
  std::vector<SvgSeries> series;
  std::vector<SvgMarker> markers;  // those outside the time are not drawn
  std::optional<SvgThreshold> threshold;
  std::optional<double> fixed_top;
};

struct SvgOptions {
  int width = 560;  // of the coordinates; the legend adds to the height
  int plot_height = 150;
  // A file of its own: with name space, title and background. Else it is to be put inline into a
  // page, whose style sheet may recolour the classes s0 to s6, b0 to b6, grid, dim, ink.
  bool standalone = false;
};

// Of the light page.
inline constexpr std::string_view kSvgGrid = "#dfe3e8";
inline constexpr std::string_view kSvgDim = "#5b6570";
inline constexpr int kSvgColours = 7;
// "#0072b2": of the light page, and of a dark one.
std::string_view svg_colour(int index, bool dark);

// Well-formed XML; all text is escaped. Values below zero are drawn at zero: no metric has them.
std::string render_chart_svg(const SvgChart& chart, const SvgOptions& options = {});

// Where an axis ends and how it is divided, so that every gridline is a round figure of its unit.
struct RoundAxis {
  double top = 1;
  int divisions = 4;
};
RoundAxis round_axis(Unit unit, double at_least);
// "512 KiB", "40 ms", "20 %", "1.5 k".
std::string axis_text(Unit unit, double value);

}  // namespace nodetune
