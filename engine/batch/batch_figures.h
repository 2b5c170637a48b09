// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "engine/base/missing.h"
#include "engine/base/status.h"
#include "engine/batch/batch_config.h"
#include "engine/batch/batch_size_controller.h"
#include "engine/batch/path_costs.h"
#include "engine/batch/write_path.h"
#include "engine/metrics/histogram.h"
#include "engine/store/durability.h"
#include "engine/store/write_operation.h"

namespace nodetune {

// What commits by one path came to, since start.
struct PathFigures {
  std::uint64_t commits = 0;
  std::uint64_t operations = 0;
  double seconds = 0;
};

inline constexpr std::size_t kRecentCommits = 200;  // that medians are of

// What commits under one durability took when it was last in force: the last 200 of them.
struct DurabilityFigures {
  std::uint64_t commits = 0;  // since start
  double median_seconds = kMissing;
  double mean_operations = kMissing;
};

struct BatchFigures {
  HistogramCounts sizes;      // operations a commit
  HistogramCounts durations;  // microseconds a commit, the wait for the disk included
  HistogramCounts syncs;      // microseconds of that wait, in commits that have it
  std::array<std::uint64_t, kOperationTypeCount> operations{};  // added, by type
  std::uint64_t operations_committed = 0;
  std::uint64_t bytes_committed = 0;
  std::uint64_t commits = 0;
  std::uint64_t commit_failures = 0;
  std::uint64_t pending_operations = 0;
  std::uint64_t pending_bytes = 0;
  std::uint64_t max_pending_bytes = 0;
  std::uint64_t max_batch_bytes = 0;   // of one commit
  std::uint64_t committed_groups = 0;  // the number of the last one
  std::uint64_t waiting_submits = 0;   // held up by max_pending_bytes now
  std::uint64_t waiting_commits = 0;   // callers that wait until their group is committed
  double longest_wait_seconds = 0;     // of the submits that are held up now
  double commit_running_seconds = 0;   // of the commit that is being written now
  int auto_commit_threshold = 0;       // the target of whatever mode is in force
  bool bulk = false;                   // commits are as large as allowed

  BatchSizeMode size_mode = BatchSizeMode::adaptive;
  double commit_seconds_max = 0;  // of the adaptive mode
  Durability durability = Durability::log;
  std::array<PathFigures, kWritePathCount> paths{};
  std::array<DurabilityFigures, kDurabilityCount> durabilities{};
  double median_sync_seconds = kMissing;  // of the last 200 waits for the disk
  PathCosts path_costs;                   // what the path of a commit is chosen by
  // From so many operations on, in a commit like the last ones, the path is taken; nothing: never.
  std::array<std::optional<std::uint64_t>, kWritePathCount> path_thresholds{};
  std::uint32_t usual_families = 0;  // that the last commits touched
  double usual_operation_bytes = 0;  // in them

  bool failing = false;  // the last commit failed; its batch is kept and submit() refuses more
  std::string failure;   // why, and which groups
  StatusCode failure_code = StatusCode::ok;
};

}  // namespace nodetune
