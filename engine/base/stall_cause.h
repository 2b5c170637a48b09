// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace nodetune {

// Why RocksDB slows or stops writers.
enum class StallCause : std::uint8_t { memtables, level0_files, pending_compaction_bytes };

inline constexpr std::array kStallCauses = {StallCause::memtables, StallCause::level0_files,
                                            StallCause::pending_compaction_bytes};

std::string_view to_string(StallCause cause);     // "level0_files": JSON
std::string_view display_name(StallCause cause);  // "level-0 files": for people

}  // namespace nodetune
