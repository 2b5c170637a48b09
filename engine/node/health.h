// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/metrics/history.h"
#include "engine/metrics/snapshot.h"

namespace nodetune {

enum class HealthLevel : std::uint8_t { unknown, good, warning, bad };
enum class HealthCause : std::uint8_t {
  unknown,
  none,
  database,
  disk,
  compaction,
  memory,
  load,
  not_storage
};

std::string_view to_string(HealthLevel level);
std::string_view to_string(HealthCause cause);

// What an operator wants to know first, in one sentence.
struct Health {
  HealthLevel level = HealthLevel::unknown;
  HealthCause cause = HealthCause::unknown;
  std::string
      sentence;  // "Compaction is behind: 12 % of the last minute stalled on level-0 files."
};

struct HealthConfig {
  Duration window = std::chrono::minutes(1);
  double stalled_share_warning = 0.01;  // of the window; one second in a hundred is felt
  double stalled_share_bad = 0.10;
  double disk_free_warning = 0.15;  // the specification's "low"
  double disk_free_bad = 0.10;      // its "critical"
  double memory_ratio_warning = 0.90;
  double memory_ratio_bad = 0.97;
  double disk_busy_high = 0.90;
  double disk_latency_high_seconds = 0.020;  // an SSD answers in well under 1 ms
  double cpu_ratio_high = 0.90;
};

// A pure function of what was measured in the window: worst first. What is missing is not judged;
// when nothing is known, it says so.
Health assess_health(const Snapshot& newest, const History& history,
                     const HealthConfig& config = {});

}  // namespace nodetune
