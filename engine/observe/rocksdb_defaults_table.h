// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <compare>
#include <span>
#include <string_view>

namespace nodetune {

struct RocksdbVersion {
  int major = 0;
  int minor = 0;
  auto operator<=>(const RocksdbVersion&) const = default;
};

// Sections of an OPTIONS file, without a family.
inline constexpr std::string_view kDbOptions = "DBOptions";
inline constexpr std::string_view kFamilyOptions = "CFOptions";
inline constexpr std::string_view kTableOptions = "TableOptions/BlockBasedTable";

// One option as an OPTIONS file of RocksDB's own defaults has it.
struct OptionDefault {
  std::string_view section;
  std::string_view name;
  const char* value;
};

// A default that was another one before this release. Null: it is not known, or the option was not
// there.
struct DefaultChange {
  RocksdbVersion from;
  std::string_view section;
  std::string_view name;
  const char* before;
  const char* after;
};

inline constexpr RocksdbVersion kTableVersion{7, 8};   // whose defaults the first table has
inline constexpr RocksdbVersion kOldestKnown{5, 14};   // the changes go back so far
inline constexpr RocksdbVersion kFirstUnknown{12, 0};  // and so far on

// Ascending by section and name.
std::span<const OptionDefault> option_defaults();
// Ascending by release.
std::span<const DefaultChange> default_changes();

}  // namespace nodetune
