// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "engine/batch/commit_cost_model.h"
#include "engine/batch/recent_quantile.h"
#include "engine/batch/write_path.h"

namespace nodetune {

// One commit that succeeded.
struct CommitSample {
  double operations = 0;
  double seconds = 0;
  WritePath path = WritePath::sorted;
  // The target ended it: more operations waited, or it was reached. Else age, bytes, room or a
  // waiting caller did, and its size says nothing of the target.
  bool filled = true;
};

// Decides how many operations a commit should hold: as many as give the most operations a second
// while the 99th percentile of commit times stays below the operator's limit. Of sizes that are
// equally fast within 1 % the smallest.
//
// Invariant: min_operations <= target() <= max_operations.
// Stable: it moves when the limit would be passed, or when more operations a second are in sight;
// it grows to twice the size at most from one commit that was filled to the next. Thread: whoever
// holds it; no clock, no chance. The model is explained in commit_cost_model.h, the rules in
// batch_size_controller.cpp.
class BatchSizeController {
 public:
  struct Config {
    int min_operations = 16;
    int max_operations = 100'000;
    int start_operations = 2'000;
    double commit_seconds_max = 0.05;  // what 99 of 100 commits stay below
  };

  explicit BatchSizeController(const Config& config);

  // Returns next_size(). Samples without operations or time are left out.
  int observe(const CommitSample& sample);
  int target() const { return target_; }
  // What the next commit should hold: the target, but for a few commits after a change and for one
  // in 64 else, which try another size.
  int next_size() const;

  // From now on. The target follows with the next commit.
  void set_commit_seconds_max(double seconds);
  // From this size on commits are ingested, which costs about so much; nothing: they never are.
  void set_ingestion(std::optional<int> from_operations, const CommitCost& expected = {});

  enum class Reason : std::uint8_t {
    unknown,     // nothing was committed yet
    limit,       // more operations would pass the limit
    fast,        // more operations would not be faster
    largest,     // the largest allowed
    unkeepable,  // no size keeps the limit
  };
  struct Choice {
    int operations = 0;
    Reason reason = Reason::unknown;
    WritePath path = WritePath::sorted;  // that the target's size takes: sorted or ingested
    CommitCost cost;                     // of that path
    double expected_seconds_p99 = 0;     // at the target's size
    double measured_seconds_p99 = 0;     // of the last 1,000 commits; NaN: none yet
    double operations_per_second = 0;    // by the model, at the target's size
    double share_over_limit = 0;         // of the last 1,000 commits
    double unavoidable_share = 0;        // of commits that pass the limit whatever their size
    double mean_operations = 0;          // of the last commits
    bool filled = true;                  // these mostly reach the target
    std::size_t commits = 0;             // that the percentiles are of
    double commit_seconds_max = 0;
  };
  Choice choice() const;

  static constexpr std::size_t kWindow = 1'000;  // commits by which percentiles are judged

 private:
  // What all but this share of commits (and the unavoidable ones) stay below, in multiples of the
  // model's time.
  double tail_ratio(double share) const;
  std::size_t model_of(double operations) const;
  double seconds_p99(double operations, double tail) const;
  double rate(double operations) const;
  void begin_anew();
  void judge_limit();
  struct Wanted {
    int operations = 0;
    Reason reason = Reason::unknown;
  };
  Wanted wanted(double limit, double tail) const;
  void judge_trial(const CommitSample& sample);
  void decide(const CommitSample& sample);
  int largest_below(int operations, double limit, double tail) const;
  void shrink(double limit, double tail, double aimed_tail);

  Config config_;
  std::array<CommitCostModel, 2> models_;  // written as a batch, ingested
  std::optional<int> ingest_from_;
  int target_;
  int size_before_change_;  // soon after it, no size is above this while none keeps the limit
  Reason reason_ = Reason::unknown;
  bool unkeepable_ = false;          // then the limit is for what operations add to the fixed cost
  RecentQuantile ratios_{kWindow};   // of filled commits to the model
  RecentQuantile seconds_{kWindow};  // of all
  double mean_operations_ = 0;
  double filled_share_ = 1;
  std::uint64_t since_change_ = 0;  // commits; or since the start

  // After the target was made smaller for the sake of rare slow commits: did that help?
  struct Trial {
    int from_operations = 0;
    std::size_t commits = 0;
    std::size_t over = 0;
  };
  std::optional<Trial> trial_;
  double unavoidable_share_ = 0;
};

std::string_view to_string(BatchSizeController::Reason reason);
// "1,840 operations: a commit costs 0.9 ms + 3.1 µs an operation; at this size 99 % stay below
// 50 ms …": the choice in words.
std::string explain(const BatchSizeController::Choice& choice);

}  // namespace nodetune
