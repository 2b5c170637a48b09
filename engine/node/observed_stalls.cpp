// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include <array>
#include <string_view>

#include "engine/files/log_dump.h"
#include "engine/metrics/stall_conditions.h"
#include "engine/node/observed_views.h"

namespace nodetune {
namespace {

// RocksDB's names (db/internal_stats.cc): those of up to 7.8, and those since 8.0.
struct CounterNames {
  std::string_view old_name;
  std::string_view name;
};

// By kStallConditions.
constexpr std::array<CounterNames, kStallConditions.size()> kCounterNames = {{
    {"memtable_slowdown", "memtable-limit-delays"},
    {"memtable_compaction", "memtable-limit-stops"},
    {"level0_slowdown", "l0-file-count-limit-delays"},
    {"level0_numfiles", "l0-file-count-limit-stops"},
    {"slowdown for pending_compaction_bytes", "pending-compaction-bytes-delays"},
    {"stop for pending_compaction_bytes", "pending-compaction-bytes-stops"},
}};

// A start whose statistics are still to come leaves those of the run before.
bool dumped_since_start(const ObservedLog& log) {
  if (!log.last_dump) return false;
  const auto& opens = log.story.opens;
  if (!opens.empty() && log.last_dump->time < opens.back().time) return false;
  return !log.last_open || log.last_dump->time >= log.last_open->time;
}

}  // namespace

std::vector<StallCount> counted_stalls(const ObservedLog& log) {
  if (!dumped_since_start(log)) return {};
  std::array<std::optional<std::uint64_t>, kStallConditions.size()> sums;
  for (const auto& [family, dump] : log.story.family_dumps) {
    const auto counters = parse_stall_counters(dump.stall_counters);
    for (std::size_t i = 0; i < sums.size(); ++i) {
      auto found = counters.find(kCounterNames[i].name);
      if (found == counters.end()) found = counters.find(kCounterNames[i].old_name);
      if (found == counters.end() || found->second < 0) continue;
      sums[i] = sums[i].value_or(0) + static_cast<std::uint64_t>(found->second);
    }
  }
  std::vector<StallCount> stalls;
  for (std::size_t i = 0; i < sums.size(); ++i) {
    const auto& condition = kStallConditions[i];
    if (sums[i]) stalls.push_back({condition.cause, condition.stopped, *sums[i]});
  }
  return stalls;
}

std::optional<std::int64_t> stops_by_buffer_manager(const ObservedLog& log) {
  if (!dumped_since_start(log)) return std::nullopt;
  const auto counters = parse_stall_counters(log.story.db_stall_counters);
  const auto found = counters.find("write-buffer-manager-limit-stops");
  return found == counters.end() ? std::nullopt : std::optional(found->second);
}

}  // namespace nodetune
