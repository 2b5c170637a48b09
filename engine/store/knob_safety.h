// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <cstdint>

#include "engine/base/status.h"
#include "engine/store/knobs.h"

namespace nodetune {

// What RocksDB survives: outside of these it aborts, hangs for ever, or keeps another value than
// the one given. The last line of defence; what is sensible is tuner/knob_table's to say.
//
// Thread: any; pure functions. Source of each bound: knob_safety.cpp.
struct KnobLimits {
  std::int64_t min = 0;
  std::int64_t max = 0;  // inclusive
};

KnobLimits safe_limits(Knob knob);

// invalid_argument, naming the knob and its range.
Status check_safe(Knob knob, std::int64_t value);
// Each value, and the combinations.
Status check_safe(const KnobValues& after);

// The options that must move with a knob, in the same SetOptions call.
//
// An arena block above 0.4 × write_buffer_size makes RocksDB abort at the next memtable.
std::int64_t arena_block_bytes(std::int64_t write_buffer_size);
// A compaction trigger above the slowdown trigger makes RocksDB abort.
struct L0Triggers {
  int slowdown = 0;
  int stop = 0;
};
L0Triggers l0_triggers(std::int64_t compaction_trigger);

}  // namespace nodetune
