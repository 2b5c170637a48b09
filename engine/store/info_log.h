// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <rocksdb/env.h>

#include <cstdint>
#include <mutex>
#include <string>

#include "engine/base/clock.h"

namespace nodetune {

// RocksDB's LOG, written by us: RocksDB's own writer aborts at the first line after a full disk has
// refused one (seen with 7.8.3: WritableFileWriter's assertion). Lines that the disk refuses are
// lost, and the next one that is taken says how many.
//
// The line's form, the name and the rotation are RocksDB's, so that every LOG reader understands
// it. Thread: any. Lifetime: shared with the database's options.
class InfoLog final : public rocksdb::Logger {
 public:
  static constexpr int kFilesMax = 10;                     // LOG and its older ones
  static constexpr std::int64_t kFileBytesMax = 16 << 20;  // then it becomes LOG.old.<µs>

  // Renames an earlier LOG. A disk that takes no LOG is no reason not to open: lines are lost then.
  explicit InfoLog(std::string directory, Clock& clock = SystemClock::instance());
  ~InfoLog() override;

  using rocksdb::Logger::Logv;
  void Logv(const char* format, va_list arguments) override;
  size_t GetLogFileSize() const override;

 private:
  void open_file();
  void write_line(const std::string& line);
  void drop_old_files() const;

  const std::string directory_;
  Clock& clock_;
  mutable std::mutex mutex_;
  int file_ = -1;                 // guarded by mutex_
  std::int64_t bytes_ = 0;        // guarded by mutex_
  std::uint64_t lines_lost_ = 0;  // guarded by mutex_
};

}  // namespace nodetune
