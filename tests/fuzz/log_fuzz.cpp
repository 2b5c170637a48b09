// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
//
// Any bytes as a LOG: summarised whole and in pieces to the same figures, and within the limits,
// which are small here so that a few lines reach them.
#include <fmt/format.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "engine/files/log_summariser.h"

using namespace nodetune;

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

LogSummaryLimits small_limits() {
  LogSummaryLimits limits;
  limits.lines.line_bytes_max = 1'000;
  limits.lines.record_bytes_max = 3'000;
  limits.list_entries_max = 3;
  limits.jobs_max = 3;
  limits.column_families_max = 4;
  limits.event_names_max = 3;
  limits.running_jobs_max = 2;
  limits.settings_max = 2;
  limits.problem_bytes_max = 40;
  limits.name_bytes_max = 24;
  return limits;
}

// Collects a summary's figures as text, and looks at the limits on the way.
class Description {
 public:
  explicit Description(const LogSummaryLimits& limits) : limits_(limits) {}

  const std::string& of(const LogSummary& summary, const RunningJobs& running) {
    add_jobs(running.flushes, limits_.running_jobs_max);
    add_jobs(running.compactions, limits_.running_jobs_max);
    add_jobs(summary.flushes, limits_.jobs_max);
    add_jobs(summary.compactions, limits_.jobs_max);
    add_name(summary.product);
    add_name(summary.version);
    add_name(summary.session_id);
    add(summary.headers, time_of(summary.first_time), time_of(summary.last_time));
    add(summary.utc_offset ? summary.utc_offset->count() : -1, summary.records, summary.error_lines,
        summary.warning_lines);
    require(summary.events.size() <= limits_.event_names_max + 1);
    for (const auto& [name, count] : summary.events) add_name(name), add(count);
    add(summary.nameless_events, summary.damaged_events, summary.dumps, summary.stall_total());
    require(summary.column_families.size() <= limits_.column_families_max);
    for (const auto& name : summary.column_families) add_name(name);
    add_value(summary.interval_stall_seconds);
    add_value(summary.cumulative_stall_seconds);
    add_counters(parse_stall_counters(summary.db_stall_counters));
    require(summary.block_cache_bytes.size() <= limits_.column_families_max);
    for (const auto& [name, bytes] : summary.block_cache_bytes) add_name(name), add(bytes);
    add_caches(summary.block_caches);
    add_totals(summary.flush_totals);
    add_totals(summary.compaction_totals);
    add_stalls(summary);
    add_lists(summary);
    add_dumps(summary);
    require(summary.settings.size() <= limits_.settings_max);
    for (const auto& setting : summary.settings) {
      text_ += setting.name + "=" + setting.value + " ";
      add(time_of(setting.time));
    }
    return text_;
  }

 private:
  template <typename... Values>
  void add(const Values&... values) {
    ((text_ += fmt::format("{} ", values)), ...);
  }
  template <typename Value>
  void add_value(const std::optional<Value>& value) {
    value ? add(*value) : add("-");
  }
  void add_name(std::string_view name) {
    require(name.size() <= limits_.name_bytes_max);
    add(name);
  }
  static std::int64_t time_of(const std::optional<TimePoint>& time) {
    return time ? time->time_since_epoch().count() : 0;
  }
  void add_counters(const StallCounters& counters) {
    require(counters.size() <= 64);
    for (const auto& [name, count] : counters) add(name.substr(0, 128), count);
  }
  void add_totals(const LogSummary::Totals& totals) {
    require(totals.count >= 0 && totals.input_bytes >= 0 && totals.output_bytes >= 0);
    add(totals.count, totals.input_bytes, totals.output_bytes, totals.seconds);
  }
  void add_caches(const LoggedBlockCaches& known) {
    require(known.caches.size() <= limits_.column_families_max);
    require(known.families.size() <= limits_.column_families_max);
    for (const auto& [name, address] : known.families) {
      add_name(name);
      require(known.caches.contains(address));
    }
    for (const auto& [address, cache] : known.caches) {
      add_name(address);
      add(time_of(cache.time));
      add_value(cache.stats.capacity_bytes);
      const auto used = cache.stats.used_bytes();
      require(!used || (*used >= 0 && *used < 1e19));
      add_value(used);
    }
  }
  void add_stalls(const LogSummary& summary) {
    require(summary.stall_counts.size() <= limits_.column_families_max);
    for (const auto& [key, count] : summary.stall_counts) {
      add_name(std::get<0>(key));
      add(static_cast<int>(std::get<1>(key)), to_string(std::get<2>(key)), count);
    }
    require(summary.stalls.size() <= limits_.list_entries_max);
    for (const auto& stall : summary.stalls) {
      add_name(stall.column_family);
      add(time_of(stall.time));
      add_value(stall.amount);
      add_value(stall.rate_bytes_per_second);
    }
  }
  template <typename Jobs>
  void add_jobs(const Jobs& jobs, std::size_t jobs_max) {
    require(jobs.size() <= jobs_max);
    for (const auto& job : jobs) {
      add_name(job.reason);
      add_name(job.column_family.value_or("-"));
      add(time_of(job.time), time_of(job.start));
      add_value(job.job);
      add_value(job.seconds);
      add_value(job.output_bytes);
    }
  }
  void add_lists(const LogSummary& summary) {
    for (const auto size :
         {summary.recoveries.size(), summary.problems.size(), summary.dump_stalls.size()}) {
      require(size <= limits_.list_entries_max);
    }
    for (const auto& recovery : summary.recoveries) add_value(recovery.seconds);
    for (const auto& problem : summary.problems) {
      require(problem.text.size() <= limits_.problem_bytes_max);
      add(time_of(problem.time), problem.text);
    }
    for (const auto& dump : summary.dump_stalls) {
      add(time_of(dump.time));
      add_value(dump.cumulative_stall_seconds);
    }
  }
  void add_dumps(const LogSummary& summary) {
    require(summary.family_dumps.size() <= limits_.column_families_max);
    for (const auto& [name, dump] : summary.family_dumps) {
      add_name(name);
      add_name(dump.name);
      add_counters(parse_stall_counters(dump.stall_counters));
      require(dump.levels.size() <= 64);
      for (const auto& level : dump.levels) {
        add_value(level.level);
        add_value(level.files);
        add_value(level.bytes);
      }
    }
  }

  const LogSummaryLimits& limits_;
  std::string text_;
};

std::string summarise(std::string_view text, std::size_t piece) {
  const auto limits = small_limits();
  LogSummariser summariser(limits);
  for (; !text.empty(); text.remove_prefix(std::min(piece, text.size()))) {
    // A copy: the bytes of a piece are gone when the next one comes.
    const std::string part(text.substr(0, piece));
    summariser.feed(part);
  }
  summariser.end_file();
  return Description(limits).of(summariser.summary(), summariser.running());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto whole = summarise(text, size + 1);
  const std::size_t piece = 1 + size % 61;
  require(summarise(text, piece) == whole);
  (void)parse_stats_dump(text);
  (void)parse_log_record(text);
  return 0;
}
