// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <optional>

#include "engine/batch/batch_config.h"
#include "engine/batch/batch_size_controller.h"
#include "engine/metrics/histogram.h"

namespace nodetune {

// How many operations the next commit should hold, by whichever mode is in force.
//
// Thread: whoever holds it.
class BatchSizer {
 public:
  explicit BatchSizer(const BatchConfig& config);

  BatchSizeMode mode() const { return mode_; }
  double commit_seconds_max() const { return commit_seconds_max_; }
  // What the mode aims at.
  int target() const;
  // What the next commit should hold: now and then another size than the target, see
  // BatchSizeController.
  int next_size() const;
  // A commit takes whole groups: until it has that many operations, or only as long as it has no
  // more (then the limit on commit times holds; one group it always takes).
  bool stays_below() const { return mode_ == BatchSizeMode::adaptive && !bulk_; }

  void observe(const CommitSample& sample) { controller_.observe(sample); }

  Status set_mode(BatchSizeMode mode, double commit_seconds_max);
  // As large as allowed, unless the size is set by hand.
  void set_bulk(bool bulk) { bulk_ = bulk; }
  // By hand: an adaptive size becomes a fixed one.
  Status set_threshold(int operations);
  // The specification's rule on what was measured since its last call. Nothing: there was nothing
  // to judge by, or the mode is adaptive and needs no rule.
  std::optional<int> apply_rule(const HistogramCounts& sizes, const HistogramCounts& durations);

  // From this size on commits are ingested, which is expected to cost so much; nothing: never.
  void set_ingestion(std::optional<int> from_operations, const CommitCost& expected);
  BatchSizeController::Choice choice() const { return controller_.choice(); }

 private:
  const BatchConfig config_;
  BatchSizeController controller_;  // learns in every mode: whoever turns to it later has the costs
  BatchSizeMode mode_;
  bool bulk_ = false;
  double commit_seconds_max_;
  int threshold_;
  HistogramCounts judged_sizes_;
  HistogramCounts judged_durations_;
};

}  // namespace nodetune
