// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
//
// What became of the options from open to open, and between them.
#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <tuple>

#include "engine/base/format.h"
#include "engine/node/observed_options.h"
#include "engine/observe/rocksdb_defaults.h"

namespace nodetune {
namespace {

constexpr std::size_t kOptionChangesMax = 500;
// So many families with the same change are one line.
constexpr std::size_t kFamiliesNamed = 2;

// LOG lines are dated as the caller wishes; OPTIONS files always are.
struct Dated {
  std::optional<TimePoint> time;
  std::string origin;
  OptionDifference difference;
};

std::optional<TimePoint> time_of(TimePoint local, const LogSummary& story, bool local_times) {
  if (local_times && !story.utc_offset) return local;
  return story.utc_offset ? std::optional(local - *story.utc_offset) : std::nullopt;
}

bool same_change(const OptionDifference& a, const OptionDifference& b) {
  return a.section == b.section && a.family == b.family && a.name == b.name &&
         same_option_value(a.name, a.after, b.after);
}

// A database with transactions turns compactions on in this way at each of its opens.
bool is_routine(std::string_view name, std::string_view after) {
  return name == "disable_auto_compactions" && after == "false";
}

// An OPTIONS file is written together with a LOG: a later one was copied or touched since.
std::optional<TimePoint> written_at(const OptionStep& step, const LogSummary& story) {
  constexpr auto kTogether = std::chrono::minutes(1);
  const bool touched =
      step.utc && story.utc_offset && story.last_time && *step.utc > *story.last_time + kTogether;
  return touched ? std::nullopt : step.utc;
}

// Both a LOG and an OPTIONS file tell of the same open.
bool is_told(const std::vector<Dated>& told, const OptionDifference& difference) {
  return std::any_of(told.begin(), told.end(),
                     [&](const Dated& each) { return same_change(each.difference, difference); });
}

std::vector<Dated> collect(const OptionHistory& history, const LogSummary& story,
                           bool local_times) {
  std::vector<Dated> all;
  for (const auto& step : history.log_steps()) {
    if (!step.local) continue;
    all.push_back({time_of(*step.local, story, local_times), step.origin, step.difference});
  }
  for (const auto& setting : story.settings) {
    if (is_routine(setting.name, setting.value)) continue;
    // The summary's times are UTC already where the zone is known. To the second: what is set in
    // one family after the other is one change.
    const bool dated = story.utc_offset || local_times;
    const auto second = std::chrono::floor<std::chrono::seconds>(setting.time);
    all.push_back({dated ? std::optional(TimePoint(second)) : std::nullopt,
                   "LOG, while it was open",
                   {setting.column_family ? "CFOptions" : "DBOptions",
                    setting.column_family,
                    setting.name,
                    {},
                    setting.value}});
  }
  std::vector<Dated> of_files;
  for (const auto& step : history.file_steps()) {
    const auto& difference = step.difference;
    if (is_routine(difference.name, difference.after) || is_told(all, difference)) continue;
    of_files.push_back({written_at(step, story), step.origin, difference});
  }
  std::move(of_files.begin(), of_files.end(), std::back_inserter(all));
  std::stable_sort(all.begin(), all.end(),
                   [](const Dated& a, const Dated& b) { return a.time > b.time; });
  return all;
}

std::string section_text(const OptionDifference& difference, const ClientProfile* client) {
  const auto section = escape_name(difference.section);
  if (!difference.family) return section;
  return fmt::format("{} \"{}\"", section, family_title(client, *difference.family));
}

auto key_of(const Dated& each) {
  const auto& difference = each.difference;
  return std::tie(each.time, each.origin, difference.section, difference.name, difference.before,
                  difference.after);
}

OptionChange change_of(const Dated& each, std::string section) {
  return {each.time,
          std::move(section),
          escape_name(each.difference.name),
          escape_name(each.difference.before),
          escape_name(each.difference.after),
          each.origin};
}

}  // namespace

void describe_history(const OptionHistory& history, const Observation& seen,
                      const LogSummary& story, bool local_times, NodeDescription& node) {
  auto& changes = node.option_changes;
  auto all = collect(history, story, local_times);
  while (!all.empty() && changes.size() < kOptionChangesMax) {
    // The same change in other families, made at the same open.
    const auto first = all.front();
    const auto others = std::stable_partition(
        all.begin(), all.end(), [&](const Dated& each) { return key_of(each) == key_of(first); });
    const auto families = static_cast<std::size_t>(others - all.begin());
    if (first.difference.family && families > kFamiliesNamed) {
      changes.push_back(change_of(
          first,
          fmt::format("{} of {} families", escape_name(first.difference.section), families)));
    } else {
      for (auto each = all.begin(); each != others; ++each) {
        changes.push_back(change_of(*each, section_text(each->difference, seen.client.profile)));
      }
    }
    all.erase(all.begin(), others);
  }
  if (history.opens() == 0) return;
  auto text = fmt::format("{}", history.opens());
  const auto oldest = history.oldest_open();
  if (const auto time = oldest ? time_of(*oldest, story, local_times) : std::nullopt) {
    auto since = format_time_utc(*time);
    if (!story.utc_offset && since.ends_with('Z')) since.pop_back();
    text += ", the oldest at " + since;
  }
  node.facts.push_back({std::string(kOpensFact), std::move(text), "LOG"});
}

}  // namespace nodetune
