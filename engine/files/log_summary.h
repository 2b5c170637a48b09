// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "engine/base/clock.h"
#include "engine/base/stall_cause.h"
#include "engine/base/status.h"
#include "engine/files/log_block_cache.h"
#include "engine/files/log_dump.h"
#include "engine/files/log_line.h"
#include "engine/files/log_settings.h"
#include "engine/files/newest_list.h"

namespace nodetune {

enum class StallAction { delay, stop };  // "Stalling writes", "Stopping writes"

std::string_view to_string(StallAction action);

// One line that says that writes are held up. No line says when that ended: the stalled seconds
// come from the dumps.
struct LoggedStall {
  TimePoint time;
  StallCause cause = StallCause::memtables;
  StallAction action = StallAction::delay;
  std::string column_family;                          // raw bytes
  std::optional<std::int64_t> amount;                 // memtables, files or bytes
  std::optional<std::int64_t> rate_bytes_per_second;  // that a delay allows
};

struct LoggedFlush {
  TimePoint time;  // its end
  std::optional<double> seconds;
  std::optional<std::string> column_family;  // raw bytes
  std::optional<std::int64_t> output_bytes;
  std::optional<std::int64_t> memtable_bytes;
  std::optional<std::int64_t> entries;
  std::string reason;
  std::optional<std::int64_t> job;  // counts anew with every open
  std::optional<TimePoint> start;
};

struct LoggedCompaction {
  TimePoint time;  // its end
  std::optional<double> seconds;
  std::optional<std::string> column_family;  // raw bytes
  std::optional<std::int64_t> input_bytes;
  std::optional<std::int64_t> output_bytes;
  std::optional<std::int64_t> input_level;  // the lowest number
  std::optional<std::int64_t> output_level;
  std::string reason;
  std::optional<std::int64_t> job;  // counts anew with every open
  std::optional<TimePoint> start;
};

// Those whose end was not read: they run, or failed, or the LOG ends before. `time` means nothing.
struct RunningJobs {
  std::vector<LoggedFlush> flushes;
  std::vector<LoggedCompaction> compactions;
};

struct LoggedRecovery {
  TimePoint time;  // its start
  std::optional<double> seconds;
  std::optional<std::int64_t> wal_files;
};

// One open of the database, from its LOG's version line to "DB pointer": then it is open.
struct LoggedOpen {
  TimePoint time;  // its start
  double seconds = 0;
  // The last line of the run before; nothing: it is not there.
  std::optional<TimePoint> line_before = std::nullopt;
};

// One "** DB Stats **": its stalls, and the trees of all families as they were last told.
struct LoggedDump {
  TimePoint time;
  std::optional<double> uptime_seconds;
  std::optional<double> interval_seconds;
  std::optional<double> cumulative_stall_seconds;
  std::optional<double> interval_stall_seconds;
  std::optional<double> l0_files;  // of the worst family
  std::optional<double> sst_files;
  std::optional<double> sst_bytes;
  std::optional<double> pending_compaction_bytes;
  BlockCacheSum block_cache;
};

// An error line, or a warning that speaks of a failing disk or damaged data.
struct LoggedProblem {
  TimePoint time;
  LogLevel level = LogLevel::error;
  std::string text;  // cut at LogSummaryLimits::problem_bytes_max
};

// What one or several LOG files tell. Lists hold the newest entries only; counts and totals hold
// all. Times are UTC where `utc_offset` is known, else the node's local time: zone unknown.
struct LogSummary {
  struct Totals {
    std::int64_t count = 0;
    std::int64_t input_bytes = 0;
    std::int64_t output_bytes = 0;
    double seconds = 0;
  };

  std::string product;  // "RocksDB", "Speedb"; empty where no line says so
  std::string version;  // of the last open, "8.3.2"
  std::string session_id;
  std::int64_t headers = 0;  // version lines: opens, and files rolled over
  std::optional<TimePoint> first_time;
  std::optional<TimePoint> last_time;
  std::optional<Duration> utc_offset;  // local time minus UTC, the newest known

  std::int64_t records = 0;
  std::int64_t error_lines = 0;    // [ERROR] and [FATAL]
  std::int64_t warning_lines = 0;  // stalls among them
  NewestList<LoggedProblem> problems;
  std::map<std::string, std::int64_t, std::less<>> events;  // name -> count
  std::int64_t nameless_events = 0;                         // half lines
  std::int64_t damaged_events = 0;        // counted in `events`, but without their figures
  std::set<std::string> column_families;  // raw names that were mentioned

  std::map<std::tuple<std::string, StallCause, StallAction>, std::int64_t> stall_counts;
  NewestList<LoggedStall> stalls;
  std::int64_t dumps = 0;  // "** DB Stats **"
  std::deque<LoggedDump> dump_stalls;
  std::optional<double> interval_stall_seconds;  // the sum over all dumps
  // The last "Cumulative stall" of every open, added up: what was stalled up to the last dump.
  std::optional<double> cumulative_stall_seconds;
  std::string db_stall_counters;                          // of the last dump
  std::map<std::string, ColumnFamilyDump> family_dumps;   // the last of each column family
  std::map<std::string, std::int64_t> block_cache_bytes;  // column family -> capacity
  LoggedBlockCaches block_caches;                         // of the newest run

  NewestList<LoggedFlush> flushes;
  NewestList<LoggedCompaction> compactions;
  std::deque<LoggedRecovery> recoveries;
  std::deque<LoggedOpen> opens;  // as counts, kept: they are few
  Totals flush_totals;           // finished ones
  Totals compaction_totals;      // finished ones; trivial moves are not among them
  std::int64_t stall_total() const;

  std::deque<LoggedSetting> settings;     // kept as opens are
  std::vector<std::string> unread_files;  // why a file of several could not be read
};

struct LogSummaryLimits {
  LogLimits lines;
  std::size_t list_entries_max = 2000;     // of each list: the newest
  std::size_t jobs_max = 10'000;           // likewise, of flushes and of compactions
  std::size_t column_families_max = 4096;  // mentioned, counted or dumped
  std::size_t event_names_max = 64;        // RocksDB has 12
  std::size_t running_jobs_max = 1024;     // whose end has not been seen
  std::size_t opens_max = 64;              // the newest
  std::size_t settings_max = 200;          // likewise
  std::size_t problem_bytes_max = 500;
  std::size_t name_bytes_max = 1024;  // of a column family, an event, a reason; the rest is cut
};

// Reads files of any size, in the order of their first lines' times. Files that cannot be read or
// hold no LOG line are named in unread_files; if that is all of them, the first one's error is
// returned. `stop` is asked now and then; true ends with StatusCode::cancelled.
Result<LogSummary> summarise_logs(const std::vector<std::string>& files,
                                  const LogSummaryLimits& limits = {},
                                  const std::function<bool()>& stop = {});

}  // namespace nodetune
