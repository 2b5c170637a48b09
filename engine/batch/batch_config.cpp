// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/batch/batch_config.h"

#include <fmt/format.h>

#include <array>
#include <string>
#include <utility>

namespace nodetune {
namespace {

constexpr std::array<std::string_view, 3> kModeNames = {"adaptive", "specification", "fixed"};

}  // namespace

std::string_view to_string(BatchSizeMode mode) {
  return kModeNames[static_cast<std::size_t>(mode)];
}

std::optional<BatchSizeMode> batch_size_mode_of(std::string_view name) {
  for (std::size_t i = 0; i < kModeNames.size(); ++i) {
    if (kModeNames[i] == name) return static_cast<BatchSizeMode>(i);
  }
  return std::nullopt;
}

// Written so that NaN fails each comparison and is refused.
Status BatchConfig::validate() const {
  const auto refuse = [](std::string why) {
    return Status(StatusCode::invalid_argument, "batch settings: " + std::move(why));
  };
  if (min_batch_size < 1 || max_batch_size < min_batch_size) {
    return refuse(fmt::format("min_batch_size {} must be at least 1 and at most max_batch_size {}",
                              min_batch_size, max_batch_size));
  }
  if (auto_commit_threshold < min_batch_size || auto_commit_threshold > max_batch_size) {
    return refuse(fmt::format("auto_commit_threshold {} is outside {} to {} operations",
                              auto_commit_threshold, min_batch_size, max_batch_size));
  }
  if (max_batch_bytes < 1 || max_pending_bytes < 1) {
    return refuse("max_batch_bytes and max_pending_bytes must be at least 1");
  }
  if (max_batch_age < Duration::zero() || max_batch_age > std::chrono::hours(24)) {
    return refuse("max_batch_age must be between 0 and 24 hours");
  }
  if (!(target_operations_per_second >= 0) || !(max_batch_duration_seconds > 0)) {
    return refuse("target_operations_per_second and max_batch_duration_seconds must be positive");
  }
  if (!(commit_seconds_max >= kCommitSecondsMaxLeast &&
        commit_seconds_max <= kCommitSecondsMaxMost)) {
    return refuse(fmt::format("commit_seconds_max must be between {} and {} seconds",
                              kCommitSecondsMaxLeast, kCommitSecondsMaxMost));
  }
  if (!(grow_factor > 1) || !(shrink_factor > 0 && shrink_factor < 1)) {
    return refuse("grow_factor must be above 1, shrink_factor between 0 and 1");
  }
  return Status::ok();
}

BatchSizeLimits BatchConfig::size_limits() const {
  return {.min_operations = min_batch_size,
          .max_operations = max_batch_size,
          .target_operations_per_second = target_operations_per_second,
          .max_batch_seconds = max_batch_duration_seconds,
          .grow_factor = grow_factor,
          .shrink_factor = shrink_factor};
}

BatchSizeController::Config BatchConfig::controller() const {
  return {.min_operations = min_batch_size,
          .max_operations = max_batch_size,
          .start_operations = auto_commit_threshold,
          .commit_seconds_max = commit_seconds_max};
}

}  // namespace nodetune
