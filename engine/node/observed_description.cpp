// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
//
// What is known of a foreign database, each fact with where it was found.
#include <fmt/format.h>

#include <cmath>

#include "engine/base/format.h"
#include "engine/node/observed_options.h"
#include "engine/node/observed_views.h"

namespace nodetune {
namespace {

constexpr std::string_view kLog = "LOG";

std::string zone_text(const LogSummary& log) {
  if (log.records == 0) return {};
  if (!log.utc_offset) return "zone unknown";
  const auto minutes = std::chrono::duration_cast<std::chrono::minutes>(*log.utc_offset).count();
  return fmt::format("UTC{}{:02}:{:02}", minutes < 0 ? '-' : '+', std::abs(minutes) / 60,
                     std::abs(minutes) % 60);
}

std::string time_text(TimePoint time, const LogSummary& log) {
  auto text = format_time_utc(time);
  if (!log.utc_offset && text.ends_with('Z')) text.pop_back();
  return text;
}

std::string files_text(const DirectoryListing::Total& total) {
  return fmt::format("{} in {} file{}", format_bytes(static_cast<double>(total.bytes)), total.files,
                     total.files == 1 ? "" : "s");
}

void add_files(const Observation& seen, std::vector<Fact>& facts) {
  const auto& listing = *seen.listing;
  const auto add = [&](std::string name, DatabaseFileType type) {
    const auto& total = listing.total(type);
    if (total.files > 0) facts.push_back({std::move(name), files_text(total), "directory"});
  };
  facts.push_back({"All files", files_text(listing.all), "directory"});
  add("SST files", DatabaseFileType::sst);
  add("Blob files", DatabaseFileType::blob);
  add("Write-ahead log", DatabaseFileType::wal);
  add("LOG files", DatabaseFileType::info_log);
  if (seen.manifest) {
    const auto live = seen.manifest->total();
    const auto manifest = seen.manifest->path.substr(seen.manifest->path.rfind('/') + 1);
    facts.push_back(
        {"Live SST files", files_text({live.files, live.bytes}), manifest, seen.manifest_changed});
    const auto blobs = seen.manifest->blob_total();
    if (blobs.files > 0) {
      facts.push_back({"Live blob files",
                       fmt::format("{}, {} of it garbage", files_text({blobs.files, blobs.bytes}),
                                   format_bytes(static_cast<double>(blobs.garbage_bytes))),
                       manifest, seen.manifest_changed});
    }
  }
  if (seen.tables.checked > 0) {
    facts.push_back(
        {"SST files checked",
         fmt::format("{} of {}, {} damaged", seen.tables.checked, seen.tables.files,
                     seen.tables.damaged.size()),
         seen.tables.checked < seen.tables.files ? "SST footers, a sample" : "SST footers"});
  }
}

void add_families(const Observation& seen, std::vector<Fact>& facts) {
  if (!seen.manifest) return;
  for (const auto& [id, family] : seen.manifest->column_families) {
    if (!seen.shows_family(family)) continue;
    DirectoryListing::Total live;
    for (const auto& level : family.levels()) {
      live.files += level.files;
      live.bytes += level.bytes;
    }
    const auto role = family_role(seen.client.profile, family.name, seen.path);
    facts.push_back({fmt::format("Family {}", family_title(seen.client.profile, family.name)),
                     fmt::format("{}{}{}", role, role.empty() ? "" : ": ", files_text(live)),
                     "MANIFEST", seen.manifest_changed});
  }
}

void add_log(const Observation& seen, const ObservedLog& log, std::vector<Fact>& facts) {
  const std::string origin(kLog);
  const auto& story = log.story;
  if (log.problem) {
    const auto elsewhere =
        seen.options ? find_option(seen.options->file.db_options, "db_log_dir") : std::nullopt;
    auto text = log.problem->text;
    if (elsewhere && !elsewhere->empty()) {
      text += fmt::format("; db_log_dir puts it into {}", escape_name(*elsewhere));
    }
    facts.push_back({"LOG", std::move(text), "directory"});
    return;
  }
  // Where the LOG's zone is unknown, so is its age.
  const auto last_line = story.utc_offset ? story.last_time : std::nullopt;
  const auto dumped =
      log.last_dump && story.utc_offset ? std::optional(log.last_dump->time) : std::nullopt;
  const auto add = [&](std::string name, std::string value,
                       std::optional<TimePoint> as_of = std::nullopt) {
    facts.push_back({std::move(name), std::move(value), origin, as_of});
  };
  if (seen.log_place.directory != seen.path) {
    facts.push_back({"LOG lies in", escape_name(seen.log_place.directory), "db_log_dir"});
  }
  if (log.newest_problem) {
    facts.push_back({"LOG not read", escape_name(log.newest_problem->text), "directory"});
  }
  if (!log.complete) {
    add("LOG read", fmt::format("the newest part of {}, reading on",
                                format_bytes(static_cast<double>(log.bytes))));
  }
  if (story.first_time && story.last_time) {
    add("LOG covers",
        fmt::format("{} to {}", time_text(*story.first_time, story),
                    time_text(*story.last_time, story)),
        last_line);
  }
  if (log.last_open) {
    const auto& seconds = log.last_open->seconds;
    add("Last open", format_time_utc(log.last_open->time) +
                         (seconds ? ", recovery took " + format_seconds(*seconds) : ""));
  }
  if (log.last_dump && log.last_dump->uptime_seconds) {
    add("Uptime at the last statistics",
        fmt::format("{} at {}", format_seconds(*log.last_dump->uptime_seconds),
                    time_text(log.last_dump->time, story)),
        dumped);
  }
  if (const auto stops = stops_by_buffer_manager(log).value_or(0); stops > 0) {
    add("Stopped by the write buffer manager",
        fmt::format("{} time{} since its start", stops, stops == 1 ? "" : "s"), dumped);
  }
  if (!log.complete) return;
  add("Flushes",
      fmt::format("{}, {}", story.flush_totals.count,
                  format_bytes(static_cast<double>(story.flush_totals.output_bytes))),
      last_line);
  add("Compactions",
      fmt::format("{}, {} read, {} written", story.compaction_totals.count,
                  format_bytes(static_cast<double>(story.compaction_totals.input_bytes)),
                  format_bytes(static_cast<double>(story.compaction_totals.output_bytes))),
      last_line);
  add("Stall messages", fmt::format("{}", story.stall_total()), last_line);
  add("Stalled seconds",
      story.cumulative_stall_seconds ? format_seconds(*story.cumulative_stall_seconds)
                                     : "not known: the LOG holds no statistics",
      dumped);
  add("Errors", fmt::format("{} error lines, {} warnings", story.error_lines, story.warning_lines),
      last_line);
  for (const auto& unread : story.unread_files) add("LOG file not read", unread);
}

}  // namespace

std::vector<Problem> problems_of(const Observation& seen, const ObservedLog& log) {
  auto problems = seen.problems;
  for (const auto& problem : {log.problem, log.newest_problem}) {
    if (problem) problems.push_back({problem->kind, escape_name(problem->text)});
  }
  return problems;
}

NodeDescription describe(const Observation& seen, const ObservedLog& log) {
  NodeDescription node;
  node.path = seen.path;
  node.way = OpenWay::observed;
  node.kind = to_string(seen.kind);
  node.client = seen.client.name;
  node.rocksdb_version = seen.rocksdb_version();
  if (node.rocksdb_version.empty()) node.rocksdb_version = log.story.version;
  node.format_version = seen.tables.format_version;
  node.column_families = seen.family_titles();
  node.locked_by = seen.holder;
  node.zone = zone_text(log.story);

  auto& facts = node.facts;
  for (const auto& problem : seen.problems) {
    facts.push_back({"Problem", problem.text, "directory"});
  }
  if (!seen.client.name.empty()) {
    facts.push_back({"Client", seen.client.name, seen.client.evidence});
    if (seen.client.profile != nullptr && !seen.client.profile->settings_note.empty()) {
      facts.push_back({"About its settings", std::string(seen.client.profile->settings_note),
                       "what is known of this client"});
    }
  }
  if (!node.rocksdb_version.empty()) {
    facts.push_back({"RocksDB version", node.rocksdb_version,
                     seen.options ? seen.options->name : std::string(kLog)});
  }
  facts.push_back({"Held by", seen.holder ? seen.holder->describe() : "nobody: the node is stopped",
                   "/proc/locks"});
  add_files(seen, facts);
  add_log(seen, log, facts);
  add_memory_facts(seen, log, facts);
  add_families(seen, facts);
  describe_options(seen, log, knob_states(seen, log), node);
  if (log.story.records > 0) facts.push_back({"Zone of the LOG", node.zone, std::string(kLog)});
  return node;
}

}  // namespace nodetune
