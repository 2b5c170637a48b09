// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "engine/files/options_file.h"

namespace nodetune {

// The options that a LOG lists at its beginning, under the names that OPTIONS files use; values as
// the LOG writes them, but for compressions ("LZ4" is kLZ4Compression). RocksDB lists
// the options of the first ten families alone, and names no bits of a bloom filter. Nothing where
// it lists none.
std::optional<OptionsFile> parse_log_options(std::string_view log);

// The same, of a file's first bytes; `path` and version are filled in.
std::optional<OptionsFile> read_log_options(const std::string& path);

}  // namespace nodetune
