// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/clock.h"
#include "engine/base/status.h"

namespace nodetune {

// What a file in a RocksDB directory is, by its name.
enum class DatabaseFileType { sst, blob, wal, manifest, options, info_log, other };
constexpr std::size_t kDatabaseFileTypeCount = 7;
constexpr std::string_view kInfoLogName = "LOG";
// How often a file that a live node replaces, found but gone when opened, is looked for anew.
constexpr int kReplacedRetries = 3;

struct DatabaseFile {
  std::string name;
  DatabaseFileType type = DatabaseFileType::other;
  std::optional<std::uint64_t> number;  // 000123.sst -> 123, OPTIONS-000007 -> 7
  std::int64_t bytes = 0;
  TimePoint modified{};
};

struct DirectoryListing {
  struct Total {
    std::int64_t files = 0;
    std::int64_t bytes = 0;
  };
  std::vector<DatabaseFile> files;  // regular files, sorted by name
  std::array<Total, kDatabaseFileTypeCount> totals{};
  Total all;
  bool truncated = false;  // more names than the limit: the totals are too small

  const Total& total(DatabaseFileType type) const { return totals[static_cast<std::size_t>(type)]; }
};

struct ListingLimits {
  std::size_t entries_max = 1'000'000;  // an archive node keeps some 100,000 SST files
};

std::string_view to_string(DatabaseFileType type);
DatabaseFileType classify_database_file(std::string_view name);

// The regular files that lie directly in `directory`. Errors: missing, no permission, not a
// directory. Files that come and go meanwhile are no error.
Result<DirectoryListing> list_database_files(const std::string& directory,
                                             const ListingLimits& limits = {});

// Full paths of a directory's LOG files, oldest first, LOG last: LOG.old.<microseconds> by number.
// With `db_log_dir` the names carry the database's path as a prefix; these are found as well: all
// of them without `prefix`, else those that have it.
std::vector<std::string> info_log_paths(const std::string& directory,
                                        const DirectoryListing& listing,
                                        std::string_view prefix = {});

}  // namespace nodetune
