// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/batch/batch_sizer.h"

#include <fmt/format.h>

#include "engine/base/format.h"
#include "engine/batch/batch_size_rule.h"

namespace nodetune {

BatchSizer::BatchSizer(const BatchConfig& config)
    : config_(config),
      controller_(config.controller()),
      mode_(config.size_mode),
      commit_seconds_max_(config.commit_seconds_max),
      threshold_(config.auto_commit_threshold) {}

int BatchSizer::target() const {
  if (bulk_ && mode_ != BatchSizeMode::fixed) return config_.max_batch_size;
  return mode_ == BatchSizeMode::adaptive ? controller_.target() : threshold_;
}

int BatchSizer::next_size() const {
  if (bulk_) return target();
  return mode_ == BatchSizeMode::adaptive ? controller_.next_size() : threshold_;
}

Status BatchSizer::set_mode(BatchSizeMode mode, double commit_seconds_max) {
  // Written so that NaN is refused.
  if (!(commit_seconds_max >= kCommitSecondsMaxLeast &&
        commit_seconds_max <= kCommitSecondsMaxMost)) {
    return {StatusCode::invalid_argument,
            fmt::format("a limit of {} for a commit is out of range; choose {} to {}",
                        format_seconds(commit_seconds_max), format_seconds(kCommitSecondsMaxLeast),
                        format_seconds(kCommitSecondsMaxMost))};
  }
  // Without a jump: the mode goes on from where the one before was.
  if (mode_ == BatchSizeMode::adaptive) threshold_ = controller_.target();
  mode_ = mode;
  if (commit_seconds_max != commit_seconds_max_) {
    commit_seconds_max_ = commit_seconds_max;
    controller_.set_commit_seconds_max(commit_seconds_max);
  }
  return Status::ok();
}

Status BatchSizer::set_threshold(int operations) {
  if (operations < config_.min_batch_size || operations > config_.max_batch_size) {
    return {StatusCode::invalid_argument,
            fmt::format("an automatic commit threshold of {} operations is outside {} to {}",
                        operations, config_.min_batch_size, config_.max_batch_size)};
  }
  if (mode_ == BatchSizeMode::adaptive) mode_ = BatchSizeMode::fixed;
  threshold_ = operations;
  return Status::ok();
}

std::optional<int> BatchSizer::apply_rule(const HistogramCounts& sizes,
                                          const HistogramCounts& durations) {
  const auto new_sizes = sizes.since(judged_sizes_);
  const auto new_durations = durations.since(judged_durations_);
  judged_sizes_ = sizes;
  judged_durations_ = durations;
  if (mode_ == BatchSizeMode::adaptive || new_sizes.empty() || new_durations.empty()) {
    return std::nullopt;
  }
  const double seconds = to_seconds(Duration(1)) * new_durations.mean();
  const auto next =
      next_batch_size(threshold_, {.mean_operations = new_sizes.mean(), .mean_seconds = seconds},
                      config_.size_limits());
  if (next) threshold_ = *next;
  return next;
}

void BatchSizer::set_ingestion(std::optional<int> from_operations, const CommitCost& expected) {
  controller_.set_ingestion(from_operations, expected);
}

}  // namespace nodetune
