// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "engine/files/log_summary.h"
#include "engine/node/job_ring.h"
#include "engine/observe/client_profile.h"

namespace nodetune {

// A flush or compaction of a LOG as a job; nothing where its times make no sense. Its times come
// out of the event itself and are UTC whatever the LOG's zone.
std::optional<StorageJob> job_of(const LoggedFlush& flush, const ClientProfile* client);
std::optional<StorageJob> job_of(const LoggedCompaction& compaction, const ClientProfile* client);

// What the LOG of one foreign database tells of its jobs.
//
// A job that is not said to have ended runs as long as somebody holds the database and no later
// open begins: else it was cut off, when the LOG was last written.
// Thread: take() one at a time, jobs() any.
class ObservedJobs {
 public:
  explicit ObservedJobs(std::size_t jobs_max = kJobsKept) : ring_(jobs_max) {}

  // The ended ones of the lists of `told`.
  void take(const LogSummary& told, const ClientProfile* client);
  // After all that ended. `last_written`: when the LOG was, as far as it was read.
  void take_running(const RunningJobs& running, bool is_held, std::optional<TimePoint> last_written,
                    const ClientProfile* client);

  const JobRing& ring() const { return ring_; }

 private:
  JobRing ring_;
  std::optional<TimePoint> last_written_;  // at the look before
};

}  // namespace nodetune
