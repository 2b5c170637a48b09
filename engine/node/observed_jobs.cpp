// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/node/observed_jobs.h"

#include <algorithm>
#include <set>
#include <string_view>
#include <utility>

#include "engine/base/format.h"
#include "engine/node/job_limits.h"

namespace nodetune {
namespace {

constexpr double kJobSecondsMax = 365.0 * 86'400;
constexpr std::string_view kCutOff = "cut off: its end is not in the LOG";

bool makes_sense(TimePoint time) {
  return time > TimePoint{} && time < kJobTimeMax;
}

// What flushes and compactions have in common. A begin that was not told is as long before the end
// as the job took.
template <typename Logged>
std::optional<StorageJob> base_of(const Logged& logged, bool ended, const ClientProfile* client) {
  StorageJob job;
  job.source = Source::logged;
  if (ended) {
    if (!makes_sense(logged.time)) return std::nullopt;
    job.end = logged.time;
    const double seconds = logged.seconds.value_or(0);
    const bool known = seconds >= 0 && seconds <= kJobSecondsMax;
    job.begin = logged.time - (known ? from_seconds(seconds) : Duration{});
  }
  if (logged.start && makes_sense(*logged.start) && (!ended || *logged.start <= logged.time)) {
    job.begin = *logged.start;
  }
  if (job.begin <= TimePoint{}) return std::nullopt;
  if (logged.column_family) job.family = family_title(client, *logged.column_family);
  job.output_bytes = logged.output_bytes;
  job.reason = escape_name(logged.reason);
  return job;
}

std::optional<StorageJob> flush_job(const LoggedFlush& flush, bool ended,
                                    const ClientProfile* client) {
  auto job = base_of(flush, ended, client);
  if (!job) return job;
  job->kind = StorageJob::Kind::flush;
  job->output_level = 0;
  job->input_bytes = flush.memtable_bytes;
  return job;
}

std::optional<StorageJob> compaction_job(const LoggedCompaction& compaction, bool ended,
                                         const ClientProfile* client) {
  auto job = base_of(compaction, ended, client);
  if (!job) return job;
  job->kind = StorageJob::Kind::compaction;
  job->input_level = job_level(compaction.input_level);
  job->output_level = job_level(compaction.output_level);
  job->input_bytes = compaction.input_bytes;
  return job;
}

}  // namespace

std::optional<StorageJob> job_of(const LoggedFlush& flush, const ClientProfile* client) {
  return flush_job(flush, true, client);
}

std::optional<StorageJob> job_of(const LoggedCompaction& compaction, const ClientProfile* client) {
  return compaction_job(compaction, true, client);
}

void ObservedJobs::take(const LogSummary& told, const ClientProfile* client) {
  for (const auto& each : told.flushes) {
    if (auto job = job_of(each, client)) ring_.put({each.job.value_or(-1)}, *std::move(job));
  }
  for (const auto& each : told.compactions) {
    if (auto job = job_of(each, client)) ring_.put({each.job.value_or(-1)}, *std::move(job));
  }
}

void ObservedJobs::take_running(const RunningJobs& running, bool is_held,
                                std::optional<TimePoint> last_written,
                                const ClientProfile* client) {
  std::set<JobRing::Running> keys;
  const auto put = [&](const auto& logged, std::optional<StorageJob> job) {
    if (!job || !logged.start) return;
    const JobRing::Id id{logged.job.value_or(-1)};
    keys.insert({job->kind, id, job->begin});
    ring_.put(id, *std::move(job));
  };
  for (const auto& each : running.flushes) put(each, flush_job(each, false, client));
  for (const auto& each : running.compactions) put(each, compaction_job(each, false, client));
  // Of an open before: nothing was written of it since the last look.
  const auto before = last_written_ ? last_written_ : last_written;
  ring_.cut_off_others(keys, before.value_or(TimePoint{}), kCutOff);
  if (!is_held) ring_.cut_off_others({}, last_written.value_or(TimePoint{}), kCutOff);
  last_written_ = last_written;
}

}  // namespace nodetune
