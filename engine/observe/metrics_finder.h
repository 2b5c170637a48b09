// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <cstdint>
#include <string>

#include "engine/observe/metrics_profile.h"

namespace nodetune {

// Where a process serves its metrics, or why that is not known.
struct FoundMetrics {
  std::string url;      // empty: not found
  std::string why_not;  // a sentence without its full stop
};

// Looks whether `process` itself listens on the port that its command line names, else on the one
// that its client is known for. Reads /proc alone: no port is ever tried. A process in a network of
// its own (a container) is left alone.
FoundMetrics find_metrics(const MetricsProfile& profile, std::int64_t process,
                          const std::string& proc = "/proc");

}  // namespace nodetune
