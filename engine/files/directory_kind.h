// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/base/status.h"

namespace nodetune {

enum class DirectoryKind {
  managed,  // NodeTune's own: it holds NODETUNE.json
  rocksdb,
  leveldb,
  pebble,
  mdbx,
  paritydb,
  other,  // a database, but of none of these kinds
  empty,  // no entries at all
  none,   // files, but no database
};

std::string_view to_string(DirectoryKind kind);

// RocksDB, ours or a node's: the readers of this module apply.
inline bool is_rocksdb(DirectoryKind kind) {
  return kind == DirectoryKind::managed || kind == DirectoryKind::rocksdb;
}

struct NestedDatabase {
  std::string path;
  DirectoryKind kind = DirectoryKind::none;
  std::string evidence;
};

struct DirectoryInfo {
  std::string path;
  DirectoryKind kind = DirectoryKind::none;
  std::string evidence;                // for people: which files said so
  std::vector<NestedDatabase> nested;  // where the directory is no database itself, sorted by path
  bool search_truncated = false;       // a limit ended the search: there may be more
};

struct SearchLimits {
  int depth_max = 6;                              // levels below: chains/*/db/full/parachains/db
  std::size_t entries_max = 200'000;              // names looked at, all levels together
  std::size_t databases_max = 256;                // Aptos keeps some 40
  std::size_t directory_entries_max = 1'000'000;  // of one directory
};

inline constexpr std::string_view kManagedMarker = "NODETUNE.json";

// Tells what a directory is by the names and first bytes of its files. Opens no database, takes no
// lock, follows no symbolic link below `path`.
// Errors: not_found, not_a_database (a file), permission_denied, io_error.
Result<DirectoryInfo> identify_directory(const std::string& path, const SearchLimits& limits = {});

}  // namespace nodetune
