// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/report/svg_timeline.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>
#include <string_view>
#include <tuple>

#include "engine/report/report_text.h"
#include "engine/report/svg_chart.h"

namespace nodetune {
namespace {

constexpr int kWidth = 1120;       // as wide as two charts
constexpr int kTimelineLeft = 84;  // of the lanes' names
constexpr int kTimelineRight = 8;
constexpr int kLane = 18;
constexpr int kBar = 11;
constexpr int kTimelineBelow = 22;
constexpr double kBarMin = 1.5;
constexpr double kSeam = 0.5;             // bars nearer than this are one
constexpr int kUnknownLevel = 1'000'000;  // behind all others

struct Bar {
  double left = 0;
  double right = 0;
};

struct Lane {
  std::string name;
  std::vector<Bar> bars;
};

using Place = std::tuple<bool, int, int>;  // flushes first, then by level

Place place_of(const StorageJob& job) {
  return {job.kind != StorageJob::Kind::flush, job.input_level.value_or(kUnknownLevel),
          job.output_level.value_or(kUnknownLevel)};
}

std::string level_text(const std::optional<int>& level) {
  return level ? fmt::format("L{}", *level) : std::string("?");
}

}  // namespace

std::string job_levels_text(const StorageJob& job) {
  const auto to = level_text(job.output_level);
  return (job.kind == StorageJob::Kind::flush ? "Flush" : level_text(job.input_level)) + " → " + to;
}

std::string render_timeline_svg(const std::vector<StorageJob>& jobs, TimePoint end) {
  if (jobs.empty()) return {};
  const auto begin = jobs.front().begin;
  for (const auto& job : jobs) end = std::max(end, job.end.value_or(job.begin));
  const double seconds = std::max(1e-6, to_seconds(end - begin));
  const auto x = [&](TimePoint time) {
    return kTimelineLeft +
           to_seconds(time - begin) / seconds * (kWidth - kTimelineLeft - kTimelineRight);
  };
  std::map<Place, Lane> lanes;
  for (const auto& job : jobs) {
    auto& lane = lanes[place_of(job)];
    lane.name = job_levels_text(job);
    const double left = x(job.begin);
    const double right = std::max(x(job.end.value_or(end)), left + kBarMin);
    if (!lane.bars.empty() && left <= lane.bars.back().right + kSeam) {
      lane.bars.back().right = std::max(lane.bars.back().right, right);
    } else {
      lane.bars.push_back({left, right});
    }
  }
  const int bottom = kLane * static_cast<int>(lanes.size());
  std::string svg = fmt::format(
      "<svg viewBox=\"0 0 {} {}\" role=\"img\" font-family=\"system-ui, sans-serif\" "
      "font-size=\"11\"><title>Flushes and compactions, {} to {}</title>",
      kWidth, bottom + kTimelineBelow, utc_text(begin), utc_text(end));
  const auto add = [&svg](std::string_view format, const auto&... values) {
    fmt::format_to(std::back_inserter(svg), fmt::runtime(format), values...);
  };
  int top = 0;
  for (const auto& [place, lane] : lanes) {
    const int colour = std::get<0>(place) ? 1 + std::get<1>(place) % (kSvgColours - 1) : 0;
    add("<line x1=\"0\" y1=\"{0}\" x2=\"{1}\" y2=\"{0}\" stroke=\"{2}\" class=\"grid\"/>",
        top + kLane, kWidth - kTimelineRight, kSvgGrid);
    add("<text x=\"{}\" y=\"{}\" text-anchor=\"end\" fill=\"{}\" class=\"dim\">{}</text>",
        kTimelineLeft - 8, top + 13, kSvgDim, xml_escape(lane.name));
    for (const auto& bar : lane.bars) {
      add("<rect x=\"{:.1f}\" y=\"{}\" width=\"{:.1f}\" height=\"{}\" fill=\"{}\" "
          "class=\"d{}\"/>",
          bar.left, top + (kLane - kBar) / 2, bar.right - bar.left, kBar, svg_colour(colour, false),
          colour);
    }
    top += kLane;
  }
  add("<text x=\"{}\" y=\"{}\" fill=\"{}\" class=\"dim\">{}</text>", kTimelineLeft, bottom + 15,
      kSvgDim, utc_text(begin));
  add("<text x=\"{}\" y=\"{}\" text-anchor=\"end\" fill=\"{}\" class=\"dim\">{}</text></svg>",
      kWidth - kTimelineRight, bottom + 15, kSvgDim, utc_text(end));
  return svg;
}

}  // namespace nodetune
