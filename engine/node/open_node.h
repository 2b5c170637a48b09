// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "engine/base/clock.h"
#include "engine/base/status.h"
#include "engine/batch/batch_processor.h"
#include "engine/cache/cache_manager.h"
#include "engine/node/managed_batches.h"
#include "engine/node/node.h"
#include "engine/objects/arbiter_feed.h"
#include "engine/tuner/database_tuner.h"
#include "engine/workload/workload.h"

namespace nodetune {

// What drives a test bench.
struct WorkloadSpec {
  std::variant<SyntheticConfig, AccessListConfig, ImportConfig> what = SyntheticConfig{};
  std::optional<double> blocks_per_second;  // nothing: as fast as possible
  double stop_below_free_ratio = 0.10;      // of the disk
};

struct OpenOptions {
  bool create_if_missing = false;
  // Nothing: what the directory was last driven by, else the synthetic chain.
  std::optional<WorkloadSpec> workload;
  bool start_workload = false;  // at once, else by command
  CacheConfig caches;
  BatchConfig batches;
  BatchSettings batch_settings;  // of these what was asked for; nothing: as the directory was left
  TunerConfig tuner;
  std::optional<ArbiterSettings> arbiter;  // nothing: as the directory was left
  // Of an observed node: where it serves its own metrics; empty: looked for where its client serves
  // them, on this machine alone.
  std::string metrics_url;
  Duration sample_period = std::chrono::seconds(1);
};

// Finds out what the path is and opens it in the way that fits: managed when it is NodeTune's own
// and nobody holds its lock, recorded when it is a recording or holds LOG files without a
// database, else observed. Takes as long as the disk does: call it on a worker thread. Errors name
// the path and say what to do.
Result<std::unique_ptr<Node>> open_node(const std::string& path, const OpenOptions& options = {},
                                        Clock& clock = SystemClock::instance());

}  // namespace nodetune
