// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/observe/option_history.h"

#include <sys/stat.h>

#include <algorithm>
#include <iterator>

#include "engine/base/format.h"
#include "engine/files/file_reader.h"
#include "engine/files/log_line.h"
#include "engine/files/log_options.h"
#include "engine/observe/file_name.h"

namespace nodetune {
namespace {

constexpr std::size_t kHeadChunkBytes = 256 * 1024;
// A LOG without a word of an open is read anew when it has doubled, as long as it is this short: it
// may have been begun a moment ago. A longer one was rolled over.
constexpr std::int64_t kYoungBytes = 1 << 20;
// What a rolled-over file repeats ends before the first of these; an open ends with the second.
constexpr std::string_view kOpenBegins = "Recovering from manifest file";
constexpr std::string_view kOpenEnds = "Recovered from manifest file";

void put_front(std::vector<OptionStep>& steps, std::vector<OptionStep> newer, std::size_t max) {
  steps.insert(steps.begin(), std::make_move_iterator(newer.begin()),
               std::make_move_iterator(newer.end()));
  if (steps.size() > max) steps.resize(max);
}

}  // namespace

std::int64_t OptionHistory::look(const LogPlace& place, const DirectoryListing& logs,
                                 const std::string& path, const DirectoryListing& database,
                                 std::int64_t bytes_max) {
  find_logs(place, logs);
  std::int64_t bytes = 0;
  while (bytes < bytes_max && !fresh_.empty()) bytes += read_next(fresh_, true);
  if (bytes < bytes_max && fresh_.empty()) bytes += read_log(place.newest());
  if (bytes < bytes_max) bytes += read_options(path, database);
  while (bytes < bytes_max && !older_.empty()) bytes += read_next(older_, false);
  return bytes;
}

void OptionHistory::read_logs(const std::vector<std::string>& paths) {
  begun_ = true;
  const auto surplus = paths.size() - std::min(paths.size(), limits_.logs_max);
  older_.assign(paths.begin() + static_cast<std::ptrdiff_t>(surplus), paths.end());
  while (!older_.empty()) read_next(older_, false);
}

std::optional<TimePoint> OptionHistory::oldest_open() const {
  return oldest_ ? std::optional(oldest_->local) : std::nullopt;
}

void OptionHistory::find_logs(const LogPlace& place, const DirectoryListing& logs) {
  auto paths = info_log_paths(place.directory, logs, place.prefix);
  std::erase(paths, place.newest());
  const auto surplus = paths.size() - std::min(paths.size(), limits_.logs_max);
  paths.erase(paths.begin(), paths.begin() + static_cast<std::ptrdiff_t>(surplus));
  std::set<std::string> names(paths.begin(), paths.end());
  if (names != known_names_) {
    for (auto& path : paths) {
      if (!known_names_.contains(path)) (begun_ ? fresh_ : older_).push_back(std::move(path));
    }
    known_names_ = std::move(names);
  }
  begun_ = true;
}

std::int64_t OptionHistory::read_next(std::deque<std::string>& from, bool is_newer) {
  const auto path = is_newer ? from.front() : from.back();
  is_newer ? from.pop_front() : from.pop_back();
  auto read = read_head(path);
  if (read.bytes > 0 && !read_.insert(read.file).second) return read.bytes;
  if (read.open && is_newer) take_newer(std::move(read.open));
  if (read.open && !is_newer) take_older(std::move(read.open));
  return read.bytes;
}

// LOG: again and again until it tells of an open, or is seen to be a rolled-over one.
std::int64_t OptionHistory::read_log(const std::string& path) {
  struct stat now {};
  if (::stat(path.c_str(), &now) != 0) return 0;
  const FileId file{now.st_dev, now.st_ino};
  if (read_.contains(file)) return 0;
  if (file != log_tried_) {
    log_tried_ = file;
    log_bytes_tried_ = 0;
    log_is_opening_ = false;
  }
  const bool grew = now.st_size > log_bytes_tried_;
  const bool young = log_bytes_tried_ < kYoungBytes && now.st_size >= 2 * log_bytes_tried_;
  if (!grew || !(log_is_opening_ || young)) return 0;
  auto read = read_head(path);
  log_bytes_tried_ = now.st_size;
  log_is_opening_ = read.is_opening;
  if (!read.open) return read.bytes;
  read_.insert(read.file);
  newest_ ? take_newer(std::move(read.open)) : take_older(std::move(read.open));
  return read.bytes;
}

OptionHistory::Read OptionHistory::read_head(const std::string& path) const {
  Read read;
  const auto file = FileReader::open(path, SymbolicLinks::refuse);
  if (!file) return read;
  read.file = {file->device(), file->inode()};
  if (read_.contains(read.file)) return read;  // it was LOG then
  std::string head;
  std::string chunk;
  auto end = std::string::npos;
  while (head.size() < limits_.head_bytes_max && end == std::string::npos) {
    const auto offset = static_cast<std::int64_t>(head.size());
    if (!file->read_into(offset, kHeadChunkBytes, chunk) || chunk.empty()) break;
    // The mark may lie across two chunks.
    const auto from = head.size() - std::min(head.size(), kOpenEnds.size());
    head += chunk;
    end = head.find(kOpenEnds, from);
    if (offset >= kYoungBytes && head.find(kOpenBegins) == std::string::npos) break;
  }
  read.bytes = static_cast<std::int64_t>(head.size());
  file->drop_pages(0, read.bytes);
  read.is_opening = end == std::string::npos && head.find(kOpenBegins) != std::string::npos;
  const auto time = parse_log_time(head);
  if (end == std::string::npos || !time) return read;
  // Families that are made later have nothing to be compared with.
  auto options = parse_log_options(std::string_view(head).substr(0, end));
  if (!options) return read;
  read.open = std::make_shared<const Open>(Open{*time, shown_file_name(path), *std::move(options)});
  return read;
}

void OptionHistory::take_newer(std::shared_ptr<const Open> open) {
  if (!newest_) return take_older(std::move(open));
  if (open->local < newest_->local) return;  // it came late: what follows it was compared already
  std::vector<OptionStep> steps;
  for (auto& each : option_differences(newest_->options, open->options, limits_.steps_max)) {
    steps.push_back({open->local, {}, open->origin, std::move(each)});
  }
  put_front(log_steps_, std::move(steps), limits_.steps_max);
  newest_ = std::move(open);
  ++opens_;
}

void OptionHistory::take_older(std::shared_ptr<const Open> open) {
  if (oldest_ && oldest_->local >= open->local) {
    const auto room = limits_.steps_max - std::min(log_steps_.size(), limits_.steps_max);
    for (auto& each : option_differences(open->options, oldest_->options, room)) {
      log_steps_.push_back({oldest_->local, {}, oldest_->origin, std::move(each)});
    }
  }
  if (!newest_) newest_ = open;
  oldest_ = std::move(open);
  if (++opens_ >= limits_.opens_max) older_.clear();
}

std::int64_t OptionHistory::read_options(const std::string& path,
                                         const DirectoryListing& database) {
  std::vector<const DatabaseFile*> fresh;
  for (const auto& file : database.files) {
    const bool is_new = file.type == DatabaseFileType::options && file.number &&
                        (!options_number_ || *file.number > *options_number_);
    if (is_new) fresh.push_back(&file);
  }
  std::sort(fresh.begin(), fresh.end(),
            [](const auto* a, const auto* b) { return *a->number < *b->number; });
  const auto surplus = fresh.size() - std::min(fresh.size(), limits_.options_files_max);
  fresh.erase(fresh.begin(), fresh.begin() + static_cast<std::ptrdiff_t>(surplus));
  std::int64_t bytes = 0;
  for (const auto* file : fresh) {
    options_number_ = file->number;
    auto read = read_options_file(path + "/" + file->name);
    if (!read) continue;
    bytes += file->bytes;
    take_options(*std::move(read), *file);
  }
  return bytes;
}

void OptionHistory::take_options(OptionsFile options, const DatabaseFile& file) {
  if (newest_options_) {
    std::vector<OptionStep> steps;
    for (auto& each : option_differences(*newest_options_, options, limits_.steps_max)) {
      steps.push_back({{}, file.modified, escape_name(file.name), std::move(each)});
    }
    put_front(file_steps_, std::move(steps), limits_.steps_max);
  }
  newest_options_ = std::make_shared<const OptionsFile>(std::move(options));
}

}  // namespace nodetune
