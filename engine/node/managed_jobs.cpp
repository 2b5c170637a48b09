// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/node/managed_jobs.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

namespace nodetune {
namespace {

std::optional<int> known_level(int level) {
  return level >= 0 ? std::optional(level) : std::nullopt;
}

StorageJob job_of(const DatabaseJob& told) {
  StorageJob job;
  job.kind = told.is_flush ? StorageJob::Kind::flush : StorageJob::Kind::compaction;
  job.family = told.family;
  job.begin = told.begin;
  if (told.end != TimePoint{}) job.end = std::max(told.begin, told.end);
  job.input_level = known_level(told.input_level);
  job.output_level = known_level(told.output_level);
  job.input_bytes = told.input_bytes;
  job.output_bytes = told.output_bytes;
  job.reason = told.reason;
  return job;
}

}  // namespace

void ManagedJobs::take(const DatabaseJob& ended) {
  const JobRing::Id id{ended.number, ended.family};
  auto job = job_of(ended);
  ended_.insert({job.kind, id, job.begin});
  ring_.put(id, std::move(job));
}

void ManagedJobs::take_running(const std::vector<DatabaseJob>& running, TimePoint now) {
  std::set<JobRing::Running> keys;
  for (const auto& each : running) {
    const JobRing::Id id{each.number, each.family};
    auto job = job_of(each);
    const JobRing::Running key{job.kind, id, job.begin};
    if (ended_.contains(key)) continue;
    keys.insert(key);
    ring_.put(id, std::move(job));
  }
  // RocksDB's thread may be just about to tell the end of one.
  running_.insert(keys.begin(), keys.end());
  ring_.cut_off_others(running_, now, "its end was not told");
  running_ = std::move(keys);
  ended_.clear();
}

}  // namespace nodetune
