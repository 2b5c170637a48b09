// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <rocksdb/db.h>
#include <rocksdb/env.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <future>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/clock.h"
#include "engine/metrics/histogram.h"
#include "engine/store/database.h"
#include "engine/store/error_marks.h"
#include "engine/store/node_file.h"
#include "engine/store/rocksdb_options.h"

namespace nodetune {

// Says that this process has the directory open: RocksDB notices a second open only after it has
// rotated the LOG of the first, and F_GETLK never reports a lock of the asking process.
class DirectoryClaim {
 public:
  // locked when somebody in this process has it. Keyed by device and inode: paths have aliases.
  static Result<DirectoryClaim> take(const std::string& directory);
  DirectoryClaim(DirectoryClaim&& other) noexcept;
  DirectoryClaim& operator=(DirectoryClaim&& other) = delete;
  DirectoryClaim(const DirectoryClaim&) = delete;
  ~DirectoryClaim();

 private:
  using Key = std::pair<std::uint64_t, std::uint64_t>;  // device, inode
  explicit DirectoryClaim(Key key) : key_(key) {}
  Key key_;
  bool held_ = true;
};

// The parts of Database that name RocksDB. Destroying it closes the database.
class Database::Impl {
 public:
  Impl(std::string directory, DirectoryClaim claimed, const DatabaseConfig& config,
       Clock& clock_used);
  ~Impl();
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  // `node.state` says whether a database may be created.
  Status open(const NodeFile& node);
  // database_resume.cpp
  Status background_error() const;
  Status resume();
  // Of reads: ok while there is a database. Of writes: and nothing has failed. `gate` is held.
  Status readable() const;
  Status writable();
  void multi_get(std::span<rocksdb::ColumnFamilyHandle*> families,
                 std::span<const rocksdb::Slice> keys, std::span<rocksdb::PinnableSlice> values,
                 std::span<rocksdb::Status> statuses);
  // database_writes.cpp
  Status write(std::span<const WriteOperation> operations, Durability durability);
  Status flush();
  Status sync();
  // database_ingest.cpp
  Status ingest(std::span<const WriteOperation> operations);
  // database_figures.cpp
  void fill(Snapshot& snapshot) const;
  // database_knobs.cpp
  Result<KnobValues> knobs() const;
  Status set_knob(Knob knob, std::int64_t value);
  rocksdb::ColumnFamilyHandle* handle(Family family) const { return handles[index_of(family)]; }
  Status check_live_tables() const;

  const std::string path;
  const DirectoryClaim claim;
  const std::shared_ptr<BlockCacheProbe> block_cache_probe;
  Clock& clock;
  SharedParts parts;
  const std::shared_ptr<DiskHistory> disk = std::make_shared<DiskHistory>();
  const std::unique_ptr<rocksdb::Env> env;
  std::unique_ptr<rocksdb::DB> db;
  std::array<rocksdb::ColumnFamilyHandle*, kFamilyCount> handles{};
  rocksdb::ColumnFamilyHandle* default_handle = nullptr;  // RocksDB demands it; unused
  // Shared by whoever uses `db` and `handles`; resume(), which replaces them, holds it alone.
  mutable std::shared_mutex gate;
  Histogram get_micros;
  Histogram multi_get_micros;
  Histogram write_micros;

 private:
  class TableFiles;
  using Tables = std::vector<rocksdb::IngestExternalFileArg>;
  using Stalls = std::array<double, 6>;  // the rows in database_figures.cpp

  Status open_database(bool creating);
  void close_database();
  Status save_memory();
  void save_unlogged();
  rocksdb::Status flush_after_error();
  rocksdb::Status wait_for_flush();
  Status check_disk() const;
  // Latches the first error of writing; gives it back as it is.
  Status noted(Status status);
  Status flush_memory();  // flush() without the gate
  Status sync_memory();
  Stalls stalls() const;
  void fill_open(Snapshot& snapshot) const;

  Status write(rocksdb::WriteBatch& batch, Durability durability);
  Status build_tables(std::span<const WriteOperation> operations, TableFiles& files);
  rocksdb::Status add_tables(const Tables& arguments);
  rocksdb::Status ingest_quietly(Tables arguments);
  bool has_empty_bottom(const Tables& arguments) const;
  // Until none is under way; the number is even, and another one after the next ingestion.
  std::uint64_t wait_for_ingestion();

  // To all families; the first failure ends it, or is only remembered when `to_the_end`.
  Status apply(Knob knob, std::int64_t value, bool to_the_end);
  KnobValues settled_;  // what was last opened with or set with success

  std::future<rocksdb::Status> flushing_;  // by resume(), still at it; guarded by gate
  mutable std::mutex trouble_mutex_;
  Status
      trouble_;  // guarded by trouble_mutex_: why nothing is written until resume() has mended it
  Stalls stalls_before_{};  // of the databases before this one: RocksDB counts from open

  std::shared_mutex logging_mutex_;     // shared: a write of the same kind as the last
  bool logged_ = true;                  // guarded by logging_mutex_: the last write's kind
  std::atomic<bool> unflushed_{false};  // something unlogged may be in memory only
  std::atomic<bool> unsynced_{false};   // something logged may not be on disk
  std::mutex ingest_mutex_;
  std::atomic<std::uint64_t> ingests_{0};  // begun and ended, counted each: odd while one runs
  std::atomic<std::uint64_t> ingest_serial_{0};
};

// What RocksDB would take without a word and trip over later.
Status check_operation(const WriteOperation& operation);
// Where tables wait to be ingested; it is made where it is missing.
Result<std::string> ingest_folder(const std::string& path);
// Table files that a crash has left before they were ingested.
void remove_ingest_leftovers(const std::string& path);

// database_open.cpp: what is checked before RocksDB sees the directory, in this order.
Status check_is_directory(const std::string& path, bool create);
// What to open with; where the directory is vacant and the config allows it, a new node file.
Result<NodeFile> prepare_directory(const std::string& path, const DatabaseConfig& config);
// Writes into the node file how long the MANIFEST is; the last thing before a close.
Status remember_manifest(const std::string& path);
Status check_not_locked(const std::string& path);
Status check_table_formats(const std::string& path);

}  // namespace nodetune
