// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "engine/base/clock.h"
#include "engine/base/status.h"
#include "engine/batch/batch_size_controller.h"
#include "engine/batch/batch_size_rule.h"
#include "engine/batch/write_path.h"
#include "engine/store/durability.h"

namespace nodetune {

// Who decides how many operations a commit holds.
enum class BatchSizeMode : std::uint8_t {
  adaptive,       // BatchSizeController, with every commit
  specification,  // next_batch_size(), each time optimize_batch_size() is called
  fixed,          // an operator
};
// "adaptive", "specification", "fixed": as in settings.
std::string_view to_string(BatchSizeMode mode);
std::optional<BatchSizeMode> batch_size_mode_of(std::string_view name);

struct BatchConfig {
  BatchSizeMode size_mode = BatchSizeMode::adaptive;
  double commit_seconds_max = 0.05;         // adaptive: what 99 of 100 commits stay below
  int auto_commit_threshold = 2'000;        // operations; the size to begin with
  int max_batch_size = 100'000;             // operations; a larger group commits alone
  std::int64_t max_batch_bytes = 16 << 20;  // keys and values
  Duration max_batch_age = std::chrono::milliseconds(500);  // of the oldest pending group
  std::int64_t max_pending_bytes = 128 << 20;               // above it submit() waits
  std::optional<WritePath> path = std::nullopt;  // always this one; nothing: what PathChooser says
  Durability durability = Durability::log;       // of each commit, to begin with

  // optimize_batch_size, seed 8.2. Its ceiling is max_batch_size.
  double target_operations_per_second = 100'000;
  double max_batch_duration_seconds = 0.5;
  int min_batch_size = 16;  // operations; the threshold's floor
  double grow_factor = 1.2;
  double shrink_factor = 0.8;

  Status validate() const;
  BatchSizeLimits size_limits() const;
  BatchSizeController::Config controller() const;
};

// What an operator may ask of commit_seconds_max.
inline constexpr double kCommitSecondsMaxLeast = 100e-6;
inline constexpr double kCommitSecondsMaxMost = 60;

}  // namespace nodetune
