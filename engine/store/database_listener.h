// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <rocksdb/listener.h>

#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/bounded_queue.h"
#include "engine/base/clock.h"
#include "engine/base/status.h"
#include "engine/store/database.h"

namespace nodetune {

// Takes down what RocksDB tells, for others to read later.
//
// Invariant: no callback calls the database (that hangs) or throws (that aborts).
// Thread: callbacks on RocksDB's threads, the rest on any. Lifetime: shared with RocksDB's options.
class DatabaseListener final : public rocksdb::EventListener {
 public:
  static constexpr std::size_t kEventsMax = 4'096;  // some minutes of a busy test bench

  DatabaseListener(std::string path, Clock& clock);

  std::vector<DatabaseEvent> take(std::uint64_t* lost);
  std::vector<DatabaseJob> running_jobs() const;
  Status background_error() const;
  void clear_background_error();
  void note_reopened();  // after an error, by Database
  std::uint64_t flushes() const { return flushes_.load(std::memory_order_relaxed); }
  std::uint64_t compactions() const { return compactions_.load(std::memory_order_relaxed); }
  double newest_filter_bits() const { return filter_bits_.load(std::memory_order_relaxed); }

  void OnFlushBegin(rocksdb::DB* db, const rocksdb::FlushJobInfo& job) override;
  void OnFlushCompleted(rocksdb::DB* db, const rocksdb::FlushJobInfo& job) override;
  void OnCompactionBegin(rocksdb::DB* db, const rocksdb::CompactionJobInfo& job) override;
  void OnCompactionCompleted(rocksdb::DB* db, const rocksdb::CompactionJobInfo& job) override;
  void OnTableFileCreated(const rocksdb::TableFileCreationInfo& table) override;
  void OnStallConditionsChanged(const rocksdb::WriteStallInfo& stall) override;
  void OnBackgroundError(rocksdb::BackgroundErrorReason reason, rocksdb::Status* error) override;
  void OnErrorRecoveryEnd(const rocksdb::BackgroundErrorRecoveryInfo& recovery) override;

 private:
  using JobKey = std::pair<int, std::uint32_t>;  // job, column family
  static constexpr std::size_t kOpenJobsMax = 256;
  struct Begun {
    SteadyTime at{};
    DatabaseJob job;
  };

  template <typename Make>
  void note(Make make) noexcept;
  void begin(const JobKey& key, DatabaseJob job) noexcept;
  Begun end(const JobKey& key);  // without a begin where it was not kept

  const std::string path_;
  Clock& clock_;
  BoundedQueue<DatabaseEvent> events_{kEventsMax};
  std::atomic<std::uint64_t> lost_{0};
  std::atomic<std::uint64_t> flushes_{0};
  std::atomic<std::uint64_t> compactions_{0};
  std::atomic<double> filter_bits_{kMissing};
  mutable std::mutex mutex_;
  Status background_error_;             // guarded by mutex_
  std::map<JobKey, Begun> jobs_begun_;  // guarded by mutex_
};

}  // namespace nodetune
