// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <algorithm>
#include <cstdint>

#include "engine/base/clock.h"

namespace nodetune {

// How much of the past (old LOG files) an observer may read at each of its looks, however many
// databases it looks at.
//
// Thread: the observer's.
class ReadBudget {
 public:
  struct Limits {
    double bytes_per_second_beside_node = 20e6;  // its disk is not ours
    double bytes_per_second_alone = 100e6;
    double seconds_max = 2;  // a look that comes late does not catch up
  };

  explicit ReadBudget(Clock& clock) : ReadBudget(clock, Limits{}) {}
  ReadBudget(Clock& clock, const Limits& limits)
      : limits_(limits), clock_(clock), last_(clock.steady_now()) {}

  // Since the last call.
  std::int64_t take(bool node_runs) {
    const auto now = clock_.steady_now();
    const double seconds = std::min(to_seconds(now - last_), limits_.seconds_max);
    last_ = now;
    return static_cast<std::int64_t>(seconds * (node_runs ? limits_.bytes_per_second_beside_node
                                                          : limits_.bytes_per_second_alone));
  }

 private:
  const Limits limits_;
  Clock& clock_;
  SteadyTime last_;
};

}  // namespace nodetune
