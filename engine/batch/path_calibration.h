// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <functional>
#include <string>

#include "engine/base/clock.h"
#include "engine/base/status.h"
#include "engine/batch/path_costs.h"
#include "engine/store/database.h"

namespace nodetune {

// Times commits of random blocks on all paths in a scratch database inside `directory`, which is
// removed afterwards: some 10 MB and half a second. Least times of a few repetitions: what else
// the machine does adds to them and takes nothing away.
// Errors: of the disk, also when less than 64 MiB are free on it; cancelled.
Result<PathCosts> measure_path_costs(const std::string& directory, const KnobValues& knobs,
                                     Clock& clock, const std::function<bool()>& cancelled = {});

// What was measured in this directory before, where it lies on the same device still; else it is
// measured and remembered in Family::own. Not ok: nothing could be measured; the defaults stand.
Result<PathCosts> calibrated_path_costs(Database& database, Clock& clock,
                                        const std::function<bool()>& cancelled = {});

}  // namespace nodetune
