// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/node/recorded_jobs.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "engine/node/job_limits.h"
#include "engine/node/job_ring.h"

namespace nodetune {
namespace {

constexpr std::string_view kFlush = "flush";
constexpr std::string_view kCompaction = "compaction";
// A database of many may be looked at so much later than the others.
constexpr auto kLateness = std::chrono::minutes(10);
constexpr auto kFuture = std::chrono::hours(24);  // of the machine's own clock

Source source_named(const std::string& name) {
  for (const auto source : {Source::derived, Source::logged, Source::scraped}) {
    if (name == to_string(source)) return source;
  }
  return Source::measured;
}

}  // namespace

RecordedJob to_recorded(const StorageJob& job) {
  RecordedJob recorded;
  recorded.kind = job.kind == StorageJob::Kind::flush ? kFlush : kCompaction;
  recorded.family = job.family;
  recorded.begin = job.begin;
  recorded.end = job.end.value_or(job.begin);
  recorded.input_level = job.input_level;
  recorded.output_level = job.output_level;
  recorded.input_bytes = job.input_bytes;
  recorded.output_bytes = job.output_bytes;
  recorded.reason = job.reason;
  recorded.source = to_string(job.source);
  return recorded;
}

std::optional<StorageJob> from_recorded(const RecordedJob& recorded) {
  const bool ordered = recorded.begin > TimePoint{} && recorded.begin <= recorded.end;
  if (!ordered || recorded.end > kJobTimeMax) return std::nullopt;
  StorageJob job;
  job.kind = recorded.kind == kFlush ? StorageJob::Kind::flush : StorageJob::Kind::compaction;
  job.family = recorded.family;
  job.begin = recorded.begin;
  job.end = recorded.end;
  job.input_level = job_level(recorded.input_level);
  job.output_level = job_level(recorded.output_level);
  job.input_bytes = recorded.input_bytes;
  job.output_bytes = recorded.output_bytes;
  job.reason = recorded.reason;
  job.source = source_named(recorded.source);
  return job;
}

std::vector<RecordedJob> JobTranscript::look() {
  const auto from = newest_end_ == TimePoint{} ? TimePoint{} : newest_end_ - kLateness;
  const auto now = std::max(node_.snapshot()->taken_at, newest_end_) + kFuture;
  std::vector<RecordedJob> fresh;
  for (const auto& job : node_.jobs(from, now, kJobsKept)) {
    if (!job.end || *job.end < from || !told_.emplace(job.sequence, *job.end).second) continue;
    newest_end_ = std::max(newest_end_, *job.end);
    fresh.push_back(to_recorded(job));
  }
  std::erase_if(told_, [&](const auto& each) { return each.second < newest_end_ - kLateness; });
  return fresh;
}

}  // namespace nodetune
