// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <string>

#include "engine/node/batch_state.h"
#include "engine/node/command.h"

namespace nodetune {

// What FakeNode says of its committer, beside the threshold and the failure.
class FakeBatches {
 public:
  FakeBatches() {
    figures_.syncs.count = 200;
    figures_.syncs.buckets = {{10, 200}};
    figures_.median_sync_seconds = 4.1e-3;
    figures_.max_pending_bytes = 128 << 20;
    figures_.commit_seconds_max = 0.05;
    figures_.durabilities[index_of(Durability::log)] = {5'120, 12.5e-3, 2'300};
    figures_.durabilities[index_of(Durability::log_and_fsync)] = {200, 16.6e-3, 2'300};
    figures_.paths[index_of(WritePath::sorted)] = {5'200, 11'960'000, 71.2};
    figures_.paths[index_of(WritePath::ingested)] = {120, 6'240'000, 4.1};
    figures_.path_thresholds = {0, 8, 1'450};
    figures_.usual_families = 5;
    figures_.usual_operation_bytes = 107;
    figures_.path_costs.device = "8:1";
  }

  // From now on RocksDB holds writes up so, and so many callers wait.
  void hold_up(const WriteStall& stall, int callers) {
    stall_ = stall;
    figures_.waiting_submits = static_cast<std::uint64_t>(callers);
    figures_.longest_wait_seconds = callers > 0 ? 3.8 : 0;
    figures_.pending_bytes = callers > 0 ? figures_.max_pending_bytes : 0;
    figures_.pending_operations = callers > 0 ? 1'254'000 : 0;
  }

  void fill(BatchStatus& status, double pending_operations, double pending_bytes) const {
    auto figures = figures_;
    figures.failing = status.failing;
    figures.auto_commit_threshold = status.auto_commit_threshold;
    if (figures.waiting_submits == 0) {
      figures.pending_operations = static_cast<std::uint64_t>(pending_operations);
      figures.pending_bytes = static_cast<std::uint64_t>(pending_bytes);
    }
    status.mode = figures.size_mode;
    status.commit_seconds_max = figures.commit_seconds_max;
    BatchSizeController::Choice choice;
    choice.operations = status.auto_commit_threshold;
    choice.reason = BatchSizeController::Reason::limit;
    choice.cost = {0.9e-3, 3.1e-6};
    choice.expected_seconds_p99 = 0.046;
    choice.commit_seconds_max = figures.commit_seconds_max;
    status.choice = describe_choice(figures, choice);
    status.durabilities = describe_durabilities(figures);
    status.paths = describe_paths(figures);
    status.path_choice = describe_path_choice(figures);
    const auto flow = describe_flow(figures, stall_);
    status.flow = flow.flow;
    status.flow_text = flow.text;
    status.pending_operations = figures.pending_operations;
    status.pending_bytes = figures.pending_bytes;
    status.max_pending_bytes = figures.max_pending_bytes;
    status.waiting_callers = figures.waiting_submits;
    status.longest_wait_seconds = figures.longest_wait_seconds;
    if (status.failing) status.remedy = failure_remedy(StatusCode::no_space);
  }

  std::string apply(const SetBatchSizeMode& set) {
    figures_.size_mode = set.mode;
    figures_.commit_seconds_max = set.commit_seconds_max;
    return "batch size: " + std::string(display_name(set.mode));
  }
  std::string apply(const SetDurability& set) {
    figures_.durability = set.durability;
    return "durability: " + std::string(display_name(set.durability)) + ", in force";
  }
  void set_by_hand() { figures_.size_mode = BatchSizeMode::fixed; }

 private:
  BatchFigures figures_;
  WriteStall stall_;
};

}  // namespace nodetune
