// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <string>
#include <vector>

#include "engine/base/clock.h"
#include "engine/node/storage_job.h"

namespace nodetune {

// What ran when, one lane for each pair of levels, as SVG for the HTML page: where several jobs of
// a lane ran at the same time they are one bar.
//
// `jobs` ascend by begin; one that runs ends with `end`. Empty: there is none.
std::string render_timeline_svg(const std::vector<StorageJob>& jobs, TimePoint end);

// "L0 → L1", "Flush → L0"; "?" where a level is not known.
std::string job_levels_text(const StorageJob& job);

}  // namespace nodetune
