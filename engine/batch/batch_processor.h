// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

#include "engine/base/clock.h"
#include "engine/base/status.h"
#include "engine/batch/batch_config.h"
#include "engine/batch/batch_figures.h"
#include "engine/batch/path_costs.h"
#include "engine/batch/write_group.h"
#include "engine/store/key_value_store.h"

namespace nodetune {

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
  // Waits until that group (and all before it) is committed, and as durable as is set; asks for
  // that now. Whoever waits meanwhile waits for the same commit: one wait for the disk serves all.
  // Not ok: commits fail, and why; or there is no such group.
  Status wait_for(std::uint64_t number);
  // submit(), then wait_for() it.
  Result<std::uint64_t> submit_and_wait(WriteGroup group);
  // Commits what was submitted before and waits for it. Not ok: commits fail, and why.
  Status flush();
  // After a failure: tries the kept batch again, at once, and says what came of it. First has the
  // store mended (KeyValueStore::resume), and asks it whether the failed write has landed after
  // all.
  Status retry();
  // Commits what is pending (a failed batch gets one more try), then ends the thread; waiting
  // submits are refused. Not ok: names the groups that could not be committed.
  Status stop();

  // From the next commit on.
  void set_durability(Durability durability);
  void set_path_chooser(const PathChooser& chooser);
  // For an import: throughput counts, not the time of a commit. Commits are as large as allowed
  // (unless the size is set by hand), their path the one that costs least in all.
  void set_bulk(bool bulk);
  Status set_size_mode(BatchSizeMode mode, double commit_seconds_max);
  // By hand, within min_batch_size..max_batch_size; an adaptive size becomes a fixed one.
  Status set_auto_commit_threshold(int operations);
  // The specification's rule on what was measured since its last call; the new threshold, or
  // nothing when there was nothing to judge by, or the size is adaptive.
  std::optional<int> optimize_batch_size();

  BatchFigures figures() const;
  // What the adaptive controller would have a commit hold, and why, whether it is asked or not.
  BatchSizeController::Choice size_choice() const;
  // What the store's commit sequence was at start: group n is in the database once the sequence
  // there has reached this plus n.
  std::uint64_t sequence_at_start() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace nodetune
