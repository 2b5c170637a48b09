// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <array>

#include <cstdint>

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include <vector>

#include "engine/base/clock.h"
#include "engine/base/status.h"
#include "engine/metrics/histogram.h"
#include "engine/store/key_value_store.h"
#include "engine/store/write_operation.h"

namespace nodetune {

// Operations that are committed together or not at all: a block.
struct WriteGroup {
  std::vector<WriteOperation> operations;
};

struct BatchConfig {
  int auto_commit_threshold = 2'000;        // operations; checked between groups
  int max_batch_size = 100'000;             // operations; a larger group commits alone
  std::int64_t max_batch_bytes = 16 << 20;  // keys and values
  Duration max_batch_age = std::chrono::milliseconds(500);  // of the oldest pending group
  std::int64_t max_pending_bytes = 128 << 20;               // above it submit() waits
  bool sort_operations = true;    // by family and key, where that changes nothing
  bool sync_each_commit = false;  // wait for the disk in each commit

  // optimize_batch_size, seed 8.2.
  double target_operations_per_second = 100'000;
  double max_batch_duration_seconds = 0.5;
  int min_batch_size = 16;  // operations; the threshold's floor
  double grow_factor = 1.2;
  double shrink_factor = 0.8;
};

struct BatchFigures {
  HistogramCounts sizes;                                        // operations a commit
  HistogramCounts durations;                                    // microseconds a commit
  std::array<std::uint64_t, kOperationTypeCount> operations{};  // added, by type
  std::uint64_t operations_committed = 0;
  std::uint64_t bytes_committed = 0;
  std::uint64_t commits = 0;
  std::uint64_t commit_failures = 0;
  std::uint64_t pending_operations = 0;
  std::uint64_t pending_bytes = 0;
  std::uint64_t committed_groups = 0;
  int auto_commit_threshold = 0;
  bool failing = false;  // the last commit failed; its batch is kept and submit() refuses more
  std::string failure;   // why
};

// Gathers groups and commits them on its own thread.
//
// Invariant: groups reach the database whole, in the order of submit(), each exactly once: a
// commit carries its sequence number (key "commit_sequence" in Family::own), so that a retry after
// a failure of unknown outcome never applies a merge twice.
// Thread: every method from any. Lifetime: stop() drains; the destructor stops.
class BatchProcessor {
 public:
  // Called on the committer's thread after the database has the groups, in order.
  using CommitListener = std::function<void(std::span<const WriteGroup>)>;

  BatchProcessor(KeyValueStore& store, const BatchConfig& config, Clock& clock,
                 CommitListener on_committed);
  ~BatchProcessor();

  // Reads the last commit's sequence number from the store, then starts the thread.
  Status start();

  // Takes over the group and returns its number (1, 2, …). Waits while too much is pending; fails
  // when stopped, or while commits fail (the message says why).
  Result<std::uint64_t> submit(WriteGroup group);
  // Commits whatever is pending and waits for it.
  Status flush();
  // After a failure: tries the kept batch again, at once.
  Status retry();
  // Commits what is pending, then ends the thread. Not ok: the groups that could not be committed
  // are named.
  Status stop();

  Status set_auto_commit_threshold(int operations);  // within min_batch_size..max_batch_size
  // The specification's rule on what was measured since its last call; the new threshold, or
  // nothing when there was nothing to judge by.
  std::optional<int> optimize_batch_size();

  BatchFigures figures() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace nodetune
