// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <array>
#include <cstddef>

#include "engine/base/stall_cause.h"
#include "engine/metrics/catalogue.h"

namespace nodetune {

// A cause that slows or stops writers, and the counter of how often it did.
struct StallCondition {
  StallCause cause;
  bool stopped;  // else slowed down
  Metric entered;
};

// By kStallCauses; of each, slowed before stopped.
inline constexpr std::array kStallConditions = {
    StallCondition{StallCause::memtables, false, Metric::db_stalls_memtable_slowdown_total},
    StallCondition{StallCause::memtables, true, Metric::db_stalls_memtable_stop_total},
    StallCondition{StallCause::level0_files, false, Metric::db_stalls_l0_slowdown_total},
    StallCondition{StallCause::level0_files, true, Metric::db_stalls_l0_stop_total},
    StallCondition{StallCause::pending_compaction_bytes, false,
                   Metric::db_stalls_pending_compaction_slowdown_total},
    StallCondition{StallCause::pending_compaction_bytes, true,
                   Metric::db_stalls_pending_compaction_stop_total},
};

// Where it stands in kStallConditions.
constexpr std::size_t stall_condition_index(StallCause cause, bool stopped) {
  return 2 * static_cast<std::size_t>(cause) + (stopped ? 1 : 0);
}

}  // namespace nodetune
