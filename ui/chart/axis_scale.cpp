// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "ui/chart/axis_scale.h"

#include <QCoreApplication>
#include <array>
#include <cmath>

#include "engine/base/format.h"

namespace nodetune {
namespace {

constexpr double kShrinkHeadroom = 1.25;
constexpr double kLargestTop = 1e18;
constexpr int kTickSpacingPx = 72;
constexpr double kMinute = 60;
constexpr double kHour = 3600;

QString translated(const char* text) {
  return QCoreApplication::translate("Chart", text);
}

double round_decimal(double at_least) {
  const double decade = std::pow(10.0, std::floor(std::log10(at_least)));
  for (const double step : {1.0, 2.0, 5.0, 10.0}) {
    // the tolerance forgives log10 and pow their last bit
    if (step * decade >= at_least * (1 - 1e-12)) return step * decade;
  }
  return 10 * decade;
}

double round_seconds(double at_least) {
  if (at_least <= 50) return round_decimal(at_least);
  static constexpr std::array<double, 11> kTops = {
      kMinute,   2 * kMinute, 5 * kMinute, 10 * kMinute, 20 * kMinute, kHour,
      2 * kHour, 5 * kHour,   10 * kHour,  20 * kHour,   50 * kHour};
  for (const double top : kTops) {
    if (top >= at_least) return top;
  }
  return kHour * round_decimal(at_least / kHour);
}

double smallest_top(ChartUnit unit) {
  switch (unit) {
    case ChartUnit::count:
      return 5;  // counts are whole
    case ChartUnit::per_second:
      return 1;
    case ChartUnit::bytes:
    case ChartUnit::bytes_per_second:
      return 1024;
    case ChartUnit::seconds:
      return 1e-6;
    case ChartUnit::ratio:
      return 0.01;
  }
  return 1;
}

// What an axis shows before it knows any value above zero.
double first_top(ChartUnit unit) {
  switch (unit) {
    case ChartUnit::count:
    case ChartUnit::per_second:
      return 10;
    case ChartUnit::bytes:
    case ChartUnit::bytes_per_second:
      return static_cast<double>(kMiB);
    case ChartUnit::seconds:
      return 0.01;
    case ChartUnit::ratio:
      return 1;
  }
  return 1;
}

bool is_bytes(ChartUnit unit) {
  return unit == ChartUnit::bytes || unit == ChartUnit::bytes_per_second;
}

QString plain(double value) {
  return QString::number(value, 'g', 4);
}

QString seconds_label(double value) {
  const double magnitude = std::fabs(value);
  const auto with = [](double number, const char* unit) {
    return plain(number) + QChar(0xA0) + QString::fromUtf8(unit);
  };
  if (magnitude < 1e-6) return with(value * 1e9, "ns");
  if (magnitude < 1e-3) return with(value * 1e6, "µs");
  if (magnitude < 1) return with(value * 1e3, "ms");
  if (magnitude < 2 * kMinute && std::fmod(value, kMinute) != 0) return with(value, "s");
  if (magnitude < 2 * kHour && std::fmod(value, kHour) != 0) return with(value / kMinute, "min");
  return with(value / kHour, "h");
}

QString scaled_label(double value, double base, std::initializer_list<const char*> units) {
  const char* unit = "";
  for (const char* next : units) {
    unit = next;
    if (std::fabs(value) < base || next == *(units.end() - 1)) break;
    value /= base;
  }
  const QString number = plain(value);
  return *unit == 0 ? number : number + QChar(0xA0) + QString::fromUtf8(unit);
}

}  // namespace

double round_top(ChartUnit unit, double at_least) {
  if (!std::isfinite(at_least)) return kLargestTop;
  const double wanted = std::clamp(at_least, smallest_top(unit), kLargestTop);
  if (is_bytes(unit)) return std::exp2(std::ceil(std::log2(wanted) - 1e-12));
  if (unit == ChartUnit::seconds) return round_seconds(wanted);
  return round_decimal(wanted);
}

int axis_divisions(ChartUnit unit, double top, int most) {
  std::array<int, 3> candidates = {4, 2, 1};
  if (!is_bytes(unit)) {
    double leading = top;
    if (unit == ChartUnit::seconds && top >= kHour) {
      leading = top / kHour;
    } else if (unit == ChartUnit::seconds && top >= kMinute) {
      leading = top / kMinute;
    }
    leading /= std::pow(10.0, std::floor(std::log10(leading) + 1e-9));
    if (std::lround(leading) == 5) {
      candidates = {5, unit == ChartUnit::count && top < 50 ? 1 : 2, 1};  // no half counts
    } else if (std::lround(leading) == 1 && most >= 5) {
      candidates = {5, 2, 1};
    }
    // a sixtieth of the way: an hour or minute divides by four, not by five
    if (unit == ChartUnit::seconds && (top == kMinute || top == kHour)) candidates = {4, 2, 1};
  }
  for (const int candidate : candidates) {
    if (candidate <= most) return candidate;
  }
  return 1;
}

QString axis_label(ChartUnit unit, double value) {
  if (!std::isfinite(value)) return QStringLiteral("–");
  if (value == 0) return QStringLiteral("0");
  switch (unit) {
    case ChartUnit::count:
    case ChartUnit::per_second:
      return scaled_label(value, 1000, {"", "k", "M", "G", "T", "P"});
    case ChartUnit::bytes:
    case ChartUnit::bytes_per_second:
      return scaled_label(value, 1024, {"B", "KiB", "MiB", "GiB", "TiB", "PiB"});
    case ChartUnit::seconds:
      return seconds_label(value);
    case ChartUnit::ratio:
      return plain(value * 100) + QStringLiteral("\u00A0%");
  }
  return {};
}

QString value_label(ChartUnit unit, double value) {
  if (!std::isfinite(value)) return QStringLiteral("–");
  switch (unit) {
    case ChartUnit::count:
      return QString::fromStdString(format_count(value));
    case ChartUnit::per_second:
      return QString::fromStdString(format_count(value)) + translated("/s");
    case ChartUnit::bytes:
      return QString::fromStdString(format_bytes(value));
    case ChartUnit::bytes_per_second:
      return QString::fromStdString(format_bytes(value)) + translated("/s");
    case ChartUnit::seconds:
      return QString::fromStdString(format_seconds(value));
    case ChartUnit::ratio:
      return QString::fromStdString(format_ratio(value));
  }
  return {};
}

QString unit_name(ChartUnit unit) {
  switch (unit) {
    case ChartUnit::per_second:
    case ChartUnit::bytes_per_second:
      return translated("per second");
    case ChartUnit::count:
    case ChartUnit::bytes:
    case ChartUnit::seconds:
    case ChartUnit::ratio:
      return {};
  }
  return {};
}

YScale::YScale(ChartUnit unit, std::optional<double> fixed_top)
    : unit_(unit),
      fixed_(fixed_top.has_value() && std::isfinite(*fixed_top) && *fixed_top > 0),
      top_(fixed_ ? *fixed_top : first_top(unit)) {}

bool YScale::update(double visible_max) {
  if (fixed_ || !(visible_max > 0)) return false;
  const double before = top_;
  if (visible_max > top_) {
    top_ = round_top(unit_, visible_max);
  } else {
    top_ = std::min(top_, round_top(unit_, visible_max * kShrinkHeadroom));
  }
  return top_ != before;
}

std::vector<TimeTick> time_ticks(qint64 span_us, int width_px) {
  static constexpr std::array<qint64, 17> kStepSeconds = {
      1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600};
  const qint64 span_s = span_us / 1'000'000;
  const int most = std::max(1, width_px / kTickSpacingPx);
  qint64 step_s = span_s;
  for (const qint64 candidate : kStepSeconds) {
    if (span_s % candidate == 0 && span_s / candidate <= most) {
      step_s = candidate;
      break;
    }
  }
  std::vector<TimeTick> ticks = {{0, translated("now")}};
  if (step_s <= 0) return ticks;
  for (qint64 ago_s = step_s; ago_s <= span_s; ago_s += step_s) {
    const auto seconds = static_cast<double>(ago_s);
    QString label = seconds_label(seconds);
    if (span_s <= 120) label = plain(seconds) + QStringLiteral("\u00A0s");
    ticks.push_back({ago_s * 1'000'000, QStringLiteral("−") + label});
  }
  return ticks;
}

QString ago_label(qint64 ago_us) {
  if (ago_us < 50'000) return translated("now");
  double seconds = static_cast<double>(ago_us) / 1e6;
  seconds = seconds < 120 ? std::round(seconds * 10) / 10 : std::round(seconds);
  return QStringLiteral("−") + QString::fromStdString(format_seconds(seconds));
}

}  // namespace nodetune
