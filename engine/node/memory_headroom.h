// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <string>
#include <vector>

#include "engine/base/missing.h"
#include "engine/metrics/snapshot.h"
#include "engine/tuner/recommendation.h"
#include "engine/tuner/rules.h"

namespace nodetune {

// What is known of a foreign node's memory when it was last looked at.
struct MemoryNow {
  KnownKnobs knobs = KnownKnobs::none();
  double limit_bytes = kMissing;  // of its control group, else of the machine
  double used_bytes = kMissing;
  double resident_bytes = kMissing;  // of the node's process
  int families = 0;
  bool cache_of_each_family = false;  // whether families share one block cache is not known
};
MemoryNow memory_now(const Snapshot& snapshot, const KnownKnobs& knobs,
                     const std::string& cache_origin);

// Of a change that takes memory: how much more it may take, and how much is free. Else empty.
std::vector<std::string> memory_notes(const Recommendation& item, const MemoryNow& now);

}  // namespace nodetune
