// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include <fmt/format.h>

#include <iostream>
#include <memory>

#include "app/cli/support.h"
#include "engine/base/format.h"
#include "engine/files/log_summary.h"

namespace nodetune::cli {
namespace {

struct LogArguments {
  std::vector<std::string> files;
  bool json = false;
};

nlohmann::json time_json(const std::optional<TimePoint>& time) {
  return time ? nlohmann::json(to_epoch_seconds(*time)) : nlohmann::json(nullptr);
}

std::string_view action_name(StallAction action) {
  return action == StallAction::stop ? "stopping" : "stalling";
}

nlohmann::json to_json(const LogSummary& summary) {
  auto stalls = nlohmann::json::array();
  for (const auto& [key, count] : summary.stall_counts) {
    const auto& [family, cause, action] = key;
    stalls.push_back({{"cause", display_name(cause)},
                      {"action", action_name(action)},
                      {"column_family", escape_name(family)},
                      {"count", count}});
  }
  auto families = nlohmann::json::array();
  for (const auto& family : summary.column_families) families.push_back(escape_name(family));
  auto problems = nlohmann::json::array();
  for (const auto& problem : summary.problems) {
    problems.push_back(
        {{"time", to_epoch_seconds(problem.time)}, {"text", escape_name(problem.text)}});
  }
  nlohmann::json json = {{"product", summary.product},
                         {"rocksdb_version", nullptr},
                         {"events", summary.events},
                         {"stalls", stalls},
                         {"column_families", families},
                         {"dumps", summary.dumps},
                         {"first_time", time_json(summary.first_time)},
                         {"last_time", time_json(summary.last_time)},
                         {"utc_offset_seconds", nullptr},
                         {"errors", summary.error_lines},
                         {"problems", problems},
                         {"stalled_seconds", nullptr},
                         {"unread_files", summary.unread_files}};
  if (!summary.version.empty()) json["rocksdb_version"] = summary.version;
  if (summary.utc_offset) json["utc_offset_seconds"] = to_seconds(*summary.utc_offset);
  if (summary.cumulative_stall_seconds) json["stalled_seconds"] = *summary.cumulative_stall_seconds;
  return json;
}

void print_text(const LogSummary& summary) {
  const auto when = [](const std::optional<TimePoint>& time) {
    return time ? format_time_utc(*time) : std::string("unknown");
  };
  std::cout << fmt::format("{} {}\n{} to {}{}\n", summary.product,
                           summary.version.empty() ? "of unknown version" : summary.version,
                           when(summary.first_time), when(summary.last_time),
                           summary.utc_offset ? "" : " (the node's local time: zone unknown)");
  std::cout << fmt::format("{} column families, {} statistics dumps, {} error lines\n",
                           summary.column_families.size(), summary.dumps, summary.error_lines);
  for (const auto& [name, count] : summary.events) {
    std::cout << fmt::format("  {:<28}{:>10}\n", name, count);
  }
  if (summary.stall_counts.empty()) std::cout << "No stall message.\n";
  for (const auto& [key, count] : summary.stall_counts) {
    const auto& [family, cause, action] = key;
    std::cout << fmt::format("  {} writes because of {} in {}: {} times\n", action_name(action),
                             display_name(cause), escape_name(family), count);
  }
  if (summary.cumulative_stall_seconds) {
    std::cout << fmt::format("Stalled for {} up to the last dump.\n",
                             format_seconds(*summary.cumulative_stall_seconds));
  }
  for (const auto& problem : summary.problems) {
    std::cout << fmt::format("  {}  {}\n", format_time_utc(problem.time),
                             escape_name(problem.text));
  }
  for (const auto& file : summary.unread_files) std::cout << "Not read: " << file << '\n';
}

int run(const LogArguments& options) {
  catch_signals();
  const auto summary = summarise_logs(options.files, {}, [] { return interrupted(); });
  if (!summary) return fail(summary.status());
  if (options.json) {
    std::cout << to_json(*summary).dump(2) << '\n';
  } else {
    print_text(*summary);
  }
  return kSuccess;
}

}  // namespace

void add_log(CLI::App& app, Action& action) {
  auto options = std::make_shared<LogArguments>();
  auto* const command = app.add_subcommand("log", "Summarise RocksDB LOG files");
  command->add_option("FILE", options->files, "LOG, LOG.old.…; in any order")->required();
  command->add_flag("--json", options->json, "Print JSON");
  command->callback([options, &action] { action = [options] { return run(*options); }; });
}

}  // namespace nodetune::cli
