// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "engine/files/options_file.h"

namespace nodetune {

// RocksDB's own defaults, release by release, to tell what somebody has set from what was so
// anyhow.
//
// `version` as OPTIONS or LOG has it ("8.3.2"), of the program that wrote them; `section` as
// OPTIONS writes it: `DBOptions`, `CFOptions "default"`. Pure functions.

// "RocksDB 8.3.2": whose defaults are compared with. Empty where that release's are not known
// (before 5.14, from 12.0 on), or nobody says which it is: then nothing has a default.
std::string defaults_of(std::string_view version);

// Nothing for a name that this release does not have, or whose default in it is not known.
// A field of an option that is a structure, as a LOG lists it, has its own:
// `compression_opts.level`.
std::optional<std::string> rocksdb_default(std::string_view version, std::string_view section,
                                           std::string_view name);

// The same where RocksDB works the default out from another option of that section.
std::optional<std::string> rocksdb_default_among(const OptionMap& section_options,
                                                 std::string_view version, std::string_view section,
                                                 std::string_view name);

// Whether two texts mean one value, however a release, OPTIONS or LOG writes it: "true" and "1",
// "0.0" and "0.000000", "kPointInTimeRecovery" and "2". Of structures what both have decides.
bool same_option_value(std::string_view name, std::string_view a, std::string_view b);

}  // namespace nodetune
