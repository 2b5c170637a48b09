// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <string>
#include <string_view>

#include "engine/base/status.h"
#include "engine/store/knobs.h"

namespace nodetune {

inline constexpr std::string_view kNodeFileName = "NODETUNE.json";
inline constexpr int kNodeFileSchema = 1;

// What NODETUNE.json says: that a directory is NodeTune's own, and how to open it.
//
// A new directory gets the file first, in state `creating`, then the database, then state `ready`
// with the database's identity. Whoever is killed in between leaves `creating`: nothing was ever
// acknowledged there, and the next open finishes the work. In state `ready` a database that is
// gone is damage, and never made anew.
struct NodeFile {
  enum class State { creating, ready };
  State state = State::creating;
  std::string identity;  // of the database: its file IDENTITY; empty while creating
  KnobValues knobs = KnobValues::defaults();
  // As the last clean close left it. A MANIFEST only grows: one that is shorter has lost records,
  // and RocksDB would take its torn end for a crash, open an older state and delete newer tables.
  std::string manifest;  // its name; empty: not known
  std::int64_t manifest_bytes = 0;
};

// Errors: not_found (no such file), corrupt (not JSON, a key missing, a value out of its limits),
// unsupported_format (a newer schema), file errors.
Result<NodeFile> read_node_file(const std::string& directory);
// Atomically and durably: a temporary file, fsync, rename, fsync of the directory.
Status write_node_file(const std::string& directory, const NodeFile& file);
// A temporary file that a killed write_node_file left behind.
bool is_node_file_leftover(std::string_view name);
// The database's IDENTITY without its line end.
Result<std::string> read_identity(const std::string& directory);

}  // namespace nodetune
