// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <deque>
#include <optional>

#include "engine/files/log_summary.h"
#include "engine/metrics/history.h"

namespace nodetune {

// Puts the stalled seconds of the past into a history: each of the statistics that the node wrote
// tells what its interval held.
//
// Times are UTC: call it only where the LOG's zone is known; a figure at the wrong hour is worse
// than none.
void fill_back(const std::deque<LoggedDump>& dumps, History& history);

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
