// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "engine/files/log_summary.h"
#include "engine/metrics/catalogue.h"
#include "engine/metrics/stall_conditions.h"

namespace nodetune {

inline constexpr std::array kJobMetrics = {
    Metric::db_flushes_total,
    Metric::db_flush_bytes_total,
    Metric::db_compactions_total,
    Metric::db_compaction_read_bytes_total,
    Metric::db_compaction_write_bytes_total,
};

// What lines of a LOG tell that counters would have counted.
struct LoggedWork {
  std::array<double, kJobMetrics.size()> jobs{};         // by kJobMetrics
  std::array<double, kStallConditions.size()> stalls{};  // by kStallConditions

  LoggedWork& operator+=(const LoggedWork& other) {
    for (std::size_t i = 0; i < jobs.size(); ++i) jobs[i] += other.jobs[i];
    for (std::size_t i = 0; i < stalls.size(); ++i) stalls[i] += other.stalls[i];
    return *this;
  }
};

// Calls take(time, work) for each entry of the lists; jobs count when they end.
template <typename Take>
void for_each_work(const LogSummary& lists, Take take) {
  const auto known = [](const std::optional<std::int64_t>& bytes) {
    return bytes && *bytes > 0 ? static_cast<double>(*bytes) : 0.0;
  };
  for (const auto& flush : lists.flushes) {
    take(flush.time, LoggedWork{.jobs = {1, known(flush.output_bytes)}, .stalls = {}});
  }
  for (const auto& done : lists.compactions) {
    take(done.time, LoggedWork{.jobs = {0, 0, 1, known(done.input_bytes), known(done.output_bytes)},
                               .stalls = {}});
  }
  for (const auto& stall : lists.stalls) {
    LoggedWork work;
    work.stalls[stall_condition_index(stall.cause, stall.action == StallAction::stop)] = 1;
    take(stall.time, work);
  }
}

}  // namespace nodetune
