// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "engine/files/directory_listing.h"
#include "engine/files/file_reader.h"
#include "engine/files/log_place.h"
#include "engine/files/log_summariser.h"
#include "engine/metrics/problem.h"

namespace nodetune {

// Reads a directory's LOG files once, then what the node appends, by inode: a LOG that is renamed
// is read on (a program that fails to open the database renames the LOG under the node, which goes
// on writing to it) beside the new one. A LOG that came and was renamed between two looks is found
// by its name.
//
// Thread: one at a time. Holds the LOG open for reading, and nothing else.
class LogReader {
 public:
  // What is read where the past can wait.
  struct Tail {
    std::int64_t bytes = 4 << 20;          // the newest; of the file before, where LOG is young
    std::int64_t search_bytes = 16 << 20;  // how far back the newest statistics are looked for
  };

  // `tail`: begins there; nothing: with the oldest file.
  LogReader(LogPlace place, const std::optional<Tail>& tail, const LogSummaryLimits& limits = {});

  // Reads on, at most about `bytes_max`. The listing, of the place's directory, counts at the first
  // call alone.
  void advance(const DirectoryListing& listing, std::int64_t bytes_max);

  bool reached_end() const { return reached_end_; }  // at the last advance()
  const LogSummary& summary() const { return summariser_.summary(); }
  RunningJobs running() const { return summariser_.running(); }
  void forget_entries() { summariser_.forget_entries(); }
  const Status& problem() const { return problem_; }  // why a file could not be read
  // Enough of the LOG itself was read to know that it is none.
  bool log_is_foreign() const;

 private:
  struct Growing {
    FileReader file;
    std::int64_t offset = 0;
    bool flushed = true;  // its last record was taken, as nothing followed at once
  };

  void begin(const DirectoryListing& listing);
  void go_to_tail(const std::string& newest_old);
  std::optional<Growing> open(const std::string& path);
  std::int64_t read_old(std::int64_t bytes_max);
  std::int64_t read_growth(std::optional<Growing>& log, std::int64_t bytes_max);
  std::int64_t feed(Growing& log, std::int64_t bytes_max);
  bool was_renamed() const;
  void find_passed_over();
  static bool is_same(const std::optional<Growing>& log, const FileReader& file);

  const LogPlace place_;
  const std::optional<Tail> tail_;
  LogSummariser summariser_;
  bool begun_ = false;
  std::deque<std::string> pending_;  // old files not yet begun
  std::optional<Growing> old_;       // the one of them that is being read
  std::optional<Growing> renamed_;   // what LOG was before
  std::optional<Growing> log_;
  std::int64_t log_records_ = 0;     // read of log_
  std::int64_t log_bytes_read_ = 0;  // likewise
  std::uint64_t newest_old_ = 0;     // LOG.old.<microseconds>: later ones are new to us
  bool reached_end_ = false;
  Status problem_;
};

// What happened since the last look, and the whole story.
//
// What matters now comes first: where the LOG files are large, the newest part and the newest
// statistics are read at once, and the whole story from its beginning as fast as the caller allows,
// its pages dropped behind us.
class LogFollower {
 public:
  struct Limits {
    std::int64_t at_once_bytes = 16 << 20;    // so much is read at the first look
    LogReader::Tail tail;                     // else so much of the newest
    std::int64_t each_look_bytes = 32 << 20;  // and so much of what is new, or of the rest, a look
    LogSummaryLimits summary;
  };

  LogFollower(LogPlace place, const Limits& limits);
  explicit LogFollower(LogPlace place) : LogFollower(std::move(place), Limits{}) {}

  const LogPlace& place() const { return place_; }

  // `listing` is of the place's directory. Of what can wait at most `rest_bytes_max` is read.
  void look(const DirectoryListing& listing, std::int64_t rest_bytes_max);
  void look(const DirectoryListing& listing) { look(listing, limits_.each_look_bytes); }

  // All files were read: totals hold from the oldest LOG on.
  bool complete() const { return complete_; }
  const LogSummary& summary() const;  // counts and totals, of what was read
  const LogSummary& fresh() const;    // its lists: what is new since forget_fresh()
  // Where the newest part was read first: lists of the whole story, as it is read after it. What
  // both tell comes twice.
  const LogSummary* older() const { return newest_ ? &whole_.summary() : nullptr; }
  RunningJobs running() const { return newest_ ? newest_->running() : whole_.running(); }
  void forget_fresh();
  std::int64_t bytes() const { return bytes_; }
  // Why nothing is told; nothing: something is.
  std::optional<Problem> problem() const;
  // Why the LOG itself is not read, where older ones are; nothing: it is, or there is none at all.
  std::optional<Problem> newest_problem() const;

 private:
  void count_files(const DirectoryListing& listing);

  const LogPlace place_;
  const Limits limits_;
  LogReader whole_;                    // the story
  std::unique_ptr<LogReader> newest_;  // null where the story is short: it is read at once
  bool begun_ = false;
  bool newest_told_ = false;
  bool complete_ = false;
  std::int64_t files_ = 0;
  std::int64_t bytes_ = 0;
};

}  // namespace nodetune
