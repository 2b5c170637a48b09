// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/files/directory_listing.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "engine/files/file_reader.h"

namespace nodetune {
namespace {

constexpr std::string_view kOldLog = "LOG.old.";

// "LOG", "LOG.old.17", "srv_node_db_LOG", "srv_node_db_LOG.old.17": the part from LOG on.
std::string_view info_log_part(std::string_view name) {
  const auto at = name.rfind("LOG");
  if (at == std::string_view::npos || (at > 0 && name[at - 1] != '_')) return {};
  const auto part = name.substr(at);
  if (part == "LOG" || part == "LOG.old") return part;
  const bool old = part.starts_with(kOldLog) && parse_file_number(part.substr(kOldLog.size()));
  return old ? part : std::string_view{};
}

std::optional<std::uint64_t> file_number(std::string_view name, DatabaseFileType type) {
  switch (type) {
    case DatabaseFileType::sst:
    case DatabaseFileType::blob:
    case DatabaseFileType::wal:
      return parse_file_number(name.substr(0, name.find('.')));
    case DatabaseFileType::manifest:
    case DatabaseFileType::options:
      return parse_file_number(name.substr(name.find('-') + 1));
    case DatabaseFileType::info_log: {
      const auto part = info_log_part(name);
      if (!part.starts_with(kOldLog)) return std::nullopt;
      return parse_file_number(part.substr(kOldLog.size()));
    }
    case DatabaseFileType::other:
      return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace

std::string_view to_string(DatabaseFileType type) {
  switch (type) {
    case DatabaseFileType::sst:
      return "sst";
    case DatabaseFileType::blob:
      return "blob";
    case DatabaseFileType::wal:
      return "wal";
    case DatabaseFileType::manifest:
      return "manifest";
    case DatabaseFileType::options:
      return "options";
    case DatabaseFileType::info_log:
      return "log";
    case DatabaseFileType::other:
      return "other";
  }
  return "unknown";
}

DatabaseFileType classify_database_file(std::string_view name) {
  const auto dot = name.find('.');
  if (dot != std::string_view::npos && parse_file_number(name.substr(0, dot))) {
    const auto suffix = name.substr(dot);
    if (suffix == ".sst" || suffix == ".ldb") return DatabaseFileType::sst;
    if (suffix == ".blob") return DatabaseFileType::blob;
    if (suffix == ".log") return DatabaseFileType::wal;
    return DatabaseFileType::other;
  }
  constexpr std::string_view kManifest = "MANIFEST-";
  constexpr std::string_view kOptions = "OPTIONS-";
  if (name.starts_with(kManifest) && parse_file_number(name.substr(kManifest.size()))) {
    return DatabaseFileType::manifest;
  }
  if (name.starts_with(kOptions) && parse_file_number(name.substr(kOptions.size()))) {
    return DatabaseFileType::options;
  }
  return info_log_part(name).empty() ? DatabaseFileType::other : DatabaseFileType::info_log;
}

Result<DirectoryListing> list_database_files(const std::string& directory,
                                             const ListingLimits& limits) {
  auto listed = list_directory(directory, limits.entries_max);
  if (!listed) return listed.status();
  DirectoryListing listing;
  listing.truncated = listed->truncated;
  for (auto& entry : listed->entries) {
    if (entry.type != DirectoryEntry::Type::file) continue;
    DatabaseFile file;
    file.type = classify_database_file(entry.name);
    file.number = file_number(entry.name, file.type);
    file.bytes = entry.bytes;
    file.modified = entry.modified;
    file.name = std::move(entry.name);
    for (auto* total : {&listing.totals[static_cast<std::size_t>(file.type)], &listing.all}) {
      total->files += 1;
      total->bytes += file.bytes;
    }
    listing.files.push_back(std::move(file));
  }
  return listing;
}

std::vector<std::string> info_log_paths(const std::string& directory,
                                        const DirectoryListing& listing, std::string_view prefix) {
  std::vector<std::pair<std::uint64_t, std::string>> logs;
  for (const auto& file : listing.files) {
    if (file.type != DatabaseFileType::info_log) continue;
    const bool fits = file.name.starts_with(prefix) &&
                      file.name.compare(prefix.size(), kInfoLogName.size(), kInfoLogName) == 0;
    if (!prefix.empty() && !fits) continue;
    const bool old = info_log_part(file.name) != "LOG";
    const auto newest = std::numeric_limits<std::uint64_t>::max();
    logs.emplace_back(old ? file.number.value_or(0) : newest, directory + "/" + file.name);
  }
  std::sort(logs.begin(), logs.end());
  std::vector<std::string> paths;
  for (auto& [number, path] : logs) paths.push_back(std::move(path));
  return paths;
}

}  // namespace nodetune
