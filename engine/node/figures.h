// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include "engine/batch/batch_processor.h"
#include "engine/cache/cache_manager.h"
#include "engine/metrics/snapshot.h"
#include "engine/node/node.h"
#include "engine/workload/workload_driver.h"

namespace nodetune {

// From what the parts count to the catalogue's metrics. Pure functions but for reading counters.
void fill_caches(const CacheManager& caches, Snapshot& snapshot);
// `before` is the sample before: two of the figures are derived from what was gained since.
void fill_batches(const BatchFigures& now, const BatchFigures& before, Snapshot& snapshot);
WorkloadState workload_state(DriverState state);
void fill_workload(const DriverFigures& figures, Snapshot& snapshot);

}  // namespace nodetune
