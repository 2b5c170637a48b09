// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <optional>
#include <string_view>

#include "engine/node/node.h"

namespace nodetune {

// Whose defaults these are.
inline constexpr std::string_view kDefaultsOf = "RocksDB 7.8.3";

// What an OPTIONS file of RocksDB's own defaults says; nothing for names it does not have.
// `section` as OPTIONS writes it: `DBOptions`, `CFOptions "default"`.
std::optional<std::string_view> rocksdb_default(std::string_view section, std::string_view name);

// False where there is no default to compare with. "0.0" and "0.000000" are the same.
bool differs_from_default(const OptionRow& row);

}  // namespace nodetune
