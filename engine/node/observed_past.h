// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <span>
#include <vector>

#include "engine/files/log_summary.h"
#include "engine/metrics/history.h"
#include "engine/node/logged_work.h"

namespace nodetune {

// What the LOGs of an observed database tell of the time before somebody looked: what was flushed
// and compacted, how often writers were held up, and the trees as the node's statistics told them.
//
// Invariant: bounded by the steps that History keeps, whatever the LOGs hold. What is not known
// (a list that ran over, a LOG without events, a node that stood still) is missing, not zero.
// Thread: one at a time.
class ObservedPast {
 public:
  // One step of History's grid; the newest may be longer.
  struct Step {
    TimePoint begin{};
    TimePoint end{};
    std::size_t level = 0;  // of History::Config
  };

  // Lists of the LOG, in the order of their times, each entry once.
  void add(const LogSummary& lists, const LogSummaryLimits& limits);
  // All of the LOG was read: `story` is the whole of it, of [its first line, until].
  void finish(const LogSummary& story, TimePoint until);

  TimePoint first() const { return first_; }
  TimePoint until() const { return until_; }
  // What is known of that step: rates of counters, values of gauges, missing what is not.
  static constexpr std::size_t kMetricCount = kJobMetrics.size() + kStallConditions.size() + 4;
  using Figures = std::array<double, kMetricCount>;
  Figures figures(const Step& step) const;

 private:
  struct Pause {
    TimePoint begin{};
    TimePoint end{};
  };

  void count(TimePoint time, const LoggedWork& work);
  bool was_open(const Step& step) const;
  LoggedWork work_of(const Step& step) const;
  const LoggedDump* dump_of(const Step& step) const;

  std::array<std::map<std::int64_t, LoggedWork>,
             std::tuple_size_v<decltype(History::Config::levels)>>
      work_;                      // by time ÷ the level's step
  std::deque<LoggedDump> dumps_;  // ascending
  std::vector<Pause> pauses_;     // ascending; nobody had the database open
  TimePoint newest_{};            // of what was counted
  TimePoint jobs_from_{};         // before it, some of them are not known
  TimePoint stalls_from_{};       // likewise
  bool zone_was_unknown_ = false;
  bool has_events_ = false;
  TimePoint first_{};
  TimePoint until_{};
};

// The steps of [first, until] as History keeps them, ascending: the older, the longer.
std::vector<ObservedPast::Step> past_steps(TimePoint first, TimePoint until);

// Puts what all of the databases tell into a history: sums, of level-0 files the worst. What one of
// them does not know is missing.
void fill_back(std::span<const ObservedPast* const> databases, History& history);

}  // namespace nodetune
