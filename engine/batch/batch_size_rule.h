// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <optional>

namespace nodetune {

struct BatchSizeLimits {
  int min_operations = 16;
  int max_operations = 100'000;
  double target_operations_per_second = 100'000;
  double max_batch_seconds = 0.5;
  double grow_factor = 1.2;    // above 1
  double shrink_factor = 0.8;  // between 0 and 1
};

// What was measured over some commits.
struct BatchEvidence {
  double mean_operations = 0;  // a commit
  double mean_seconds = 0;     // a commit
};

// The next auto-commit threshold: larger while commits are short and the rate is below its target,
// smaller once they take too long, else as it is. Nothing without evidence (no commits, or none
// that took a measurable time). A step moves by one operation at least, within the limits.
// Pure. Source: seed 8.2, optimize_batch_size.
std::optional<int> next_batch_size(int threshold, const BatchEvidence& evidence,
                                   const BatchSizeLimits& limits);

}  // namespace nodetune
