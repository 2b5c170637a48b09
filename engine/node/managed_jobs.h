// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <set>
#include <vector>

#include "engine/node/job_ring.h"
#include "engine/store/database.h"

namespace nodetune {

// What the listener of our own database tells of flushes and compactions, as jobs.
//
// Thread: take() one at a time, the ring any.
class ManagedJobs {
 public:
  // One that has ended.
  void take(const DatabaseJob& ended);
  // After those that ended since: `running` was asked for before them. A job that is in neither
  // for two rounds was lost.
  void take_running(const std::vector<DatabaseJob>& running, TimePoint now);

  const JobRing& ring() const { return ring_; }

 private:
  JobRing ring_;
  std::set<JobRing::Running> ended_;    // since the last round
  std::set<JobRing::Running> running_;  // in the last round
};

}  // namespace nodetune
