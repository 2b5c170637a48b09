// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/status.h"

namespace nodetune {

struct LockHolderInfo {
  std::int64_t pid = 0;
  std::string name;  // of the process; empty when it cannot be read
};

// What a directory is, before anything is opened.
struct Inspection {
  std::string path;
  std::string kind;    // managed, rocksdb, leveldb, pebble, mdbx, paritydb, none
  std::string way;     // managed, observed, none
  std::string reason;  // one sentence
  std::string client;  // empty: unknown
  std::string rocksdb_version;
  std::optional<int> format_version;         // the newest among its SST files
  std::vector<std::string> column_families;  // printable
  std::optional<LockHolderInfo> locked_by;
  std::vector<std::string> databases;  // nested ones, where the directory itself is none
};

// Reads only; no RocksDB handle, no lock, no byte written. Errors: missing path, a file, no
// permission. Another engine's database is no error here: its kind says so.
Result<Inspection> inspect(const std::string& path);

}  // namespace nodetune
