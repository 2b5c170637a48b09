// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/observe/logs_alone.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <utility>

#include "engine/files/directory_kind.h"
#include "engine/files/directory_listing.h"
#include "engine/files/file_reader.h"
#include "engine/files/line_splitter.h"
#include "engine/files/log_line.h"
#include "engine/files/log_options.h"
#include "engine/files/log_place.h"
#include "engine/observe/file_name.h"

namespace nodetune {
namespace {

constexpr std::size_t kFrontBytes = 4 * 1024;    // a LOG begins with its first record
constexpr std::size_t kTailBytes = 1024 * 1024;  // where the last record's beginning is looked for

constexpr std::size_t kOthersNamed = 5;

// The first or last prefix in `text`.
std::optional<TimePoint> record_time(std::string_view text, bool last) {
  std::optional<TimePoint> found;
  LineSplitter lines(LogLimits().line_bytes_max);
  const auto look = [&](std::string_view line) {
    if ((last || !found) && starts_log_record(line)) found = parse_log_time(line);
  };
  lines.feed(text, look);
  lines.finish(look);
  return found;
}

std::optional<LogsAlone::File> look_into(const std::string& path, std::int64_t bytes) {
  const auto front = read_head(path, kFrontBytes);
  if (!front || !starts_log_record(*front)) return std::nullopt;
  LogsAlone::File file;
  file.path = path;
  file.bytes = bytes;
  file.first = record_time(*front, false).value_or(TimePoint{});
  const auto tail = read_tail(path, kTailBytes);
  file.last =
      std::max(file.first, tail ? record_time(*tail, true).value_or(file.first) : file.first);
  file.head = read_log_head(path);
  return file;
}

// What only a database's own directory holds.
bool is_of_a_database(const std::string& name) {
  for (const std::string_view sign : {"CURRENT", "IDENTITY", "LOCK"}) {
    if (name == sign) return true;
  }
  if (name == kManagedMarker) return true;
  switch (classify_database_file(name)) {
    case DatabaseFileType::sst:
    case DatabaseFileType::blob:
    case DatabaseFileType::wal:
    case DatabaseFileType::manifest:
      return true;
    case DatabaseFileType::options:
    case DatabaseFileType::info_log:
    case DatabaseFileType::other:
      return false;
  }
  return false;
}

// A node's data directory may hold LOG files beside its databases (db_log_dir): these are meant.
bool holds_databases(const std::string& path) {
  const auto info = identify_directory(path);
  return info && std::any_of(info->nested.begin(), info->nested.end(),
                             [](const auto& nested) { return is_rocksdb(nested.kind); });
}

// Files of one database follow each other in time and were written in one directory.
std::vector<std::vector<LogsAlone::File>> by_database(std::vector<LogsAlone::File> files) {
  std::stable_sort(files.begin(), files.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<std::vector<LogsAlone::File>> databases;
  for (auto& file : files) {
    const auto before = std::find_if(databases.rbegin(), databases.rend(), [&](const auto& group) {
      return group.back().head.directory == file.head.directory && group.back().last <= file.first;
    });
    if (before == databases.rend()) {
      databases.push_back({std::move(file)});
    } else {
      before->push_back(std::move(file));
    }
  }
  return databases;
}

std::int64_t bytes_of(const std::vector<LogsAlone::File>& files) {
  std::int64_t bytes = 0;
  for (const auto& file : files) bytes += file.bytes;
  return bytes;
}

}  // namespace

std::optional<LogsAlone> find_logs_alone(const std::string& path, const LogsAloneLimits& limits) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return std::nullopt;
  LogsAlone found;
  found.path = path;
  if (S_ISREG(status.st_mode)) {
    auto file = look_into(path, status.st_size);
    if (!file) return std::nullopt;
    found.bytes = file->bytes;
    found.files.push_back(*std::move(file));
    return found;
  }
  if (!S_ISDIR(status.st_mode)) return std::nullopt;
  const auto listed = list_directory(path, limits.entries_max);
  if (!listed) return std::nullopt;
  found.truncated = listed->truncated;
  std::vector<LogsAlone::File> files;
  for (const auto& entry : listed->entries) {
    if (is_of_a_database(entry.name)) return std::nullopt;
  }
  std::size_t looked = 0;
  for (const auto& entry : listed->entries) {
    if (entry.type != DirectoryEntry::Type::file) continue;
    if (++looked > limits.files_max) {
      found.truncated = true;
      break;
    }
    auto file = look_into(path + "/" + entry.name, entry.bytes);
    if (file) files.push_back(*std::move(file));
  }
  if (files.empty() || holds_databases(path)) return std::nullopt;
  auto databases = by_database(std::move(files));
  auto largest =
      std::max_element(databases.begin(), databases.end(),
                       [](const auto& a, const auto& b) { return bytes_of(a) < bytes_of(b); });
  found.files = std::move(*largest);
  found.bytes = bytes_of(found.files);
  databases.erase(largest);
  for (auto& other : databases) found.others.push_back(std::move(other.front()));
  return found;
}

LogsAlone logs_of_database(const std::string& path) {
  LogsAlone logs;
  logs.path = path;
  const auto place = find_log_place(path);
  const auto listing = list_database_files(place.directory);
  if (!listing) return logs;
  for (const auto& name : info_log_paths(place.directory, *listing, place.prefix)) {
    struct stat status {};
    if (::stat(name.c_str(), &status) != 0) continue;
    if (auto file = look_into(name, status.st_size)) logs.files.push_back(*std::move(file));
  }
  logs.bytes = bytes_of(logs.files);
  return logs;
}

// What an observer would have found, as far as files of this one kind tell.
Observation observe_logs(const LogsAlone& logs) {
  Observation seen;
  seen.path = logs.path;
  seen.log_place.directory = logs.path;
  auto listing = std::make_shared<DirectoryListing>();
  auto& total = listing->totals[static_cast<std::size_t>(DatabaseFileType::info_log)];
  total = {static_cast<std::int64_t>(logs.files.size()), logs.bytes};
  listing->all = total;
  seen.listing = std::move(listing);
  seen.log_head = logs.files.back().head;

  auto stored = read_newest_options(logs.path);
  std::optional<OptionsFile> options;
  if (stored && logs.others.empty()) options = *std::move(stored);
  for (auto file = logs.files.rbegin(); file != logs.files.rend() && !options; ++file) {
    options = read_log_options(file->path);
  }
  ClientTraces traces;
  traces.directory = traces.directory_of_writer = seen.log_head.directory;
  if (options) {
    auto read = std::make_shared<ObservedOptions>();
    read->name = shown_file_name(options->path);
    read->knobs = observed_knobs(*options);
    for (const auto& family : options->column_families) traces.families.push_back(family.name);
    read->file = *std::move(options);
    seen.options = std::move(read);
  }
  seen.client = recognise_client(traces);
  return seen;
}

std::string what_it_is(const LogsAlone& logs) {
  const bool one = logs.files.size() == 1;
  auto text = fmt::format("{} LOG file{} without {} database: shown as what they recorded",
                          logs.files.size(), one ? "" : "s", one ? "its" : "their");
  if (one) text = "a LOG file without its database: shown as what it recorded";
  if (!logs.others.empty()) {
    text += fmt::format("; {} other database{} left LOG files here, open them by name: ",
                        logs.others.size(), logs.others.size() == 1 ? "" : "s");
    for (std::size_t i = 0; i < std::min(kOthersNamed, logs.others.size()); ++i) {
      text += (i == 0 ? "" : ", ") + shown_file_name(logs.others[i].path);
    }
    if (logs.others.size() > kOthersNamed) text += ", …";
  }
  if (logs.truncated) text += "; the folder holds more files than were looked into";
  return text;
}

}  // namespace nodetune
