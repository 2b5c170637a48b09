// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "engine/base/clock.h"
#include "engine/base/status.h"
#include "engine/batch/batch_size_rule.h"
#include "engine/batch/write_group.h"
#include "engine/metrics/histogram.h"
#include "engine/store/key_value_store.h"

namespace nodetune {

struct BatchConfig {
  int auto_commit_threshold = 2'000;        // operations; a commit takes groups until it is reached
  int max_batch_size = 100'000;             // operations; a larger group commits alone
  std::int64_t max_batch_bytes = 16 << 20;  // keys and values
  Duration max_batch_age = std::chrono::milliseconds(500);  // of the oldest pending group
  std::int64_t max_pending_bytes = 128 << 20;               // above it submit() waits
  bool sort_operations = true;              // by family and key, where that changes nothing
  Durability durability = Durability::log;  // of each commit

  // optimize_batch_size, seed 8.2. Its ceiling is max_batch_size.
  double target_operations_per_second = 100'000;
  double max_batch_duration_seconds = 0.5;
  int min_batch_size = 16;  // operations; the threshold's floor
  double grow_factor = 1.2;
  double shrink_factor = 0.8;

  Status validate() const;
  BatchSizeLimits size_limits() const;
};

struct BatchFigures {
  HistogramCounts sizes;      // operations a commit
  HistogramCounts durations;  // microseconds a commit, the wait for the disk included
  std::array<std::uint64_t, kOperationTypeCount> operations{};  // added, by type
  std::uint64_t operations_committed = 0;
  std::uint64_t bytes_committed = 0;
  std::uint64_t commits = 0;
  std::uint64_t commit_failures = 0;
  std::uint64_t pending_operations = 0;
  std::uint64_t pending_bytes = 0;
  std::uint64_t committed_groups = 0;  // the number of the last one
  std::uint64_t waiting_submits = 0;   // held up by max_pending_bytes now
  int auto_commit_threshold = 0;
  bool failing = false;  // the last commit failed; its batch is kept and submit() refuses more
  std::string failure;   // why, and which groups
};

// Who is told what becomes of groups. Both are called in the order of the numbers, with no lock
// of the processor held, and must not throw.
struct BatchListener {
  // On the submitter's thread, before the group can be committed and before submit() returns.
  std::function<void(std::uint64_t number, const WriteGroup& group)> on_accepted{};
  // On the committer's thread, when the database has the groups and flush() does not know it yet.
  std::function<void(std::uint64_t first, std::uint64_t last)> on_committed{};
};

// Gathers groups and commits them on its own thread.
//
// Invariant: groups reach the database whole, in the order of submit(), each exactly once: each
// commit carries the number of groups that the database then holds (kCommitSequenceKey), so that a
// retry after a failure of unknown outcome never applies a merge twice.
// Thread: every method from any. Lifetime: stop() drains; the destructor stops.
class BatchProcessor {
 public:
  BatchProcessor(KeyValueStore& store, const BatchConfig& config, Clock& clock,
                 BatchListener listener = {});
  ~BatchProcessor();

  // Checks the configuration, reads the commit sequence from the store, starts the thread. Once.
  Status start();

  // Takes over the group and returns its number (1, 2, … since start). Waits, first come first
  // served, while more than max_pending_bytes would be pending. Fails when not started or stopped,
  // while commits fail (the message says why), and for what a database would choke on: a range
  // that ends before it begins, an addend that is not eight bytes, the commit sequence itself.
  Result<std::uint64_t> submit(WriteGroup group);
  // Commits what was submitted before and waits for it. Not ok: commits fail, and why.
  Status flush();
  // After a failure: tries the kept batch again, at once, and says what came of it. First asks the
  // store whether the failed write has landed after all.
  Status retry();
  // Commits what is pending (a failed batch gets one more try), then ends the thread; waiting
  // submits are refused. Not ok: names the groups that could not be committed.
  Status stop();

  Status set_auto_commit_threshold(int operations);  // within min_batch_size..max_batch_size
  // The specification's rule on what was measured since its last call; the new threshold, or
  // nothing when there was nothing to judge by.
  std::optional<int> optimize_batch_size();

  BatchFigures figures() const;
  // What the store's commit sequence was at start: group n is in the database once the sequence
  // there has reached this plus n.
  std::uint64_t sequence_at_start() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace nodetune
