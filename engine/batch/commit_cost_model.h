// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <array>
#include <cstddef>

#include "engine/batch/recent_quantile.h"

namespace nodetune {

// What a commit takes, by its size.
struct CommitCost {
  double fixed_seconds = 0;
  double seconds_per_operation = 0;

  double seconds(double operations) const {
    return fixed_seconds + seconds_per_operation * operations;
  }
  double operations_per_second(double operations) const { return operations / seconds(operations); }
};

// Learns seconds = fixed + per_operation × operations from commits.
//
// A commit's time is averaged with those of about its size; a weighted line through these averages
// is the cost. So what was seen of other sizes is not forgotten while all commits are of one size.
// Single slow commits are cut to three times the expected. When most of the last nine commits lie
// on one side, by more than noise makes likely, the world has changed: all averages are scaled to
// what these nine took, and soon replaced.
// Thread: whoever holds it.
class CommitCostModel {
 public:
  explicit CommitCostModel(const CommitCost& prior);

  // Sizes and times above zero. True: a change was noticed, by this commit.
  bool observe(double operations, double seconds);
  const CommitCost& cost() const { return cost_; }
  bool knows_anything() const { return observed_ > 0; }
  // How much single commits differ from the cost: the standard deviation of the logarithm.
  double noise() const;

  static constexpr std::size_t kRecent = 9;  // commits that show a change

 private:
  static constexpr std::size_t kClasses = 80;
  struct SizeClass {
    double weight = 0;  // commits, as far as they still count
    double operations = 0;
    double seconds = 0;
  };

  double recent_ratio() const;
  void rescale(double ratio);
  void enter(double operations, double seconds);
  void fit(double operations);

  CommitCost cost_;
  CommitCost prior_;
  std::array<SizeClass, kClasses> classes_{};
  struct Seen {
    double operations = 0;
    double seconds = 0;
  };
  std::array<Seen, kRecent> recent_{};
  std::size_t recent_count_ = 0;  // since the last change
  std::size_t observed_ = 0;
  RecentQuantile ratios_;  // of commits to the cost then expected
};

}  // namespace nodetune
