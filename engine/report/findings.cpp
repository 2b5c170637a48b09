// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/report/findings.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <set>
#include <tuple>

#include "engine/metrics/stall_conditions.h"
#include "engine/node/observed_options.h"

namespace nodetune {
namespace {

double since_open(const Report& report, const StallCondition& condition) {
  for (const auto& stall : report.last.stalls) {
    if (stall.cause == condition.cause && stall.stopped == condition.stopped) {
      return static_cast<double>(stall.count);
    }
  }
  return kMissing;
}

using Shares = std::array<double, kStallConditions.size()>;

// What each condition's counter gained in [begin, end).
Shares gained_between(const Report& report, TimePoint begin, TimePoint end) {
  Shares gained{};
  for (std::size_t i = 0; i < kStallConditions.size(); ++i) {
    const auto* series = find_series(report, kStallConditions[i].entered);
    if (series == nullptr) continue;
    for (const auto& point : series->points) {
      if (point.begin >= end) break;
      if (point.end > begin) gained[i] += point.sum;
    }
  }
  return gained;
}

// Gives each column's stalled time to the conditions entered in it, else to the last ones.
void attribute_seconds(const Report& report, std::vector<StallRow>& rows) {
  const auto* stalled = find_series(report, Metric::db_stall_seconds_total);
  if (stalled == nullptr) return;
  Shares seconds{};
  Shares last{};
  for (const auto& point : stalled->points) {
    const auto gained = gained_between(report, point.begin, point.end);
    double all = 0;
    for (const double one : gained) all += one;
    if (all > 0) {
      for (std::size_t i = 0; i < last.size(); ++i) last[i] = gained[i] / all;
    }
    for (std::size_t i = 0; i < last.size(); ++i) seconds[i] += last[i] * point.sum;
  }
  for (std::size_t i = 0; i < rows.size(); ++i) rows[i].seconds = seconds[i];
}

bool belongs_to_stall(EventCategory category) {
  switch (category) {
    case EventCategory::flush:
    case EventCategory::compaction:
    case EventCategory::stall:
    case EventCategory::error:
      return true;
    case EventCategory::recovery:
    case EventCategory::knob:
    case EventCategory::recommendation:
    case EventCategory::cache:
    case EventCategory::batch:
    case EventCategory::workload:
    case EventCategory::node:
      break;
  }
  return false;
}

// `CFOptions "default"` is of family default.
std::pair<std::string, std::string> split_section(const std::string& section) {
  const auto quote = section.find(" \"");
  if (quote == std::string::npos) return {section, {}};
  auto family = section.substr(quote + 2);
  if (family.ends_with('"')) family.pop_back();
  return {section.substr(0, quote), family};
}

}  // namespace

std::optional<SeriesTotal> total_of(const Report& report, Metric metric) {
  const auto* series = find_series(report, metric);
  if (series == nullptr || series->points.empty()) return std::nullopt;
  HistoryPoint whole;
  for (const auto& point : series->points) {
    whole.sum += point.sum;
    whole.seconds += point.seconds;
    whole.count += point.count;
    whole.max = std::fmax(whole.max, point.max);
  }
  const auto kind = info(metric).kind;
  return SeriesTotal{.gained = kind == MetricKind::counter ? whole.sum : kMissing,
                     .mean = whole.mean(kind),
                     .max = whole.max,
                     .seconds = whole.seconds};
}

std::vector<StallRow> stall_rows(const Report& report) {
  std::vector<StallRow> rows;
  bool known = false;
  for (const auto& condition : kStallConditions) {
    const auto total = total_of(report, condition.entered);
    StallRow row{.cause = condition.cause,
                 .stopped = condition.stopped,
                 .entered = total ? total->gained : kMissing,
                 .since_open = since_open(report, condition)};
    known = known || total || std::isfinite(row.since_open);
    rows.push_back(row);
  }
  if (!known) return {};
  attribute_seconds(report, rows);
  return rows;
}

std::optional<TimePoint> worst_stall(const Report& report) {
  if (const auto* stalled = find_series(report, Metric::db_stall_seconds_total)) {
    const HistoryPoint* worst = nullptr;
    for (const auto& point : stalled->points) {
      if (point.sum > 0 && (worst == nullptr || point.max > worst->max)) worst = &point;
    }
    if (worst != nullptr) return worst->begin + (worst->end - worst->begin) / 2;
  }
  for (auto event = report.events.rbegin(); event != report.events.rend(); ++event) {
    if (event->category == EventCategory::stall) return event->time;
  }
  return std::nullopt;
}

std::vector<NodeEvent> events_around(const Report& report, TimePoint time, Duration span) {
  std::vector<NodeEvent> found;
  for (const auto& event : report.events) {
    if (!belongs_to_stall(event.category)) continue;
    if (event.time >= time - span && event.time <= time + span) found.push_back(event);
  }
  std::stable_sort(found.begin(), found.end(),
                   [](const auto& a, const auto& b) { return a.time < b.time; });
  return found;
}

std::vector<ChangedOption> changed_options(const Report& report) {
  std::map<std::string, std::set<std::string>> families;  // of each kind of section
  std::map<std::tuple<std::string, std::string, std::string>, ChangedOption> found;
  for (const auto& row : report.node.options) {
    const auto [section, family] = split_section(row.section);
    if (!family.empty()) families[section].insert(family);
    if (!differs_from_default(row)) continue;
    auto& option = found[{section, row.name, row.value}];
    option.section = section;
    option.name = row.name;
    option.value = row.value;
    option.usual = row.default_value.value_or("");
    if (!family.empty()) option.families.push_back(family);
  }
  std::vector<ChangedOption> options;
  for (auto& [key, option] : found) {
    option.in_all_families =
        !option.families.empty() && option.families.size() == families[option.section].size();
    options.push_back(std::move(option));
  }
  // DBOptions before CFOptions: the whole before its parts.
  std::stable_partition(options.begin(), options.end(),
                        [](const auto& option) { return option.families.empty(); });
  return options;
}

std::optional<std::int64_t> usual_value(const Report& report, Knob knob) {
  if (report.node.way != OpenWay::managed) return std::nullopt;
  return knob_info(knob).default_value;
}

bool is_changed(const Report& report, const KnobState& knob) {
  const auto usual = usual_value(report, knob.knob);
  return usual && knob.current && *knob.current != *usual;
}

}  // namespace nodetune
