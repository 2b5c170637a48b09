// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/files/log_summary.h"
#include "engine/metrics/snapshot.h"
#include "engine/node/node.h"
#include "engine/observe/observation.h"

namespace nodetune {

// The story that the LOGs tell, as far as they have been read.
struct ObservedLog {
  LogSummary summary;
  bool complete = false;   // all files were read: totals may be shown
  std::int64_t files = 0;  // that there are
  std::int64_t bytes = 0;  // of them
  std::string problem;     // why there is none; empty: there is
};

// From what was read to what a front end sees. Pure functions.
NodeDescription describe(const Observation& seen, const ObservedLog& log);
std::vector<KnobState> knob_states(const Observation& seen, const ObservedLog& log);
// The eight knobs where each is known and the same in all families; else nothing.
std::optional<KnobValues> knob_values(const std::vector<KnobState>& states);
void fill_observed(const Observation& seen, const ObservedLog& log, Snapshot& snapshot);

}  // namespace nodetune
