// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/batch/batch_size_rule.h"

#include <algorithm>
#include <cmath>

namespace nodetune {
namespace {

int within(double operations, const BatchSizeLimits& limits) {
  // Clamped before the conversion: a double above INT_MAX has no int.
  return static_cast<int>(std::clamp(operations, static_cast<double>(limits.min_operations),
                                     static_cast<double>(limits.max_operations)));
}

}  // namespace

std::optional<int> next_batch_size(int threshold, const BatchEvidence& evidence,
                                   const BatchSizeLimits& limits) {
  const bool judgeable = evidence.mean_operations > 0 && evidence.mean_seconds > 0 &&
                         std::isfinite(evidence.mean_operations) &&
                         std::isfinite(evidence.mean_seconds);
  if (!judgeable) return std::nullopt;
  const double current = threshold;
  if (evidence.mean_seconds > limits.max_batch_seconds) {
    return within(std::min(std::floor(current * limits.shrink_factor), current - 1), limits);
  }
  const double operations_per_second = evidence.mean_operations / evidence.mean_seconds;
  if (operations_per_second < limits.target_operations_per_second &&
      evidence.mean_seconds < limits.max_batch_seconds) {
    return within(std::max(std::floor(current * limits.grow_factor), current + 1), limits);
  }
  return within(current, limits);
}

}  // namespace nodetune
