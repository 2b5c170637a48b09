// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/observe/log_follower.h"

#include <sys/stat.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "engine/files/log_tail.h"

namespace nodetune {
namespace {

constexpr std::size_t kChunkBytes = 256 * 1024;

// "…/LOG.old.1729234266693161": its number, 0 where it has none. Nothing: it is the LOG itself.
std::optional<std::uint64_t> old_log_number(std::string_view path) {
  constexpr std::string_view kOld = "LOG.old";
  const auto at = path.rfind(kOld);
  if (at == std::string_view::npos || at < path.rfind('/') + 1) return std::nullopt;
  const auto digits = path.substr(std::min(at + kOld.size() + 1, path.size()));
  return parse_file_number(digits).value_or(0);
}

}  // namespace

LogReader::LogReader(LogPlace place, const std::optional<Tail>& tail,
                     const LogSummaryLimits& limits)
    : place_(std::move(place)), tail_(tail), summariser_(limits) {}

void LogReader::advance(const DirectoryListing& listing, std::int64_t bytes_max) {
  if (!std::exchange(begun_, true)) begin(listing);
  reached_end_ = false;
  auto left = bytes_max;
  while (left > 0 && (old_ || !pending_.empty())) left -= read_old(left);
  if (left <= 0) return;
  left -= read_growth(renamed_, left);
  left -= read_growth(log_, left);
  if (left <= 0) return;
  reached_end_ = true;
  if (log_ && !was_renamed()) return;
  auto next = open(place_.newest());
  if (!next) return;  // the node is about to write it
  if (log_) renamed_ = std::move(log_);
  log_ = std::move(next);
  log_records_ = log_bytes_read_ = 0;
  find_passed_over();
  reached_end_ = pending_.empty();
  if (!reached_end_) return;
  left -= read_growth(log_, left);
  reached_end_ = left > 0;
}

// LOG is opened at once: it may be renamed before its turn comes.
void LogReader::begin(const DirectoryListing& listing) {
  for (auto& path : info_log_paths(place_.directory, listing, place_.prefix)) {
    const auto number = old_log_number(path);
    if (!number) continue;
    newest_old_ = std::max(newest_old_, *number);
    pending_.push_back(std::move(path));
  }
  log_ = open(place_.newest());
  if (!tail_) return find_passed_over();  // since the directory was listed
  const auto newest_old = pending_.empty() ? std::string() : pending_.back();
  pending_.clear();
  go_to_tail(newest_old);
}

// LOG files that were begun and renamed since LOG was opened: they come before the one that is LOG
// now.
void LogReader::find_passed_over() {
  const auto listing = list_database_files(place_.directory);
  if (!listing) return;
  const auto known_until = newest_old_;
  for (auto& path : info_log_paths(place_.directory, *listing, place_.prefix)) {
    const auto number = old_log_number(path);
    if (!number || *number <= known_until) continue;
    newest_old_ = std::max(newest_old_, *number);
    const auto file = FileReader::open(path, SymbolicLinks::refuse);
    // LOG itself may have been renamed since we opened it.
    const bool is_ours = file && (is_same(renamed_, *file) || is_same(log_, *file));
    if (file && !is_ours) pending_.push_back(std::move(path));
  }
}

// A LOG that was rolled over a moment ago tells little: then the end of the one before counts.
void LogReader::go_to_tail(const std::string& newest_old) {
  auto wanted = *tail_;
  bool has_statistics = false;
  if (log_) {
    const auto tail = find_log_tail(log_->file, wanted.bytes, wanted.search_bytes);
    log_->offset = tail.offset;
    if (tail.offset > 0) return;
    has_statistics = tail.has_statistics;
    wanted.bytes -= log_->file.size_at_open();
    wanted.search_bytes = has_statistics ? 0 : wanted.search_bytes - log_->file.size_at_open();
  }
  if (newest_old.empty() || (wanted.bytes <= 0 && wanted.search_bytes <= 0)) return;
  old_ = open(newest_old);
  if (!old_) return;
  old_->offset = find_log_tail(old_->file, std::max<std::int64_t>(0, wanted.bytes),
                               std::max<std::int64_t>(0, wanted.search_bytes))
                     .offset;
}

std::optional<LogReader::Growing> LogReader::open(const std::string& path) {
  auto file = FileReader::open(path, SymbolicLinks::refuse);
  if (!file) {
    problem_ = file.status();
    return std::nullopt;
  }
  return Growing{*std::move(file)};
}

std::int64_t LogReader::read_old(std::int64_t bytes_max) {
  if (!old_) {
    old_ = open(pending_.front());
    pending_.pop_front();
    if (!old_) return 0;
  }
  const auto read = feed(*old_, bytes_max);
  if (read == 0) {
    summariser_.end_file();
    old_.reset();
  }
  return read;
}

// A record is only known to be whole when another follows; when nothing does for a whole look, it
// is taken as it stands.
std::int64_t LogReader::read_growth(std::optional<Growing>& log, std::int64_t bytes_max) {
  if (!log || bytes_max <= 0) return 0;
  const auto size = log->file.size_now();
  if (size && *size < log->offset) log->offset = 0;  // somebody emptied it
  const auto records = summary().records;
  const auto read = feed(*log, bytes_max);
  if (&log == &log_) {
    log_records_ += summary().records - records;
    log_bytes_read_ += read;
  }
  if (read > 0) {
    log->flushed = false;
    const bool alone = &log == &log_ && !renamed_;
    if (alone) return read;  // two files' records must not mix
  }
  if (!std::exchange(log->flushed, true)) summariser_.end_file();
  return read;
}

std::int64_t LogReader::feed(Growing& log, std::int64_t bytes_max) {
  std::string buffer;
  const auto from = log.offset;
  while (log.offset - from < bytes_max) {
    if (auto status = log.file.read_into(log.offset, kChunkBytes, buffer); !status) {
      problem_ = status;
      break;
    }
    if (buffer.empty()) break;
    summariser_.feed(buffer);
    log.offset += static_cast<std::int64_t>(buffer.size());
  }
  if (!tail_) log.file.drop_pages(from, log.offset);  // the tail is read once more, by the whole
  return log.offset - from;
}

bool LogReader::is_same(const std::optional<Growing>& log, const FileReader& file) {
  return log && log->file.inode() == file.inode() && log->file.device() == file.device();
}

bool LogReader::log_is_foreign() const {
  constexpr std::int64_t kEnoughBytes = 64 << 10;  // no record of RocksDB is longer
  return log_ && log_records_ == 0 && log_bytes_read_ > kEnoughBytes;
}

bool LogReader::was_renamed() const {
  struct stat now {};
  if (::stat(place_.newest().c_str(), &now) != 0) return false;
  return now.st_ino != log_->file.inode() || now.st_dev != log_->file.device();
}

LogFollower::LogFollower(LogPlace place, const Limits& limits)
    : place_(std::move(place)), limits_(limits), whole_(place_, std::nullopt, limits.summary) {}

void LogFollower::look(const DirectoryListing& listing, std::int64_t rest_bytes_max) {
  count_files(listing);
  if (!std::exchange(begun_, true) && bytes_ > limits_.at_once_bytes) {
    newest_ = std::make_unique<LogReader>(place_, limits_.tail, limits_.summary);
  }
  if (newest_) newest_->advance(listing, limits_.each_look_bytes);
  // The first look answers with the newest part alone.
  if (newest_ && !std::exchange(newest_told_, true)) return;
  const bool waits = newest_ && !complete_;
  whole_.advance(listing, waits ? rest_bytes_max : limits_.each_look_bytes);
  complete_ = complete_ || whole_.reached_end();
}

// A directory of LOGs may be shared with other databases.
void LogFollower::count_files(const DirectoryListing& listing) {
  auto total = listing.total(DatabaseFileType::info_log);
  if (!place_.prefix.empty()) {
    total = {};
    const auto begin = place_.prefix + "LOG";
    for (const auto& file : listing.files) {
      if (file.type != DatabaseFileType::info_log || !file.name.starts_with(begin)) continue;
      total.files += 1;
      total.bytes += file.bytes;
    }
  }
  files_ = total.files;
  bytes_ = total.bytes;
}

const LogSummary& LogFollower::summary() const {
  return newest_ && !complete_ ? newest_->summary() : whole_.summary();
}

const LogSummary& LogFollower::fresh() const {
  return newest_ ? newest_->summary() : whole_.summary();
}

void LogFollower::forget_fresh() {
  whole_.forget_entries();
  if (newest_) newest_->forget_entries();
}

std::optional<Problem> LogFollower::problem() const {
  if (summary().records > 0) return std::nullopt;
  const auto& why = newest_ ? newest_->problem() : whole_.problem();
  const bool none = why.is_ok() || why.code() == StatusCode::not_found;
  if (files_ == 0 && none) {
    return Problem{ProblemKind::absent, "There is no LOG file: what happened is not known"};
  }
  return Problem{ProblemKind::unreadable,
                 why.is_ok() ? "The LOG holds no line of RocksDB" : why.message()};
}

std::optional<Problem> LogFollower::newest_problem() const {
  if (summary().records == 0) return std::nullopt;
  const auto& reader = newest_ ? *newest_ : whole_;
  const auto& why = reader.problem();
  if (!why && why.code() != StatusCode::not_found) {
    return Problem{ProblemKind::unreadable, why.message()};
  }
  if (!reader.log_is_foreign()) return std::nullopt;
  return Problem{
      ProblemKind::unreadable,
      place_.newest() + " holds no line of RocksDB: it is not its LOG, or was overwritten"};
}

}  // namespace nodetune
