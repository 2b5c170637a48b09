// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <string>

namespace nodetune {

// What a LOG's first lines say. Empty where they do not.
struct LogHead {
  std::string version;    // of RocksDB, "8.3.2"
  std::string directory;  // the database's path on the machine that wrote it
};

// Reads the beginning alone. A LOG that is missing or cannot be read says nothing.
LogHead read_log_head(const std::string& path);

}  // namespace nodetune
