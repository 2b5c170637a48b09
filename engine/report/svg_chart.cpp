// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/report/svg_chart.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <ctime>
#include <iterator>

#include "engine/report/report_text.h"

namespace nodetune {
namespace {

constexpr double kLeft = 62;  // room for "1024 MiB"
constexpr double kRight = 10;
constexpr double kTop = 8;
constexpr double kBelow = 20;  // tick labels
constexpr double kLegendRow = 17;
constexpr double kTitleRow = 20;
constexpr double kFont = 11;
constexpr double kLetter = 6.5;  // a generous mean width at kFont: legends must not overlap
constexpr double kTickSpacing = 76;
constexpr double kMarkerSpacing = 190;  // between two marker texts
constexpr double kBandVisible = 1.0;    // a thinner band is only the line's blur
constexpr double kHeadroom = 1.04;
constexpr std::int64_t kDaySeconds = 86'400;

// The Okabe–Ito colours, darkened or lightened until they stand out on their page.
constexpr std::array<std::string_view, kSvgColours> kLight = {
    "#0072b2", "#c94f00", "#00805c", "#ad4c82", "#9a6b00", "#2b86bd", "#666666"};
constexpr std::array<std::string_view, kSvgColours> kDark = {
    "#57aeea", "#ff9550", "#35c795", "#e59ac5", "#e3b04b", "#8dcff5", "#b0b0b0"};
constexpr std::string_view kInk = "#1b2026";

std::size_t colour_index(int index) {
  return static_cast<std::size_t>(((index % kSvgColours) + kSvgColours) % kSvgColours);
}

// Display width in characters: continuation bytes take none.
double text_width(std::string_view text) {
  const auto characters =
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; });
  return kLetter * static_cast<double>(characters);
}

// What an axis shows where no value is above zero.
double top_of_nothing(Unit unit) {
  switch (unit) {
    case Unit::bytes:
      return 1024.0 * 1024;
    case Unit::seconds:
    case Unit::ratio:
      return 1;
    case Unit::count:
    case Unit::operations:
    case Unit::blocks:
    case Unit::files:
    case Unit::pages:
      break;
  }
  return 4;
}

struct TimeTick {
  TimePoint time;
  std::string label;
};

std::tm utc(TimePoint time) {
  const std::time_t whole =
      std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
  std::tm parts{};
  gmtime_r(&whole, &parts);
  return parts;
}

std::vector<TimeTick> time_ticks(TimePoint begin, TimePoint end, double width) {
  static constexpr std::array<std::int64_t, 26> kSteps = {
      1,      2,      5,      10,      15,      30,       60,       120,      300,
      600,    900,    1800,   3600,    7200,    10800,    21600,    43200,    86400,
      172800, 432000, 864000, 2592000, 7776000, 15552000, 31536000, 157680000};
  const double span = to_seconds(end - begin);
  const double most = std::max(2.0, width / kTickSpacing);
  std::int64_t step = kSteps.back();
  for (const auto candidate : kSteps) {
    if (span / double(candidate) <= most) {
      step = candidate;
      break;
    }
  }
  std::vector<TimeTick> ticks;
  const auto first = static_cast<std::int64_t>(std::ceil(to_epoch_seconds(begin) / double(step)));
  for (std::int64_t index = first;; ++index) {
    const TimePoint time{std::chrono::seconds(index * step)};
    if (time > end || double(ticks.size()) > most + 2) break;
    const auto parts = utc(time);
    const bool midnight = index * step % kDaySeconds == 0;
    if (step >= 31536000 / 4) {
      ticks.push_back({time, fmt::format("{:%Y-%m}", parts)});
    } else if (step >= kDaySeconds || (midnight && span > double(kDaySeconds) / 4)) {
      ticks.push_back({time, fmt::format("{:%m-%d}", parts)});
    } else {
      ticks.push_back(
          {time, step < 60 ? fmt::format("{:%H:%M:%S}", parts) : fmt::format("{:%H:%M}", parts)});
    }
  }
  return ticks;
}

class Drawing {
 public:
  Drawing(const SvgChart& chart, const SvgOptions& options)
      : chart_(chart),
        options_(options),
        right_(std::max(options.width, 200) - kRight),
        axis_(round_axis(chart.unit, wanted_top())) {
    if (chart.fixed_top) axis_.top = *chart.fixed_top;
    lay_out_legend();
    top_ = kTop + (options.standalone ? kTitleRow : 0) + legend_rows_ * kLegendRow;
    bottom_ = top_ + std::max(options.plot_height, 40);
  }

  std::string draw() {
    open();
    draw_legend();
    draw_grid();
    for (const auto& series : chart_.series) draw_series(series);
    draw_threshold();
    draw_markers();
    out_ += "</svg>";
    return std::move(out_);
  }

 private:
  template <typename... Args>
  void add(fmt::format_string<Args...> format, Args&&... args) {
    fmt::format_to(std::back_inserter(out_), format, std::forward<Args>(args)...);
  }

  double wanted_top() const {
    if (chart_.fixed_top) return *chart_.fixed_top;
    const double most = highest();
    return most > 0 ? most * kHeadroom : top_of_nothing(chart_.unit);
  }

  double highest() const {
    double most = 0;
    const auto look = [&](double value) {
      if (std::isfinite(value)) most = std::max(most, value);
    };
    for (const auto& series : chart_.series) {
      for (const auto& point : series.points) {
        look(point.mean);
        look(point.max);
      }
    }
    if (chart_.threshold) look(chart_.threshold->value);
    return most;
  }

  double x(TimePoint time) const {
    const double span = std::max(to_seconds(chart_.end - chart_.begin), 1e-6);
    const double share = to_seconds(time - chart_.begin) / span;
    return kLeft + std::clamp(share, 0.0, 1.0) * (right_ - kLeft);
  }
  double y(double value) const {
    return bottom_ - std::clamp(value / axis_.top, 0.0, 1.0) * (bottom_ - top_);
  }

  void lay_out_legend() {
    double at = kLeft;
    legend_rows_ = chart_.series.empty() ? 0 : 1;
    for (const auto& series : chart_.series) {
      const double width = 20 + text_width(series.name) + 6 + text_width(series.detail) + 14;
      if (at > kLeft && at + width > right_) {
        at = kLeft;
        ++legend_rows_;
      }
      legend_.push_back({at, static_cast<double>(legend_rows_ - 1)});
      at += width;
    }
  }

  void open() {
    const double height = bottom_ + kBelow;
    add("<svg{} viewBox=\"0 0 {} {:.0f}\" role=\"img\" font-family=\"system-ui, sans-serif\" "
        "font-size=\"{}\">",
        options_.standalone ? fmt::format(" xmlns=\"http://www.w3.org/2000/svg\" width=\"{}\" "
                                          "height=\"{:.0f}\"",
                                          options_.width, height)
                            : std::string(),
        options_.width, height, kFont);
    add("<title>{}</title>", xml_escape(chart_.title));
    if (!options_.standalone) return;
    add("<rect width=\"{}\" height=\"{:.0f}\" fill=\"#ffffff\"/>", options_.width, height);
    add("<text x=\"{}\" y=\"{}\" fill=\"{}\" font-size=\"13\" font-weight=\"600\">{}</text>", kLeft,
        kTop + 10, kInk, xml_escape(chart_.title));
  }

  void draw_legend() {
    const double first = kTop + (options_.standalone ? kTitleRow : 0) + 8;
    for (std::size_t i = 0; i < legend_.size(); ++i) {
      const auto& series = chart_.series[i];
      const auto colour = colour_index(series.colour);
      const double left = legend_[i].first;
      const double base = first + legend_[i].second * kLegendRow;
      add("<line x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\" stroke=\"{}\" "
          "stroke-width=\"2.5\" class=\"s{}\"/>",
          left, base - 3.5, left + 14, base - 3.5, kLight[colour], colour);
      add("<text x=\"{:.1f}\" y=\"{:.1f}\" fill=\"{}\" class=\"ink\">{}", left + 20, base, kInk,
          xml_escape(series.name));
      if (!series.detail.empty()) {
        add("<tspan fill=\"{}\" class=\"dim\" dx=\"6\">{}</tspan>", kSvgDim,
            xml_escape(series.detail));
      }
      out_ += "</text>";
    }
  }

  void draw_grid() {
    const auto suffix = chart_.per_second ? "/s" : "";
    for (int i = 0; i <= axis_.divisions; ++i) {
      const double value = axis_.top * i / axis_.divisions;
      const double level = y(value);
      add("<line x1=\"{}\" y1=\"{:.1f}\" x2=\"{}\" y2=\"{:.1f}\" stroke=\"{}\" class=\"grid\"/>",
          kLeft, level, right_, level, kSvgGrid);
      const bool last = i == axis_.divisions;
      add("<text x=\"{}\" y=\"{:.1f}\" text-anchor=\"end\" fill=\"{}\" class=\"dim\">{}{}</text>",
          kLeft - 6, level + 3.8, kSvgDim, axis_text(chart_.unit, value), last ? suffix : "");
    }
    for (const auto& tick : time_ticks(chart_.begin, chart_.end, right_ - kLeft)) {
      const double at = x(tick.time);
      add("<line x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\" stroke=\"{}\" "
          "class=\"grid\"/>",
          at, top_, at, bottom_ + 4, kSvgGrid);
      const double half = text_width(tick.label) / 2;
      const double middle = std::min(at, double(options_.width) - half - 1);
      add("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"middle\" fill=\"{}\" "
          "class=\"dim\">{}</text>",
          middle, bottom_ + 16, kSvgDim, tick.label);
    }
  }

  // [first, last) of each run of points without a gap.
  template <typename Draw>
  static void for_each_segment(const std::vector<SvgPoint>& points, Draw draw) {
    std::size_t first = 0;
    while (first < points.size()) {
      if (!std::isfinite(points[first].mean)) {
        ++first;
        continue;
      }
      std::size_t last = first + 1;
      while (last < points.size() && !points[last].gap_before && std::isfinite(points[last].mean)) {
        ++last;
      }
      draw(first, last);
      first = last;
    }
  }

  void draw_series(const SvgSeries& series) {
    const auto colour = colour_index(series.colour);
    std::string lines;
    std::string dots;
    for_each_segment(series.points, [&](std::size_t first, std::size_t last) {
      draw_band(series, first, last, colour);
      if (last - first == 1) {
        const auto& point = series.points[first];
        fmt::format_to(std::back_inserter(dots),
                       "<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"1.8\" fill=\"{}\" class=\"d{}\"/>",
                       x(point.time), y(point.mean), kLight[colour], colour);
        return;
      }
      for (std::size_t i = first; i < last; ++i) {
        const auto& point = series.points[i];
        if (i > first && series.stepped) {
          fmt::format_to(std::back_inserter(lines), "H{:.1f}", x(point.time));
        }
        fmt::format_to(std::back_inserter(lines), "{}{:.1f} {:.1f}", i == first ? "M" : "L",
                       x(point.time), y(point.mean));
      }
    });
    if (!lines.empty()) {
      add("<path d=\"{}\" fill=\"none\" stroke=\"{}\" stroke-width=\"1.6\" "
          "stroke-linejoin=\"round\" class=\"s{}\"/>",
          lines, kLight[colour], colour);
    }
    out_ += dots;
  }

  // From min to max; of a filled series from zero to its mean as well.
  void draw_band(const SvgSeries& series, std::size_t first, std::size_t last, std::size_t colour) {
    if (last - first < 2) return;
    if (series.filled) draw_area(series, first, last, colour, false);
    for (std::size_t i = first; i < last; ++i) {
      if (y(series.points[i].min) - y(series.points[i].max) > kBandVisible) {
        draw_area(series, first, last, colour, true);
        return;
      }
    }
  }

  void draw_area(const SvgSeries& series, std::size_t first, std::size_t last, std::size_t colour,
                 bool band) {
    const auto upper = [&](const SvgPoint& p) {
      return band && std::isfinite(p.max) ? p.max : p.mean;
    };
    const auto lower = [&](const SvgPoint& p) {
      if (!band) return 0.0;
      return std::isfinite(p.min) ? p.min : p.mean;
    };
    out_ += "<path d=\"";
    for (std::size_t i = first; i < last; ++i) {
      const auto& point = series.points[i];
      add("{}{:.1f} {:.1f}", i == first ? "M" : "L", x(point.time), y(upper(point)));
    }
    if (band) {
      for (std::size_t i = last; i-- > first;) {
        add("L{:.1f} {:.1f}", x(series.points[i].time), y(lower(series.points[i])));
      }
    } else {
      add("L{:.1f} {:.1f}L{:.1f} {:.1f}", x(series.points[last - 1].time), bottom_,
          x(series.points[first].time), bottom_);
    }
    add("Z\" fill=\"{}\" fill-opacity=\"{}\" class=\"b{}\"/>", kLight[colour], band ? 0.2 : 0.12,
        colour);
  }

  void draw_threshold() {
    if (!chart_.threshold) return;
    const double level = y(chart_.threshold->value);
    add("<line x1=\"{}\" y1=\"{:.1f}\" x2=\"{}\" y2=\"{:.1f}\" stroke=\"{}\" "
        "stroke-dasharray=\"5 4\" class=\"rule\"/>",
        kLeft, level, right_, level, kSvgDim);
    add("<text x=\"{}\" y=\"{:.1f}\" fill=\"{}\" class=\"dim\">{}</text>", kLeft + 4, level - 4,
        kSvgDim, xml_escape(chart_.threshold->text));
  }

  void draw_markers() {
    double free_from = kLeft;
    for (const auto& marker : chart_.markers) {
      if (marker.time < chart_.begin || marker.time > chart_.end) continue;
      const double at = x(marker.time);
      const auto text = xml_escape(marker.text);
      add("<g class=\"marker\"><title>{}</title><line x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" "
          "y2=\"{:.1f}\" stroke=\"{}\" stroke-dasharray=\"2 3\" class=\"rule\"/>",
          text, at, top_, at, bottom_, kSvgDim);
      add("<path d=\"M{:.1f} {:.1f}l4 -6h-8z\" fill=\"{}\" class=\"mark\"/></g>", at, top_ + 6,
          kSvgDim);
      if (at < free_from) continue;
      const double width = text_width(marker.text);
      const bool left = at + width + 8 > right_;
      if (left && at - width - 8 < kLeft) continue;
      add("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\" fill=\"{}\" font-size=\"10\" "
          "class=\"dim\">{}</text>",
          left ? at - 7 : at + 7, top_ + 9, left ? "end" : "start", kSvgDim, text);
      free_from = at + kMarkerSpacing;
    }
  }

  const SvgChart& chart_;
  const SvgOptions& options_;
  double right_;
  RoundAxis axis_;
  double top_ = 0;
  double bottom_ = 0;
  int legend_rows_ = 0;
  std::vector<std::pair<double, double>> legend_;  // left edge and row of each series
  std::string out_;
};

}  // namespace

std::string_view svg_colour(int index, bool dark) {
  return dark ? kDark[colour_index(index)] : kLight[colour_index(index)];
}

std::string render_chart_svg(const SvgChart& chart, const SvgOptions& options) {
  return Drawing(chart, options).draw();
}

}  // namespace nodetune
