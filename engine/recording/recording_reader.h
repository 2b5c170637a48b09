// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "engine/base/status.h"
#include "engine/recording/recording_format.h"
#include "engine/recording/sqlite_file.h"

namespace nodetune {

// Reads a recording, also while somebody writes it. The file is not changed, unless its writer was
// killed in the middle of a commit: then that commit is undone, as SQLite does.
//
// Thread: one at a time.
class RecordingReader {
 public:
  // Errors: no recording, of a newer NodeTune, damaged, no permission.
  static Result<std::unique_ptr<RecordingReader>> open(const std::string& path);

  const std::string& node_path() const { return node_path_; }
  Result<std::string> document(std::string_view name);  // empty: there is none

  // At first all samples, ascending by time; then what was added since, as it came: some belong
  // to a time before (a node tells what stalled minutes later).
  Status read_samples(const std::function<void(const RecordedSample&)>& take);
  Status read_events(std::int64_t newest_max, const std::function<void(RecordedEvent)>& take);
  // As they were added, those of old LOGs later. None in files of before.
  Status read_jobs(std::int64_t newest_max, const std::function<void(RecordedJob)>& take);

 private:
  explicit RecordingReader(std::unique_ptr<SqliteFile> file) : file_(std::move(file)) {}
  Status check();
  Status learn_metrics();

  std::unique_ptr<SqliteFile> file_;
  std::string node_path_;
  std::map<std::int64_t, Metric> metrics_;
  std::int64_t last_sample_ = 0;
  bool began_ = false;
  std::int64_t last_event_ = 0;
  std::int64_t last_job_ = 0;
};

}  // namespace nodetune
