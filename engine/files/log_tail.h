// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <cstdint>

#include "engine/files/file_reader.h"

namespace nodetune {

struct LogTail {
  std::int64_t offset = 0;      // in the middle of a record, where it is not 0
  bool has_statistics = false;  // the newest of the file stand behind it
};

// Where to begin in a LOG of any size so that its last `bytes` are read, and its newest statistics
// as well where they stand within the last `search_bytes`. Reads backwards from the end, no further
// than it must.
LogTail find_log_tail(const FileReader& file, std::int64_t bytes, std::int64_t search_bytes);

}  // namespace nodetune
