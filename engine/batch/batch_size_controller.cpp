// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
//
// A commit of n operations takes about fixed + each × n, so operations a second only grow with n,
// ever less: the limit on the 99th percentile, or the point from which there is nothing to gain,
// says where to stop. Rare slow commits are taken to be slow by a factor, the same at each size:
// that is what makes a smaller commit help. Where they are slow whatever the size (a stall, another
// program's disk access), a trial shows it: the target shrank, the share above the limit did not
// fall; that share is then taken as unavoidable, and the rest is kept below the limit.
#include "engine/batch/batch_size_controller.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/base/format.h"

namespace nodetune {
namespace {

constexpr CommitCost kBatchPrior = {50e-6, 3e-6};  // sorted, no fsync: reference figures
constexpr CommitCost kIngestPrior = {4e-3, 0.6e-6};
constexpr double kOverShare = 0.01;         // the percentile that the limit is about
constexpr double kAimedShare = 0.007;       // what it aims at, for a thousand are but a sample
constexpr double kAim = 0.93;               // of the limit, when the size changes
constexpr double kKeepableAgain = 0.8;      // of the limit, at the smallest size
constexpr double kWithoutOwnTail = 1.3;     // percentile ÷ model before much was seen
constexpr std::size_t kFewCommits = 100;    // until then at least that
constexpr double kEquallyFast = 0.99;       // of the best rate
constexpr double kWorthGrowing = 1.03;      // times the present rate
constexpr double kWorthMoving = 1.05;       // the same once it has settled
constexpr double kMuchLarger = 1.1;         // than the present size
constexpr double kGrowthMax = 2;            // a step: further than that the model only guesses
constexpr double kCandidateRatio = 1.04;    // between the sizes it compares
constexpr std::size_t kTrialCommits = 300;  // at 1 % above the limit: three of them
constexpr double kTrialFailed = 1.5;        // times the share that the limit allows
constexpr double kTrialFarEnough = 0.25;    // of the time that a commit took before
constexpr double kUnavoidableMargin = 1.6;  // a share is known by a sample only
constexpr double kUnavoidableOver = 0.5;    // of the share: then it is over
constexpr double kProbeShare = 0.25;        // of the target; up by as much where that is too small
constexpr std::uint64_t kProbesEagerly = 12;  // commits after a change, every other one a probe
constexpr std::uint64_t kProbeEvery = 64;     // commits; costs less than 1 % of the rate
constexpr double kOfTargetsSize = 0.5;        // whole groups fill a target to more than that
constexpr std::uint64_t kSettled = 40;        // commits after a change
constexpr std::uint64_t kSettledEvery = 4;    // commits, from then on, between two decisions
constexpr double kGroupTooLarge = 1.25;       // times the target
constexpr double kSmoothing = 1.0 / 32;       // of mean size and filled share

// "3.1 µs", "420 ns".
std::string format_seconds_an_operation(double seconds) {
  if (seconds < 1e-6) return fmt::format("{:.0f} ns", seconds * 1e9);
  if (seconds < 1e-4) return fmt::format("{:.1f} µs", seconds * 1e6);
  return format_seconds(seconds);
}

std::string fixed_text(double seconds) {
  return seconds < 1e-6 ? std::string("next to nothing") : format_seconds(seconds);
}

std::size_t allowed_above(std::size_t count, double share) {
  // A single one is never judged: it has no share.
  return std::max<std::size_t>(1, static_cast<std::size_t>(share * static_cast<double>(count)));
}

// Sizes to compare, ascending, while `look` returns true.
template <typename Look>
void for_each_size(const BatchSizeController::Config& config, const Look& look) {
  auto size = static_cast<double>(config.min_operations);
  while (size < static_cast<double>(config.max_operations)) {
    if (!look(size)) return;
    size = std::max(size + 1, std::floor(size * kCandidateRatio));
  }
  look(static_cast<double>(config.max_operations));
}

}  // namespace

BatchSizeController::BatchSizeController(const Config& config)
    : config_(config),
      models_{CommitCostModel(kBatchPrior), CommitCostModel(kIngestPrior)},
      target_(std::clamp(config.start_operations, config.min_operations, config.max_operations)),
      size_before_change_(target_) {}

int BatchSizeController::observe(const CommitSample& sample) {
  if (!(sample.operations > 0) || !(sample.seconds > 0) || !std::isfinite(sample.seconds)) {
    return target_;
  }
  auto& model = models_[sample.path == WritePath::ingested ? 1 : 0];
  const bool changed = model.observe(sample.operations, sample.seconds);
  if (changed) ratios_.forget_newest(CommitCostModel::kRecent);  // the change's, not the tail's
  seconds_.add(sample.seconds);
  const bool of_target_size = sample.operations >= kOfTargetsSize * target_;
  if (sample.filled && of_target_size) {
    ratios_.add(sample.seconds / model.cost().seconds(sample.operations));
  }
  const bool first = mean_operations_ == 0;
  mean_operations_ += (sample.operations - mean_operations_) * (first ? 1 : kSmoothing);
  filled_share_ += ((sample.filled ? 1.0 : 0.0) - filled_share_) * kSmoothing;
  ++since_change_;
  if (changed) begin_anew();
  if (of_target_size) judge_trial(sample);
  decide(sample);
  return next_size();
}

// Commits of one size cannot tell the fixed cost from that of an operation: some are of another.
int BatchSizeController::next_size() const {
  const auto every = since_change_ < kProbesEagerly ? 2 : kProbeEvery;
  if (since_change_ % every != every - 1) return target_;
  const double smaller = target_ * kProbeShare;
  const double size = smaller >= config_.min_operations ? smaller : target_ / kProbeShare;
  return static_cast<int>(std::min<double>(size, config_.max_operations));
}

void BatchSizeController::set_commit_seconds_max(double seconds) {
  config_.commit_seconds_max = seconds;
  trial_.reset();
  unavoidable_share_ = 0;
  unkeepable_ = false;
  since_change_ = 0;
}

void BatchSizeController::set_ingestion(std::optional<int> from_operations,
                                        const CommitCost& expected) {
  ingest_from_ = from_operations;
  const bool usable = expected.fixed_seconds > 0 && expected.seconds_per_operation > 0;
  if (usable && !models_[1].knows_anything()) models_[1] = CommitCostModel(expected);
}

double BatchSizeController::tail_ratio(double share) const {
  const auto count = ratios_.count();
  if (count == 0) return kWithoutOwnTail;
  const double measured =
      ratios_.exceeded_by(allowed_above(count, share + kUnavoidableMargin * unavoidable_share_));
  return std::max(measured, count < kFewCommits ? kWithoutOwnTail : 1.0);
}

std::size_t BatchSizeController::model_of(double operations) const {
  return ingest_from_ && operations >= *ingest_from_ ? 1 : 0;
}

double BatchSizeController::seconds_p99(double operations, double tail) const {
  return tail * models_[model_of(operations)].cost().seconds(operations);
}

double BatchSizeController::rate(double operations) const {
  return models_[model_of(operations)].cost().operations_per_second(operations);
}

// What a trial tries, and what was seen of rare slow commits meanwhile, was of another world.
void BatchSizeController::begin_anew() {
  if (since_change_ > kSettled) size_before_change_ = target_;
  since_change_ = 0;
  if (!trial_) return;
  target_ = trial_->from_operations;
  trial_.reset();
  ratios_.clear();
}

// Whether any size can keep the limit is a matter of the typical commit; its rare slow ones are
// tried, see judge_trial().
void BatchSizeController::judge_limit() {
  const double least = seconds_p99(config_.min_operations, kWithoutOwnTail);
  const bool before = unkeepable_;
  if (least > config_.commit_seconds_max) unkeepable_ = true;
  if (least < kKeepableAgain * config_.commit_seconds_max) unkeepable_ = false;
  if (unkeepable_ == before) return;
  trial_.reset();
  unavoidable_share_ = 0;
}

BatchSizeController::Wanted BatchSizeController::wanted(double limit, double tail) const {
  // Not every size below one that keeps the limit keeps it: a small ingestion is slow.
  const auto keeps = [&](double size) {
    return size <= config_.min_operations || seconds_p99(size, tail) <= limit * kAim;
  };
  double best = 0;       // of those that keep the limit
  double best_ever = 0;  // of all
  for_each_size(config_, [&](double size) {
    best_ever = std::max(best_ever, rate(size));
    if (keeps(size)) best = std::max(best, rate(size));
    return true;
  });
  Wanted chosen{config_.min_operations, Reason::limit};
  for_each_size(config_, [&](double size) {
    chosen.operations = static_cast<int>(size);
    return !keeps(size) || rate(size) < kEquallyFast * best;
  });
  if (unkeepable_) {
    chosen.reason = Reason::unkeepable;
  } else if (best < kEquallyFast * best_ever) {
    chosen.reason = Reason::limit;
  } else {
    chosen.reason = chosen.operations >= config_.max_operations ? Reason::largest : Reason::fast;
  }
  return chosen;
}

int BatchSizeController::largest_below(int operations, double limit, double tail) const {
  int largest = config_.min_operations;
  for_each_size(config_, [&](double size) {
    if (size >= operations) return false;
    if (seconds_p99(size, tail) <= limit * kAim) largest = static_cast<int>(size);
    return true;
  });
  return std::min(largest, operations);
}

void BatchSizeController::judge_trial(const CommitSample& sample) {
  if (!trial_) {
    const double share = seconds_.share_above(config_.commit_seconds_max);
    if (share < kUnavoidableOver * unavoidable_share_) unavoidable_share_ = share;
    return;
  }
  if (!sample.filled) return;
  ++trial_->commits;
  if (sample.seconds > config_.commit_seconds_max) ++trial_->over;
  if (trial_->commits < kTrialCommits) return;
  const double after = static_cast<double>(trial_->over) / static_cast<double>(trial_->commits);
  if (after <= kTrialFailed * kOverShare) {  // it helped
    trial_.reset();
    return;
  }
  const int smaller = largest_below(target_, config_.commit_seconds_max, tail_ratio(kAimedShare));
  const auto& cost = models_[model_of(target_)].cost();
  const bool far_enough =
      cost.seconds(target_) <= kTrialFarEnough * cost.seconds(trial_->from_operations);
  if (far_enough || smaller >= target_) {
    unavoidable_share_ = after;
    target_ = trial_->from_operations;
    trial_.reset();
  } else {
    target_ = smaller;
    trial_ = Trial{.from_operations = trial_->from_operations};
  }
}

void BatchSizeController::decide(const CommitSample& sample) {
  if (!sample.filled) return;  // smaller commits say little of one of the target's size
  // One group alone is larger: a smaller target would change nothing.
  if (sample.operations > kGroupTooLarge * target_) return;
  const bool settled = since_change_ > kSettled;
  if (settled && since_change_ % kSettledEvery != 0) return;
  judge_limit();
  double limit = config_.commit_seconds_max;
  double tail = tail_ratio(kOverShare);
  double aimed_tail = tail_ratio(kAimedShare);
  if (unkeepable_) {
    tail = aimed_tail = kWithoutOwnTail;
    limit += seconds_p99(config_.min_operations, tail);
  }
  auto want = wanted(limit, aimed_tail);
  // As long as it is not sure what costs so much, it does not grow into it.
  if (unkeepable_ && !settled) want.operations = std::min(want.operations, size_before_change_);
  reason_ = want.reason;
  const double present = target_;
  const bool too_slow = seconds_p99(present, tail) > limit;
  if (too_slow) {
    shrink(limit, tail, aimed_tail);
    return;
  }
  if (trial_) return;
  if (want.operations >= kMuchLarger * present &&
      rate(want.operations) > (settled ? kWorthMoving : kWorthGrowing) * rate(present)) {
    target_ = static_cast<int>(std::min<double>(want.operations, present * kGrowthMax));
  }
}

void BatchSizeController::shrink(double limit, double tail, double aimed_tail) {
  // Typical commits would keep the limit: it is the rare slow ones that do not.
  const bool for_the_tail = seconds_p99(target_, kWithoutOwnTail) <= limit;
  if (for_the_tail && trial_) return;  // one trial at a time
  const int smaller = largest_below(target_, limit, aimed_tail);
  if (smaller < target_) {
    if (for_the_tail) trial_ = Trial{.from_operations = target_};
    target_ = smaller;
  } else if (for_the_tail && tail > kWithoutOwnTail && since_change_ > kTrialCommits) {
    unavoidable_share_ = seconds_.share_above(config_.commit_seconds_max);
  }
}

BatchSizeController::Choice BatchSizeController::choice() const {
  Choice choice;
  const double size = target_;
  const auto model = model_of(size);
  const double tail = tail_ratio(kOverShare);
  choice.operations = target_;
  choice.reason = seconds_.count() == 0 ? Reason::unknown : reason_;
  choice.path = model == 1 ? WritePath::ingested : WritePath::sorted;
  choice.cost = models_[model].cost();
  choice.expected_seconds_p99 = seconds_p99(size, tail);
  choice.measured_seconds_p99 = seconds_.quantile(1 - kOverShare);
  choice.operations_per_second = rate(size);
  choice.share_over_limit = seconds_.share_above(config_.commit_seconds_max);
  choice.unavoidable_share = unavoidable_share_;
  choice.mean_operations = mean_operations_;
  choice.filled = filled_share_ > 0.5;
  choice.commits = seconds_.count();
  choice.commit_seconds_max = config_.commit_seconds_max;
  return choice;
}

std::string_view to_string(BatchSizeController::Reason reason) {
  static constexpr std::array<std::string_view, 5> kNames = {"unknown", "limit", "fast", "largest",
                                                             "unkeepable"};
  return kNames[static_cast<std::size_t>(reason)];
}

std::string explain(const BatchSizeController::Choice& choice) {
  using Reason = BatchSizeController::Reason;
  const auto operations = format_whole(static_cast<std::uint64_t>(choice.operations));
  if (choice.reason == Reason::unknown) {
    return fmt::format("{} operations to begin with: nothing was committed yet.", operations);
  }
  const auto limit = format_seconds(choice.commit_seconds_max);
  std::string text = fmt::format(
      "{} operations: a commit costs {} + {} an operation{}; at this size {} stay below {}",
      operations, fixed_text(choice.cost.fixed_seconds),
      format_seconds_an_operation(choice.cost.seconds_per_operation),
      choice.path == WritePath::ingested ? " (ingested)" : "",
      choice.unavoidable_share > 0
          ? format_ratio(
                std::max(0.0, 1 - kOverShare - kUnavoidableMargin * choice.unavoidable_share))
          : std::string("99 %"),
      format_seconds(choice.expected_seconds_p99));
  const bool passes_limit = choice.unavoidable_share == 0 && choice.reason != Reason::unkeepable &&
                            choice.expected_seconds_p99 > choice.commit_seconds_max;
  switch (passes_limit ? Reason::unknown : choice.reason) {
    case Reason::unknown:
      text += fmt::format(", above the limit of {}: smaller ones are being tried.", limit);
      break;
    case Reason::limit:
      text += fmt::format(", and more operations would pass the limit of {}.", limit);
      break;
    case Reason::fast:
      text += fmt::format(" (limit {}), and larger commits would hardly be faster.", limit);
      break;
    case Reason::largest:
      text += fmt::format(" (limit {}); it is the largest size allowed.", limit);
      break;
    case Reason::unkeepable:
      text += fmt::format(
          ". No size keeps the limit of {}: the smallest would take {} for its fixed cost alone.",
          limit, fixed_text(choice.cost.fixed_seconds));
      break;
  }
  if (choice.unavoidable_share == 0 && choice.share_over_limit > kOverShare) {
    text +=
        fmt::format(" Measured: {} of the last {} commits passed the limit, 1 % took {} or more.",
                    format_ratio(choice.share_over_limit), format_whole(choice.commits),
                    format_seconds(choice.measured_seconds_p99));
  }
  if (choice.unavoidable_share > 0) {
    text += fmt::format(
        " {} of commits pass the limit whatever their size: smaller ones were tried and did not "
        "help.",
        format_ratio(choice.unavoidable_share));
  }
  if (!choice.filled) {
    text += fmt::format(" Commits now hold {} operations: no more arrive before they are due.",
                        format_whole(static_cast<std::uint64_t>(choice.mean_operations)));
  }
  return text;
}

}  // namespace nodetune
