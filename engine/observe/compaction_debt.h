// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/missing.h"
#include "engine/files/manifest.h"
#include "engine/files/options_file.h"

namespace nodetune {

// What decides how large each level of a family with level compaction may become.
struct LevelTargets {
  int levels = 7;
  std::int64_t level0_files = 4;  // so many are compacted into the next level
  std::int64_t base_bytes = 256 << 20;
  double multiplier = 10;
  std::vector<double> more_multipliers;  // of each level, beside the one above
  bool dynamic = false;                  // sized from the last level upwards
  // Until RocksDB 7.5 a large level 0 made the targets of a dynamic family larger.
  bool level0_raises_targets = false;
};

// Nothing where another compaction style is in force, or an option that is needed is not known.
// `rocksdb_version` is that of the writer: "8.3.2".
std::optional<LevelTargets> level_targets(const ColumnFamilyOptionValues& family,
                                          std::string_view rocksdb_version);

struct LevelDebt {
  double target_bytes = kMissing;  // missing for level 0, and where nothing is compacted from
  double debt_bytes = 0;           // that compactions must rewrite because of this level
};

struct CompactionDebt {
  std::map<int, LevelDebt> levels;
  double total_bytes = 0;
};

// As RocksDB estimates it (rocksdb.estimate-pending-compaction-bytes): what a level holds beyond
// its target moves down, and takes along what it meets there. Pure function.
// Source: RocksDB's db/version_set.cc, CalculateBaseBytes and EstimateCompactionBytesNeeded.
CompactionDebt estimate_compaction_debt(const std::vector<LevelTotal>& levels,
                                        const LevelTargets& targets);

}  // namespace nodetune
