// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include "engine/batch/batch_processor.h"
#include "engine/batch/batch_sizer.h"
#include "engine/batch/commit.h"
#include "engine/batch/commit_meter.h"
#include "engine/batch/path_plan.h"

namespace nodetune {

// One mutex guards all state; it is never held while the store or a listener is called.
// `changed_` wakes the committer, `progress_` everybody who waits for it.
class BatchProcessor::Impl {
 public:
  Impl(KeyValueStore& store, const BatchConfig& config, Clock& clock, BatchListener listener)
      : store_(store),
        config_(config),
        clock_(clock),
        listener_(std::move(listener)),
        sizer_(config),
        paths_(config),
        durability_(config.durability) {}

  Status start();
  Result<std::uint64_t> submit(WriteGroup group);
  Status wait_for(std::uint64_t number);
  Status flush();
  Status retry();
  Status stop();
  void set_durability(Durability durability);
  void set_path_chooser(const PathChooser& chooser);
  void set_bulk(bool bulk);
  Status set_size_mode(BatchSizeMode mode, double commit_seconds_max);
  Status set_auto_commit_threshold(int operations);
  std::optional<int> optimize_batch_size();
  BatchFigures figures() const;
  BatchSizeController::Choice size_choice() const;
  std::uint64_t sequence_at_start() const;

 private:
  struct Pending {
    WriteGroup group;
    GroupSize size;
    SteadyTime since;
  };
  struct Waiting {
    std::uint64_t ticket;
    std::uint64_t bytes;
    SteadyTime since;
  };
  // A lock is passed where the function gives it up for a while; all others expect it held.
  using Lock = std::unique_lock<std::mutex>;

  Status refusal() const;
  bool has_room(std::uint64_t bytes) const;
  void enqueue(WriteGroup group, const GroupSize& size);

  void run();
  bool due() const;
  bool drained() const { return stopping_ && queue_.empty() && !accepting_; }
  void wait_until_due(Lock& lock);
  void take_commit();
  Status apply_commit(Lock& lock);
  Status try_apply(const Commit::Options& options);
  Status wait_until_committed(Lock& lock, std::uint64_t through);
  void settle(const Status& status);
  std::uint64_t committed() const { return figures_.committed_groups; }
  std::string describe(std::uint64_t first, std::uint64_t last, std::uint64_t operations) const;

  KeyValueStore& store_;
  const BatchConfig config_;
  Clock& clock_;
  const BatchListener listener_;
  Histogram sizes_;
  Histogram durations_;
  Histogram syncs_;
  std::optional<Commit> commit_;  // taken and not yet in the store; the committer's alone
  std::uint32_t commit_families_ = 0;
  bool commit_filled_ = false;  // the target ended it, not age, bytes or somebody who waits
  MeasuredCommit measured_;     // of the last attempt; the committer's alone

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::condition_variable progress_;
  std::deque<Pending> queue_;  // accepted, not in commit_
  std::uint64_t queued_operations_ = 0;
  std::uint64_t queued_bytes_ = 0;
  std::deque<Waiting> waiting_;  // submitters, in the order they came
  std::uint64_t next_ticket_ = 0;
  bool accepting_ = false;        // the listener is being told of a group not yet in queue_
  std::uint64_t last_group_ = 0;  // in queue_ or beyond
  std::uint64_t flush_through_ = 0;
  std::uint64_t sequence_at_start_ = 0;
  BatchSizer sizer_;
  CommitMeter meter_;
  PathPlan paths_;
  Durability durability_;
  std::uint64_t waiting_commits_ = 0;
  std::optional<SteadyTime> commit_since_;  // the store is being called
  BatchFigures figures_;                    // what is counted by itself
  Status failure_;                          // of the last attempt
  std::uint64_t attempts_ = 0;
  bool retry_requested_ = false;
  bool started_ = false;
  bool stopping_ = false;
  bool finished_ = false;  // the thread has nothing more to do

  std::mutex join_mutex_;
  std::thread thread_;
};

}  // namespace nodetune
