// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/clock.h"
#include "engine/files/directory_listing.h"
#include "engine/files/log_place.h"
#include "engine/files/options_file.h"
#include "engine/observe/option_difference.h"

namespace nodetune {

// What was different at one open of a database from the open before.
struct OptionStep {
  std::optional<TimePoint> local;  // of the open, by the node's clock; of a LOG alone
  std::optional<TimePoint> utc;    // when the OPTIONS file was written
  std::string origin;              // "LOG", "LOG.old.17", "OPTIONS-000123"
  OptionDifference difference;
};

// The options of a database over its opens: what each LOG lists at its beginning (of the first ten
// families), and the OPTIONS files that are there.
//
// The newest opens come first, one file after the other; what was read is not read again. A LOG
// that was rolled over while the database was open lists options too: it is no open.
// Memory: two lists of options, and the steps. Thread: one at a time.
class OptionHistory {
 public:
  struct Limits {
    std::size_t opens_max = 20;
    std::size_t logs_max = 200;            // that are looked into for them
    std::size_t options_files_max = 4;     // RocksDB keeps two
    std::size_t head_bytes_max = 4 << 20;  // of a LOG; 30 families take 200 KiB
    std::size_t steps_max = 500;           // the newest
  };

  OptionHistory() : OptionHistory(Limits{}) {}
  explicit OptionHistory(const Limits& limits) : limits_(limits) {}

  // `logs` is of the place's directory, `database` of the database's. Returns how many bytes were
  // read: about `bytes_max` at most, and at least one file's where there is one to read.
  std::int64_t look(const LogPlace& place, const DirectoryListing& logs, const std::string& path,
                    const DirectoryListing& database, std::int64_t bytes_max);
  // LOG files alone, oldest first: all at once.
  void read_logs(const std::vector<std::string>& paths);

  bool complete() const { return begun_ && fresh_.empty() && older_.empty(); }
  // The newest first: of the LOGs, and of OPTIONS files.
  const std::vector<OptionStep>& log_steps() const { return log_steps_; }
  const std::vector<OptionStep>& file_steps() const { return file_steps_; }
  std::size_t opens() const { return opens_; }   // that are known from LOGs
  std::optional<TimePoint> oldest_open() const;  // by the node's clock

 private:
  struct Open {
    TimePoint local;
    std::string origin;
    OptionsFile options;
  };
  using FileId = std::pair<std::uint64_t, std::uint64_t>;  // device and inode
  struct Read {
    std::shared_ptr<const Open> open;  // null: rolled over, not open yet, or no LOG
    bool is_opening = false;           // it begins an open whose end is not there
    std::int64_t bytes = 0;
    FileId file{};
  };

  void find_logs(const LogPlace& place, const DirectoryListing& logs);
  std::int64_t read_next(std::deque<std::string>& from, bool is_newer);
  std::int64_t read_log(const std::string& path);
  std::int64_t read_options(const std::string& path, const DirectoryListing& database);
  void take_options(OptionsFile options, const DatabaseFile& file);
  Read read_head(const std::string& path) const;
  void take_newer(std::shared_ptr<const Open> open);
  void take_older(std::shared_ptr<const Open> open);

  const Limits limits_;
  bool begun_ = false;
  std::set<std::string> known_names_;  // of old LOGs
  std::deque<std::string> fresh_;      // that came since, ascending
  std::deque<std::string> older_;      // the newest at the back
  std::set<FileId> read_;
  // LOG, as long as it tells of no open: how much of it was read in vain.
  FileId log_tried_{};
  std::int64_t log_bytes_tried_ = 0;
  bool log_is_opening_ = false;

  std::shared_ptr<const Open> newest_;
  std::shared_ptr<const Open> oldest_;
  std::size_t opens_ = 0;
  std::vector<OptionStep> log_steps_;

  std::shared_ptr<const OptionsFile> newest_options_;
  std::optional<std::uint64_t> options_number_;  // of the newest that was read
  std::vector<OptionStep> file_steps_;
};

}  // namespace nodetune
