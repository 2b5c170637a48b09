// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "engine/files/log_events.h"
#include "engine/files/log_summary.h"

namespace nodetune {

// Puts flushes and compactions together out of what a LOG tells of them piece by piece: that one is
// about to start, that it started, which files it wrote, that it finished.
//
// Memory is bounded by the limits whatever comes in. Thread: its owner's.
class JobsInLog {
 public:
  explicit JobsInLog(const LogSummaryLimits& limits) : limits_(limits) {}

  // "[default] [JOB 8] Compacting 4@0 + 1@6 files to L6, score 1.00": whether the message is one.
  bool announce(std::string_view message);
  void start_flush(const LogEvent& event);
  void start_compaction(const LogEvent& event);
  void add_file(const LogEvent& event);
  // With what was told before, if anything was; `time` is not set. Good until the next call.
  LoggedFlush& finish_flush(const LogEvent& event);
  LoggedCompaction& finish_compaction(const LogEvent& event);

  // At most running_jobs_max of each kind.
  RunningJobs running() const;
  // At a new open: jobs count anew, and those that were running then never end.
  void forget();

 private:
  // Of a compaction that is about to start.
  struct Announcement {
    std::string column_family;
    std::int64_t output_level = 0;
  };

  using Flushes = std::multimap<std::int64_t, LoggedFlush>;  // by job: atomic ones share it
  using Compactions = std::map<std::int64_t, LoggedCompaction>;

  const LogSummaryLimits limits_;
  Flushes flushes_;
  Compactions compactions_;
  std::map<std::int64_t, Announcement> announced_;
  // The last ones, whose memory is for the next that start.
  Flushes::node_type done_flush_;
  Compactions::node_type done_compaction_;
};

// Totals of hostile files stop at the end of the range instead of running over it.
void add_logged(std::int64_t& total, std::optional<std::int64_t> value);

}  // namespace nodetune
