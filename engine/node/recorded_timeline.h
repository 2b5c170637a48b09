// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "engine/base/clock.h"
#include "engine/files/log_summary.h"
#include "engine/metrics/snapshot.h"
#include "engine/node/logged_work.h"

namespace nodetune {

// What LOG files tell, in order of time, as a sampler that had been there would have seen it: at
// even steps, counters growing from zero, a figure of the node's statistics held until the next
// ones are due.
//
// Memory is bounded whatever the files hold and however long they cover: steps get longer.
// Thread: one at a time.
class RecordedTimeline {
 public:
  struct Limits {
    std::size_t bins_max = 16'384;    // moments at which something happened
    std::size_t samples_max = 8'192;  // of all of the time
    std::size_t dumps_max = 20'000;   // the newest; half a year of one every ten minutes
    double dump_age_max = 1.5;        // of its interval: then the next one is overdue
  };

  RecordedTimeline() : RecordedTimeline(Limits{}) {}
  explicit RecordedTimeline(const Limits& limits) : limits_(limits) {}

  void add(const LogSummary& fresh);  // what stands in its lists
  // The node ran and wrote from `first` to `last`: what happened meanwhile is known, and that
  // nothing did, too.
  void add_run(TimePoint first, TimePoint last);

  struct Known {
    bool events = false;  // the LOG holds events: no flush means that there was none
    bool stalls = true;   // likewise, lines about stalls
  };
  using Take = std::function<void(const std::shared_ptr<const Snapshot>&)>;
  // Hands over the samples, ascending; their sequence numbers begin at 1.
  void replay(const Known& known, const Take& take) const;
  Duration step() const;  // between two samples

 private:
  struct Run {
    TimePoint first{};
    TimePoint last{};
  };

  LoggedWork& bin_at(TimePoint time);
  void double_width();
  static void set_counted(const LoggedWork& total, const Known& known, Snapshot& sample);
  void set_dumped(std::size_t dump, double stalled_before, Snapshot& sample) const;

  const Limits limits_;
  Duration width_ = std::chrono::seconds(1);
  std::map<std::int64_t, LoggedWork> bins_;  // by time ÷ width_
  std::deque<LoggedDump> dumps_;
  std::vector<Run> runs_;
};

}  // namespace nodetune
