// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/store/database_listener.h"

#include <fmt/format.h>

#include "engine/base/format.h"
#include "engine/store/job_reason.h"
#include "engine/store/status_from.h"

namespace nodetune {
namespace {

std::string_view describe(rocksdb::BackgroundErrorReason reason) {
  switch (reason) {
    case rocksdb::BackgroundErrorReason::kFlush:
    case rocksdb::BackgroundErrorReason::kFlushNoWAL:
      return "a flush failed";
    case rocksdb::BackgroundErrorReason::kCompaction:
      return "a compaction failed";
    case rocksdb::BackgroundErrorReason::kWriteCallback:
      return "a write failed";
    case rocksdb::BackgroundErrorReason::kMemTable:
      return "a memtable failed";
    case rocksdb::BackgroundErrorReason::kManifestWrite:
    case rocksdb::BackgroundErrorReason::kManifestWriteNoWAL:
      return "the MANIFEST could not be written";
  }
  return "background work failed";
}

std::string file_name(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == std::string::npos ? path : path.substr(slash + 1);
}

std::int64_t file_bytes(const rocksdb::TableProperties& table) {
  return static_cast<std::int64_t>(table.data_size + table.index_size + table.filter_size);
}

std::string bytes_text(std::int64_t bytes) {
  return format_bytes(static_cast<double>(bytes));
}

double bits_per_key(const rocksdb::TableProperties& table) {
  // A table without a filter says nothing of its bits: there may be no point keys in it.
  const auto keys = table.num_filter_entries > 0 ? table.num_filter_entries : table.num_entries;
  if (table.filter_size == 0 || keys == 0) return kMissing;
  return static_cast<double>(table.filter_size) * 8.0 / static_cast<double>(keys);
}

// Nothing is rewritten.
bool is_move(const rocksdb::CompactionJobInfo& job) {
  return job.input_files == job.output_files;
}

DatabaseJob flush_job(const rocksdb::FlushJobInfo& info) {
  DatabaseJob job;
  job.number = info.job_id;
  job.is_flush = true;
  job.family = escape_name(info.cf_name);
  job.output_level = 0;
  job.reason = reason_text(info.flush_reason);
  return job;
}

DatabaseJob compaction_job(const rocksdb::CompactionJobInfo& info) {
  DatabaseJob job;
  job.number = info.job_id;
  job.family = escape_name(info.cf_name);
  job.input_level = info.base_input_level;
  job.output_level = info.output_level;
  job.reason = reason_text(info.compaction_reason);
  if (!info.status.ok()) job.reason += "; failed: " + info.status.ToString();
  return job;
}

DatabaseEvent compaction_event(const rocksdb::CompactionJobInfo& job) {
  DatabaseEvent event;
  event.type = DatabaseEvent::Type::compaction;
  event.family = escape_name(job.cf_name);
  event.seconds = static_cast<double>(job.stats.elapsed_micros) / 1e6;
  event.input_bytes = static_cast<std::int64_t>(job.stats.total_input_bytes);
  event.output_bytes = static_cast<std::int64_t>(job.stats.total_output_bytes);
  event.input_level = job.base_input_level;
  event.output_level = job.output_level;
  if (!job.status.ok()) {
    event.text = fmt::format("failed: {}", job.status.ToString());
  } else if (is_move(job)) {
    event.text = fmt::format("{} files moved from level {} to level {}", job.input_files.size(),
                             job.base_input_level, job.output_level);
  } else {
    event.text = fmt::format(
        "{} files, {} of level {} into {} files, {} of level {} in {}", job.input_files.size(),
        bytes_text(event.input_bytes), job.base_input_level, job.output_files.size(),
        bytes_text(event.output_bytes), job.output_level, format_seconds(event.seconds));
  }
  return event;
}

}  // namespace

DatabaseListener::DatabaseListener(std::string path, Clock& clock)
    : path_(std::move(path)), clock_(clock) {}

// The one door for callbacks: whatever is thrown in making an event stays here.
template <typename Make>
void DatabaseListener::note(Make make) noexcept {
  try {
    DatabaseEvent event = make();
    event.time = clock_.now();
    if (events_.try_push(std::move(event))) return;
  } catch (...) {
    // Out of memory: the event is lost and counted, as below.
  }
  lost_.fetch_add(1, std::memory_order_relaxed);
}

std::vector<DatabaseEvent> DatabaseListener::take(std::uint64_t* lost) {
  std::vector<DatabaseEvent> taken;
  while (auto event = events_.try_pop()) {
    taken.push_back(*std::move(event));
    if (taken.size() >= kEventsMax) break;  // a busy database must not keep the caller here
  }
  if (lost != nullptr) *lost = lost_.exchange(0, std::memory_order_relaxed);
  return taken;
}

Status DatabaseListener::background_error() const {
  const std::lock_guard lock(mutex_);
  return background_error_;
}

void DatabaseListener::clear_background_error() {
  const std::lock_guard lock(mutex_);
  background_error_ = Status::ok();
}

void DatabaseListener::note_reopened() {
  clear_background_error();
  note([] {
    DatabaseEvent event;
    event.type = DatabaseEvent::Type::recovery;
    event.text = "closed and opened again after an error: writes go on";
    return event;
  });
}

void DatabaseListener::begin(const JobKey& key, DatabaseJob job) noexcept {
  try {
    const std::lock_guard lock(mutex_);
    // Failed ones may never end; the oldest have the lowest numbers.
    if (jobs_begun_.size() >= kOpenJobsMax) jobs_begun_.erase(jobs_begun_.begin());
    job.begin = clock_.now();
    jobs_begun_.insert_or_assign(key, Begun{clock_.steady_now(), std::move(job)});
  } catch (...) {
    // Out of memory: this job shows no duration.
  }
}

DatabaseListener::Begun DatabaseListener::end(const JobKey& key) {
  const std::lock_guard lock(mutex_);
  auto begun = jobs_begun_.extract(key);
  return begun ? std::move(begun.mapped()) : Begun{};
}

std::vector<DatabaseJob> DatabaseListener::running_jobs() const {
  const std::lock_guard lock(mutex_);
  std::vector<DatabaseJob> running;
  for (const auto& [key, begun] : jobs_begun_) running.push_back(begun.job);
  return running;
}

void DatabaseListener::OnFlushBegin(rocksdb::DB*, const rocksdb::FlushJobInfo& job) {
  begin({job.job_id, job.cf_id}, flush_job(job));
}

void DatabaseListener::OnFlushCompleted(rocksdb::DB*, const rocksdb::FlushJobInfo& job) {
  flushes_.fetch_add(1, std::memory_order_relaxed);
  note([&] {
    const auto& table = job.table_properties;
    DatabaseEvent event;
    event.type = DatabaseEvent::Type::flush;
    event.family = escape_name(job.cf_name);
    const auto begun = end({job.job_id, job.cf_id});
    const bool known = begun.at != SteadyTime{};
    event.seconds = known ? to_seconds(clock_.steady_now() - begun.at) : kMissing;
    event.input_bytes = static_cast<std::int64_t>(table.raw_key_size + table.raw_value_size);
    event.output_bytes = file_bytes(table);
    event.output_level = 0;
    event.text = fmt::format("{} keys, {} of memtable into {}, {}", table.num_entries,
                             bytes_text(event.input_bytes), file_name(job.file_path),
                             bytes_text(event.output_bytes));
    event.job = flush_job(job);
    event.job->end = clock_.now();
    event.job->begin = known ? begun.job.begin : event.job->end;
    event.job->input_bytes = event.input_bytes;
    event.job->output_bytes = event.output_bytes;
    return event;
  });
}

void DatabaseListener::OnCompactionBegin(rocksdb::DB*, const rocksdb::CompactionJobInfo& job) {
  if (!is_move(job)) begin({job.job_id, job.cf_id}, compaction_job(job));
}

void DatabaseListener::OnCompactionCompleted(rocksdb::DB*, const rocksdb::CompactionJobInfo& job) {
  compactions_.fetch_add(1, std::memory_order_relaxed);
  note([&] {
    auto event = compaction_event(job);
    const auto begun = end({job.job_id, job.cf_id});
    if (is_move(job)) return event;
    event.job = compaction_job(job);
    event.job->end = clock_.now();
    event.job->begin =
        begun.at != SteadyTime{} ? begun.job.begin : event.job->end - from_seconds(event.seconds);
    event.job->input_bytes = event.input_bytes;
    event.job->output_bytes = event.output_bytes;
    return event;
  });
}

void DatabaseListener::OnTableFileCreated(const rocksdb::TableFileCreationInfo& table) {
  // A flush of range deletes alone, and one that was cancelled, ends without a file.
  if (table.status.ok() && table.file_size == 0) return;
  const auto bits = bits_per_key(table.table_properties);
  if (table.status.ok() && table.table_properties.num_entries > 0) {
    filter_bits_.store(bits, std::memory_order_relaxed);
  }
  note([&] {
    DatabaseEvent event;
    event.type = DatabaseEvent::Type::table_created;
    event.family = escape_name(table.cf_name);
    event.output_bytes = static_cast<std::int64_t>(table.file_size);
    event.text =
        table.status.ok()
            ? fmt::format("{}, {}", file_name(table.file_path), bytes_text(event.output_bytes))
            : fmt::format("{} failed: {}", file_name(table.file_path), table.status.ToString());
    return event;
  });
}

void DatabaseListener::OnStallConditionsChanged(const rocksdb::WriteStallInfo& stall) {
  note([&] {
    const auto now = stall.condition.cur;
    DatabaseEvent event;
    event.family = escape_name(stall.cf_name);
    event.stopped = now == rocksdb::WriteStallCondition::kStopped;
    if (now == rocksdb::WriteStallCondition::kNormal) {
      event.type = DatabaseEvent::Type::stall_end;
      event.text = "writes flow again";
    } else {
      event.type = DatabaseEvent::Type::stall_begin;
      event.text = event.stopped ? "writes stopped" : "writes slowed down";
    }
    return event;
  });
}

void DatabaseListener::OnBackgroundError(rocksdb::BackgroundErrorReason reason,
                                         rocksdb::Status* error) {
  note([&] {
    const auto status = status_from(*error, describe(reason), path_);
    // A compaction is tried again by itself. After a failed flush RocksDB may take writes still,
    // and flush nothing more.
    if (reason != rocksdb::BackgroundErrorReason::kCompaction ||
        error->severity() >= rocksdb::Status::Severity::kHardError) {
      const std::lock_guard lock(mutex_);
      background_error_ = status;
    }
    DatabaseEvent event;
    event.type = DatabaseEvent::Type::background_error;
    event.text = status.message();
    return event;
  });
}

void DatabaseListener::OnErrorRecoveryEnd(const rocksdb::BackgroundErrorRecoveryInfo& recovery) {
  if (recovery.new_bg_error.ok()) clear_background_error();
  note([&] {
    DatabaseEvent event;
    event.type = DatabaseEvent::Type::recovery;
    event.text = recovery.new_bg_error.ok()
                     ? std::string("recovered: writes go on")
                     : fmt::format("no recovery: {}", recovery.new_bg_error.ToString());
    return event;
  });
  recovery.old_bg_error.PermitUncheckedError();
}

}  // namespace nodetune
