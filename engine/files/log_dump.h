// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/files/log_block_cache.h"

namespace nodetune {

// By RocksDB's own names, since the open.
using StallCounters = std::map<std::string, std::int64_t, std::less<>>;

// One row of "** Compaction Stats [cf] **", by level. Missing is missing (NaN in no case).
struct LevelStats {
  std::optional<int> level;  // nothing: the row "Sum", all levels together
  std::optional<std::int64_t> files;
  std::optional<std::int64_t> files_compacting;
  std::optional<double> bytes;
  std::optional<double> score;
  std::optional<double> read_bytes;  // since the open, like all that follow
  std::optional<double> written_bytes;
  std::optional<double> moved_bytes;
  std::optional<double> write_amplification;
  std::optional<double> compaction_seconds;
  std::optional<double> compactions;
};

struct ColumnFamilyDump {
  std::string name;                // raw bytes
  std::vector<LevelStats> levels;  // the levels that are not empty
  std::optional<LevelStats> sum;
  std::string stall_counters;  // as parse_stall_counters() takes them
  std::optional<double> pending_compaction_bytes;
  std::optional<BlockCacheStats> block_cache;
};

// What the node writes every stats_dump_period_sec. A family that did not change may be left out.
struct StatsDump {
  bool has_db_stats = false;  // "** DB Stats **" stands in it
  std::optional<double> uptime_seconds;
  std::optional<double> interval_seconds;
  std::optional<double> cumulative_stall_seconds;
  std::optional<double> cumulative_stall_ratio;  // 0 to 1 of the uptime, can exceed 1
  std::optional<double> interval_stall_seconds;
  std::optional<double> interval_stall_ratio;
  std::optional<double> cumulative_ingest_bytes;
  std::string stall_counters;  // of the whole database, as parse_stall_counters() takes them
  std::vector<ColumnFamilyDump> column_families;
};

// Takes a LOG record's message apart; nothing where it holds no such table. Columns are found by
// their heads, since versions add some in the middle. RocksDB cuts a record at 64 KiB: what is
// behind is missing.
std::optional<StatsDump> parse_stats_dump(std::string_view message);

// "7 level0_slowdown, …", behind "Stalls(count): " up to 7.8, or "l0-file-count-limit-stops: 0, …",
// behind "Write Stall (count): " from 8 on. Of a LOG's many dumps only the last one's text is kept.
StallCounters parse_stall_counters(std::string_view list);

// "45:34:12.789": hours, minutes, seconds.
std::optional<double> parse_hms(std::string_view text);

}  // namespace nodetune
