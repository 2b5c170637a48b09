// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
//
// After an error of the disk. RocksDB 7.8 goes on by itself where it is lucky, and else calls
// abort(): on the second DB::Resume() with a range tombstone in memory (memtable.cc:605), on the
// first ingestion after a DB::Resume() (filename.cc:141), on a write into a log that failed with
// nothing in memory. So it is asked for one thing, to flush what memory alone holds, and is then
// closed; opening reads the write-ahead log, and finds what was promised to survive.
#include <fmt/format.h>

#include <chrono>
#include <system_error>

#include "engine/base/format.h"
#include "engine/base/logging.h"
#include "engine/store/database_impl.h"
#include "engine/store/status_from.h"

namespace nodetune {
namespace {

constexpr std::uint64_t kSpareBytes = 1 << 20;  // MANIFEST, OPTIONS and a log that begins
constexpr auto kPatience = std::chrono::seconds(5);
constexpr std::size_t kProbeBytes = 4'096;
constexpr std::string_view kProbeFile = "/probe.sst";  // removed at open where a crash left it

}  // namespace

Status Database::Impl::background_error() const {
  const std::lock_guard lock(trouble_mutex_);
  return trouble_ ? parts.listener->background_error() : trouble_;
}

Status Database::Impl::readable() const {
  if (db) return Status::ok();
  const std::lock_guard lock(trouble_mutex_);
  return trouble_;
}

// Latched: RocksDB clears its error in the midst of resume().
Status Database::Impl::writable() {
  const std::lock_guard lock(trouble_mutex_);
  if (trouble_) trouble_ = parts.listener->background_error();
  return trouble_;
}

Status Database::Impl::noted(Status status) {
  if (status || status.code() == StatusCode::invalid_argument) return status;
  const std::lock_guard lock(trouble_mutex_);
  if (trouble_) trouble_ = status;
  return status;
}

Status Database::Impl::resume() {
  const std::lock_guard alone(gate);
  if (writable()) return Status::ok();
  if (db) {
    if (auto saved = save_memory(); !saved) return saved;
    if (auto works = check_disk(); !works) return works;
    stalls_before_ = stalls();
    close_database();
  }
  disk->open.store(false);
  disk->log_lost.store(false);
  disk->manifest_in_doubt.store(false);
  auto opened = open_database(/*creating=*/false);
  const std::lock_guard lock(trouble_mutex_);
  if (!opened) {
    trouble_ = {opened.code(), "the database was closed after an error, and does not open yet: " +
                                   opened.message()};
    return trouble_;
  }
  unflushed_.store(false);
  unsynced_.store(true);  // recovery has flushed it all; to ask once more costs little
  trouble_ = Status::ok();
  parts.listener->note_reopened();
  return Status::ok();
}

// What was committed without a log; and what the log has, for a sync that failed may have dropped
// it. A log that has refused a record still has all before it, in the kernel's hands at least.
Status Database::Impl::save_memory() {
  if (!disk->log_lost.load()) {
    const auto flushed = flush_after_error();
    if (flushed.ok()) {
      unflushed_.store(false);
      return Status::ok();
    }
    const bool fatal = flushed.severity() >= rocksdb::Status::Severity::kFatalError;
    // Busy: it may never end, and the log has all of it too.
    const bool log_will_do = flushed.IsBusy() && !unflushed_.load();
    if (!fatal && !log_will_do) return status_from(flushed, "resume", path);
  }
  if (!unflushed_.load()) return Status::ok();
  return {StatusCode::failed,
          fmt::format("{}: what was committed without a write-ahead log since the last flush is in "
                      "memory only, and cannot be written any more ({}): end the program, check "
                      "the disk and open the directory again; these last commits will be missing",
                      path, background_error().message())};
}

// At the end; RocksDB would drop it without a word where it cannot flush.
void Database::Impl::save_unlogged() {
  if (!db || !unflushed_.load()) return;
  auto saved = resume();
  if (saved) saved = flush();
  if (saved) return;
  log().error("{}: what was committed without a write-ahead log since the last flush is lost: {}",
              path, saved.message());
}

// RocksDB first waits for its compactions, which go on failing while the disk does: no caller has
// to wait for that.
rocksdb::Status Database::Impl::flush_after_error() {
  const bool begun_earlier = flushing_.valid();
  auto status = wait_for_flush();
  // What began earlier may have failed on the disk as it was then.
  return begun_earlier && !status.ok() && !flushing_.valid() ? wait_for_flush() : status;
}

rocksdb::Status Database::Impl::wait_for_flush() {
  if (!flushing_.valid()) {
    const auto flush = [this] {
      if (auto resumed = db->Resume(); !resumed.ok()) return resumed;
      rocksdb::FlushOptions options;
      options.allow_write_stall = true;  // nobody writes
      return db->Flush(options, {handles.begin(), handles.end()});
    };
    try {
      flushing_ = std::async(std::launch::async, flush);
    } catch (const std::system_error& error) {
      return rocksdb::Status::Busy("no thread", error.what());
    }
  }
  if (flushing_.wait_for(kPatience) == std::future_status::ready) return flushing_.get();
  return rocksdb::Status::Busy("background work still fails", background_error().message());
}

// To close a database that then does not open is worse than to wait.
Status Database::Impl::check_disk() const {
  std::uint64_t needed = 0;  // the log is flushed as it is read
  if (!db->GetAggregatedIntProperty(rocksdb::DB::Properties::kCurSizeAllMemTables, &needed)) {
    needed = 0;
  }
  needed += kSpareBytes;
  std::uint64_t free = 0;
  if (env->GetFreeSpace(path, &free).ok() && free < needed) {
    return {StatusCode::no_space,
            fmt::format("{}: resume: No space left on device: {} are free, {} are needed; free "
                        "some disk space and retry",
                        path, format_bytes(static_cast<double>(free)),
                        format_bytes(static_cast<double>(needed)))};
  }
  const auto folder = ingest_folder(path);
  if (!folder) return folder.status();
  const auto name = *folder + std::string(kProbeFile);
  const auto probed = rocksdb::WriteStringToFile(env.get(), std::string(kProbeBytes, '\0'), name,
                                                 /*should_sync=*/true);
  (void)env->DeleteFile(name);
  return status_from(probed, "resume", path);
}

}  // namespace nodetune
