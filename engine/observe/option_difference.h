// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/files/options_file.h"

namespace nodetune {

// An option that is not the same in two lists of one database's options.
struct OptionDifference {
  std::string section;                // without a family: "DBOptions", "CFOptions", "Version"
  std::optional<std::string> family;  // raw bytes; nothing: of the whole database
  std::string name;
  std::string before;  // empty: it was not there
  std::string after;
  bool operator==(const OptionDifference&) const = default;
};

// At most `differences_max`. Families that only one of them has, and names that came or went with
// another release of RocksDB, are no differences; that release is one, in front. Addresses of
// objects are "set".
std::vector<OptionDifference> option_differences(const OptionsFile& before,
                                                 const OptionsFile& after,
                                                 std::size_t differences_max);

}  // namespace nodetune
