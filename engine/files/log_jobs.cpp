// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/files/log_jobs.h"

#include <iterator>
#include <limits>
#include <utility>

#include "engine/files/digits.h"

namespace nodetune {
namespace {

// A job that failed is never said to have ended; the oldest have the lowest numbers.
template <typename Jobs>
void make_room(Jobs& jobs, std::size_t jobs_max) {
  if (!jobs.empty() && jobs.size() >= jobs_max) jobs.erase(jobs.begin());
}

constexpr auto kNoJob = std::numeric_limits<std::int64_t>::min();  // no LOG's figure is so low

// As new, but for the memory of its text.
template <typename Job>
void renew(Job& job) {
  Job fresh;
  fresh.reason.swap(job.reason);
  fresh.reason.clear();
  job = std::move(fresh);
}

// A new job of this number, which a map must not hold; in the memory of one that is done, if any.
template <typename Jobs>
auto start(Jobs& jobs, std::int64_t id, typename Jobs::node_type& done) {
  if (!done) return jobs.emplace_hint(jobs.end(), id, typename Jobs::mapped_type{});
  renew(done.mapped());
  done.key() = id;
  return jobs.insert(jobs.end(), std::move(done));
}

// The job of this number as the one that is done; a new one where none has started.
template <typename Jobs>
auto& finish(Jobs& jobs, std::optional<std::int64_t> id, typename Jobs::node_type& done) {
  auto found = id ? jobs.lower_bound(*id) : jobs.end();
  if (found == jobs.end() || found->first != *id) found = start(jobs, id.value_or(kNoJob), done);
  done = jobs.extract(found);
  return done.mapped();
}

std::optional<double> seconds_between(std::optional<TimePoint> start,
                                      std::optional<TimePoint> end) {
  if (!start || !end || *end < *start) return std::nullopt;
  return to_seconds(*end - *start);
}

}  // namespace

void add_logged(std::int64_t& total, std::optional<std::int64_t> value) {
  if (!value || *value < 0) return;
  std::int64_t sum = 0;
  if (!__builtin_add_overflow(total, *value, &sum)) total = sum;
}

// The event that follows does not tell where to, nor, before version 8, of which family.
bool JobsInLog::announce(std::string_view message) {
  if (!message.starts_with('[')) return false;
  const auto at = message.find("] Compacting ");
  if (at == std::string_view::npos) return false;
  const auto front = message.substr(0, at);
  const auto mark = front.rfind("] [JOB ");
  const auto level = number_after(message.substr(at), " files to L");
  if (mark == std::string_view::npos || !level) return false;
  const auto job = number_after(front.substr(mark), "] [JOB ");
  if (!job) return false;
  make_room(announced_, limits_.running_jobs_max);
  const auto family = front.substr(1, mark - 1).substr(0, limits_.name_bytes_max);
  announced_[*job] = {std::string(family), *level};
  return true;
}

void JobsInLog::start_flush(const LogEvent& event) {
  if (!event.job) return;
  make_room(flushes_, limits_.running_jobs_max);
  auto& started = start(flushes_, *event.job, done_flush_)->second;
  started.job = event.job;
  started.start = event.time;
  started.memtable_bytes = event.memtable_bytes;
  started.entries = event.entries;
  started.reason = event.reason;
}

// A flush does not say whose it is; the file that it makes does.
void JobsInLog::add_file(const LogEvent& event) {
  if (!event.job) return;
  const auto [first, last] = flushes_.equal_range(*event.job);
  if (first == last) return;
  auto& flush = std::prev(last)->second;
  flush.column_family = event.column_family;
  if (event.file_bytes) {
    std::int64_t bytes = flush.output_bytes.value_or(0);
    add_logged(bytes, event.file_bytes);
    flush.output_bytes = bytes;
  }
}

LoggedFlush& JobsInLog::finish_flush(const LogEvent& event) {
  auto& flush = finish(flushes_, event.job, done_flush_);
  flush.job = event.job;
  flush.seconds = seconds_between(flush.start, event.time);
  return flush;
}

void JobsInLog::start_compaction(const LogEvent& event) {
  if (!event.job) return;
  make_room(compactions_, limits_.running_jobs_max);
  compactions_.erase(*event.job);
  auto& started = start(compactions_, *event.job, done_compaction_)->second;
  started.job = event.job;
  started.start = event.time;
  started.column_family = event.column_family;
  started.input_bytes = event.input_bytes;
  started.input_level = event.input_level;
  started.reason = event.reason;
  if (auto told = announced_.extract(*event.job)) {
    started.output_level = told.mapped().output_level;
    if (!started.column_family) started.column_family = std::move(told.mapped().column_family);
  }
}

LoggedCompaction& JobsInLog::finish_compaction(const LogEvent& event) {
  auto& done = finish(compactions_, event.job, done_compaction_);
  done.job = event.job;
  done.output_bytes = event.output_bytes;
  if (event.output_level) done.output_level = event.output_level;
  if (event.run_time && event.run_time->count() >= 0) done.seconds = to_seconds(*event.run_time);
  return done;
}

RunningJobs JobsInLog::running() const {
  RunningJobs running;
  for (const auto& [id, flush] : flushes_) running.flushes.push_back(flush);
  for (const auto& [id, compaction] : compactions_) running.compactions.push_back(compaction);
  return running;
}

void JobsInLog::forget() {
  flushes_.clear();
  compactions_.clear();
  announced_.clear();
}

}  // namespace nodetune
