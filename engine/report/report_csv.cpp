// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include <fmt/format.h>

#include <cmath>
#include <iterator>

#include "engine/base/format.h"
#include "engine/report/report_text.h"
#include "engine/report/writers.h"

namespace nodetune {
namespace {

constexpr std::string_view kLineEnd = "\r\n";  // RFC 4180

std::string csv_number(double value) {
  return std::isfinite(value) ? fmt::format("{}", value) : std::string();
}

// What every line of a metric begins with, behind its time.
std::string identity(const Report& report, const MetricInfo& about) {
  return fmt::format("{},{},{},{},{}", csv_field(about.name), csv_field(about.label),
                     to_string(about.unit), to_string(about.kind),
                     to_string(source_of(report, about.id)));
}

void add_time(std::string& out, TimePoint time) {
  fmt::format_to(std::back_inserter(out), "{:.3f},{}", to_epoch_seconds(time),
                 format_time_utc(time));
}

}  // namespace

// Long form, one line a metric and column. The time is the column's end. Of counters, min, max and
// mean are per second and sum is what was gained in `seconds`.
std::string render_csv(const Report& report) {
  std::string out =
      "time_epoch_seconds,time_utc,metric,label,unit,kind,source,min,max,mean,sum,count,seconds,"
      "p50,p95,p99";
  out += kLineEnd;
  for (const auto& series : report.series) {
    const auto& about = info(series.metric);
    const auto who = identity(report, about);
    for (const auto& point : series.points) {
      add_time(out, point.end);
      fmt::format_to(std::back_inserter(out), ",{},{},{},{},{},{},{},,,{}", who,
                     csv_number(point.min), csv_number(point.max),
                     csv_number(point.mean(about.kind)), csv_number(point.sum), point.count,
                     csv_number(point.seconds), kLineEnd);
    }
    for (const auto& point : series.percentiles) {
      add_time(out, point.end);
      fmt::format_to(std::back_inserter(out), ",{},,,{},{},{},,{},{},{}{}", who,
                     csv_number(point.mean),
                     csv_number(point.mean * static_cast<double>(point.count)), point.count,
                     csv_number(point.p50), csv_number(point.p95), csv_number(point.p99), kLineEnd);
    }
  }
  return out;
}

}  // namespace nodetune
