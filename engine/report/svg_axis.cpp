// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
//
// Round figures for the axes of svg_chart.h.
#include <fmt/format.h>

#include <array>
#include <cmath>

#include "engine/base/format.h"
#include "engine/report/svg_chart.h"

namespace nodetune {
namespace {

constexpr double kLargestTop = 1e18;
constexpr double kForgiven = 1 - 1e-9;  // the last bits of log and pow
constexpr double kMinute = 60;
constexpr double kHour = 3600;

RoundAxis decimal_axis(double at_least, bool whole) {
  static constexpr std::array<RoundAxis, 12> kTops = {{{1, 4},
                                                       {1.5, 3},
                                                       {2, 4},
                                                       {2.5, 5},
                                                       {3, 3},
                                                       {4, 4},
                                                       {5, 5},
                                                       {6, 3},
                                                       {8, 4},
                                                       {10, 4},
                                                       {10, 5},
                                                       {15, 3}}};
  const double decade = std::pow(10.0, std::floor(std::log10(at_least)));
  for (const auto& axis : kTops) {
    const double top = axis.top * decade;
    if (top < at_least * kForgiven) continue;
    const double step = top / axis.divisions;
    if (whole && std::fabs(step - std::round(step)) > 1e-9) continue;
    return {top, axis.divisions};
  }
  return {10 * decade, 5};
}

RoundAxis binary_axis(double at_least) {
  const double power = std::exp2(std::floor(std::log2(at_least)));
  if (power >= at_least * kForgiven) return {power, 4};
  if (power * 1.5 >= at_least * kForgiven) return {power * 1.5, 3};
  return {power * 2, 4};
}

RoundAxis seconds_axis(double at_least) {
  double scale = 1;
  if (at_least > 2 * kHour) {
    scale = kHour;
  } else if (at_least > 2 * kMinute) {
    scale = kMinute;
  }
  auto axis = decimal_axis(at_least / scale, scale > 1);
  axis.top *= scale;
  return axis;
}

std::string scaled(double value, double base, std::initializer_list<const char*> units) {
  const char* unit = "";
  for (const char* next : units) {
    unit = next;
    if (std::fabs(value) < base * kForgiven || next == *(units.end() - 1)) break;
    value /= base;
  }
  return *unit == 0 ? fmt::format("{:.4g}", value) : fmt::format("{:.4g} {}", value, unit);
}

std::string seconds_text(double value) {
  if (value < 1e-6 * kForgiven) return fmt::format("{:.4g} ns", value * 1e9);
  if (value < 1e-3 * kForgiven) return fmt::format("{:.4g} µs", value * 1e6);
  if (value < kForgiven) return fmt::format("{:.4g} ms", value * 1e3);
  if (value <= 2 * kMinute) return fmt::format("{:.4g} s", value);
  if (value <= 2 * kHour) return fmt::format("{:.4g} min", value / kMinute);
  return fmt::format("{:.4g} h", value / kHour);
}

}  // namespace

RoundAxis round_axis(Unit unit, double at_least) {
  const auto at_most = [](double value, double smallest) {
    return std::isfinite(value) && value > smallest ? std::fmin(value, kLargestTop) : smallest;
  };
  switch (unit) {
    case Unit::bytes:
      return binary_axis(at_most(at_least, double(kKiB)));
    case Unit::seconds:
      return seconds_axis(at_most(at_least, 1e-6));
    case Unit::ratio:
      return decimal_axis(at_most(at_least, 0.01), false);
    case Unit::count:
    case Unit::operations:
    case Unit::blocks:
    case Unit::files:
    case Unit::pages:
      break;
  }
  return decimal_axis(at_most(at_least, 4), true);
}

std::string axis_text(Unit unit, double value) {
  if (!std::isfinite(value)) return "–";
  if (value == 0) return "0";
  switch (unit) {
    case Unit::bytes:
      return scaled(value, 1024, {"B", "KiB", "MiB", "GiB", "TiB", "PiB"});
    case Unit::seconds:
      return seconds_text(value);
    case Unit::ratio:
      return fmt::format("{:.4g} %", value * 100);
    case Unit::count:
    case Unit::operations:
    case Unit::blocks:
    case Unit::files:
    case Unit::pages:
      break;
  }
  return scaled(value, 1000, {"", "k", "M", "G", "T", "P"});
}

}  // namespace nodetune
