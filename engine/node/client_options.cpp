// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/node/client_options.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <set>

#include "engine/base/format.h"
#include "engine/observe/client_extras.h"
#include "engine/tuner/knob_table.h"

namespace nodetune {
namespace {

constexpr std::size_t kValuesShown = 3;

// "0.250000" is 0.25, a limit of the write-ahead log is a size.
std::string readable(std::string_view option, const std::string& value) {
  double number = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
  if (error != std::errc() || end != value.data() + value.size()) return escape_name(value);
  if (option == "max_total_wal_size") return number > 0 ? format_bytes(number) : "no limit";
  return value.find('.') != std::string::npos ? fmt::format("{:g}", number) : value;
}

// Of the whole database, else of all families.
std::string value_in_force(const Observation& seen, std::string_view option) {
  if (!seen.options || option.empty()) return {};
  const auto& file = seen.options->file;
  if (const auto value = find_option(file.db_options, option)) return readable(option, *value);
  std::set<std::string> values;
  for (const auto& family : file.column_families) {
    for (const auto* options : {&family.options, &family.table_options}) {
      if (const auto value = find_option(*options, option)) values.insert(readable(option, *value));
    }
    if (values.size() > kValuesShown) return "not the same in all families";
  }
  return fmt::format("{}", fmt::join(values, " or "));
}

std::string current_of(const std::vector<KnobState>& knobs, Knob knob) {
  for (const auto& state : knobs) {
    // Where it is not known, the text says why.
    if (state.knob == knob) return state.current_text;
  }
  return {};
}

}  // namespace

std::vector<ClientOption> client_options(const Observation& seen,
                                         const std::vector<KnobState>& knobs) {
  std::vector<ClientOption> options;
  const auto* profile = seen.client.profile;
  if (profile == nullptr) return options;
  for (const auto knob : kKnobs) {
    options.push_back({std::string(knob_info(knob).title),
                       current_of(knobs, knob),
                       knob_setting(profile, knob),
                       {},
                       knob});
  }
  for (const auto& extra : client_extras()) {
    if (extra.client != profile->name) continue;
    options.push_back({std::string(extra.subject),
                       value_in_force(seen, extra.option),
                       std::string(extra.how),
                       std::string(extra.caveat),
                       {}});
  }
  std::stable_partition(options.begin(), options.end(),
                        [](const ClientOption& option) { return !option.how.empty(); });
  return options;
}

std::vector<ClientOption> client_options_of_all(
    const std::vector<std::vector<ClientOption>>& databases) {
  const auto most =
      std::max_element(databases.begin(), databases.end(),
                       [](const auto& a, const auto& b) { return a.size() < b.size(); });
  if (most == databases.end()) return {};
  auto all = *most;
  for (auto& option : all) {
    for (const auto& database : databases) {
      const auto same = std::find_if(database.begin(), database.end(), [&](const auto& each) {
        return each.subject == option.subject && each.how == option.how;
      });
      if (same == database.end() || same->current == option.current) continue;
      option.current = "not the same in all databases";
      break;
    }
  }
  return all;
}

std::string how_to_see_more(const Observation& seen) {
  const auto* profile = seen.client.profile;
  std::vector<std::string_view> ways;
  for (const auto& extra : client_extras()) {
    if (profile != nullptr && extra.client == profile->name && extra.shows_more) {
      ways.push_back(extra.how);
    }
  }
  if (ways.empty()) return {};
  return fmt::format("set {}", fmt::join(ways, ", or "));
}

}  // namespace nodetune
