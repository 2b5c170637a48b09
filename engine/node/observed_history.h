// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <deque>
#include <optional>
#include <vector>

#include "engine/files/log_summary.h"
#include "engine/metrics/history.h"

namespace nodetune {

// Puts the stalled seconds of the past into a history: each of the statistics that the node wrote
// tells what its interval held.
//
// Times are UTC: call it only where the LOG's zone is known; a figure at the wrong hour is worse
// than none.
void fill_back_stalls(const std::deque<LoggedDump>& dumps, History& history);

// The time that one statistics speaks of.
struct StallInterval {
  TimePoint begin{};
  TimePoint end{};
  double stalled_share = 0;  // seconds in each second
};
std::vector<StallInterval> stall_intervals(const std::deque<LoggedDump>& dumps);

// The worst of several databases, as far as all of them have told: they write their statistics at
// different times.
//
// Thread: one at a time.
class WorstStalls {
 public:
  explicit WorstStalls(std::size_t databases) : told_(databases) {}

  void add(std::size_t database, const std::vector<StallInterval>& fresh);
  // Puts what all have told since the last time into `history`. Where one was silent is a gap.
  void fill(History& history);

 private:
  std::vector<std::deque<StallInterval>> told_;  // ascending; what was put there is dropped
  TimePoint filled_until_{};
};

// Stalled seconds as they grow, for rules that look at a minute: the node tells them in one lump
// every ten. What one interval held is spread over the time that follows it, evenly.
class PacedStalls {
 public:
  void add(const LoggedDump& dump);
  // The total at `now`; missing before there was any statistics.
  double total(TimePoint now) const;

 private:
  std::optional<LoggedDump> dump_;
};

}  // namespace nodetune
