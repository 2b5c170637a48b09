// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/files/log_events.h"
#include "engine/files/log_jobs.h"
#include "engine/files/log_stall.h"
#include "engine/files/log_summary.h"

namespace nodetune {

// Reads LOG text as it comes, in chunks of any size: a whole file, or what a live node appended.
// A record counts once the next one has begun, or at end_file().
//
// Memory is bounded by the limits whatever comes in. Thread: its owner's.
class LogSummariser {
 public:
  explicit LogSummariser(const LogSummaryLimits& limits = {});

  void feed(std::string_view bytes);
  void end_file();
  // Empties the lists, not the counts and totals: what they hold later is new to the caller. A
  // recovery that has not ended stays.
  void forget_entries();

  const LogSummary& summary() const { return summary_; }
  // Of the open that was read last; at most running_jobs_max of each kind.
  RunningJobs running() const { return jobs_.running(); }

  LogSummariser(const LogSummariser&) = delete;
  LogSummariser& operator=(const LogSummariser&) = delete;

 private:
  void add(const LogRecord& record);
  void add_event(const LogRecord& record, std::string_view json);
  std::int64_t& count_of_event(LogEventKind kind, std::string_view name);
  void add_parsed_event(LogEvent& event);  // cuts its names
  void finish_flush(const LogEvent& event);
  void finish_compaction(const LogEvent& event);
  void add_recovery(const LogEvent& event);
  bool add_stall(const LogRecord& record);
  std::int64_t* count_of_stall(const LoggedStall& stall);
  bool add_dump(const LogRecord& record);
  void add_problem(const LogRecord& record);
  void add_header(const LogRecord& record, bool many_lines);
  void finish_open(TimePoint local);
  void learn_offset(TimePoint local, TimePoint utc);
  void mention(std::string_view column_family);
  std::string_view cut_name(std::string_view name) const;
  TimePoint to_utc(TimePoint local) const;
  template <typename Entry>
  static void push(std::deque<Entry>& list, Entry&& entry, std::size_t entries_max);

  const LogSummaryLimits limits_;
  LogRecordReader reader_;
  LogEventReader events_;
  LogStallReader stalls_;
  LogSummary summary_;
  std::array<std::int64_t*, kLogEventKindCount> known_events_{};  // into summary_.events, by kind
  std::int64_t* stall_count_ = nullptr;  // into summary_.stall_counts, of the last stall
  JobsInLog jobs_;
  std::optional<std::string> last_mentioned_;
  std::string options_family_ = "default";  // whose options the LOG is listing
  std::optional<TimePoint> opening_;        // local time of a version line without its end
  TimePoint before_opening_{};              // of the line before that one, likewise
  TimePoint last_line_{};                   // likewise; the epoch: there was none
  TimePoint line_before_{};                 // likewise, of the one before
  double stall_of_earlier_opens_ = 0;       // seconds
  std::optional<double> last_uptime_;       // of the last dump
  std::optional<double> last_cumulative_;   // likewise
  SettingsInLog settings_;
};

}  // namespace nodetune
