// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/status.h"
#include "engine/store/lock_holder.h"

namespace nodetune {

// What a directory is, before anything is opened.
struct Inspection {
  std::string path;
  std::string kind;    // managed, rocksdb, leveldb, pebble, mdbx, paritydb, logs, recording, none
  std::string way;     // managed, observed, recorded, none
  std::string reason;  // one sentence
  std::string client;  // empty: unknown
  std::string rocksdb_version;
  std::optional<int> format_version;         // the newest among its SST files
  std::vector<std::string> column_families;  // printable
  std::optional<LockHolder> locked_by;
  std::vector<std::string> databases;  // nested ones, where the directory itself is none
};

// Of several databases the one with the most bytes.
std::string largest_database(const std::vector<std::string>& databases);

// Where a directory is no database, but exactly one RocksDB database lies below it, that one is
// meant: `path` is its path then.
//
// Reads only; no RocksDB handle, no lock, no byte written. Errors: missing path, a file, no
// permission. Another engine's database is no error here: its kind says so.
Result<Inspection> inspect(const std::string& path);

}  // namespace nodetune
