// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/cache/arbiter.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "engine/base/format.h"
#include "engine/cache/arbiter_moves.h"

namespace nodetune {
namespace {

constexpr double kBytesMax = 1ull << 50;  // exact as a double; no machine has more
constexpr double kRounding = 1e-3;  // what sums of doubles are off by: no whole byte may go for it

double as_bytes(std::uint64_t bytes) {
  return std::min(static_cast<double>(bytes), kBytesMax);
}

// Gives `bytes` away in proportion to `wish`, nobody more than it wishes; returns what is left.
double hand_out(std::vector<double>& sizes, std::span<const double> wish, double bytes) {
  const double wished = sum_of(wish);
  if (!(wished > 0) || !(bytes > 0)) return bytes;
  const double part = std::min(1.0, bytes / wished);
  for (std::size_t i = 0; i < sizes.size(); ++i) sizes[i] += wish[i] * part;
  return bytes - part * wished;
}

std::vector<std::uint64_t> whole(std::span<const double> sizes) {
  std::vector<std::uint64_t> bytes;
  for (const double size : sizes) bytes.push_back(static_cast<std::uint64_t>(size + kRounding));
  return bytes;
}

// The movable consumers' figures, cleaned, and what has been decided so far.
class Round {
 public:
  Round(const ArbiterInput& input, const ArbiterConfig& config) : input_(input), config_(config) {}

  ArbiterDecision decide();

 private:
  void read_limits();
  void read_costs();
  void cut_to_budget();
  bool warm() const;
  std::vector<ShareCandidate> between(std::span<const double> low,
                                      std::span<const double> high) const;
  std::vector<double> best_plan(double* spare_bytes) const;
  std::vector<double> growth_plan() const;
  std::vector<double> shared(std::span<const double> low, double* spare_bytes = nullptr) const;
  std::vector<double> saved_plan(const std::vector<std::uint64_t>& bytes) const;
  double worth_moving(std::span<const double> plan, double spare_bytes) const;
  double cost_towards(std::span<const double> plan) const;
  std::vector<double> choose_plan(ArbiterDecision& decision) const;
  void decide_by_curves(ArbiterDecision& decision);
  void decide_by_rules(ArbiterDecision& decision);
  void finish(ArbiterDecision& decision, const std::vector<double>& next,
              const std::vector<double>& plan) const;
  double free_bytes() const { return std::max(0.0, available_ - sum_of(now_)); }
  double cost(std::span<const double> sizes) const { return cost_of(candidates_, sizes); }

  const ArbiterInput& input_;
  const ArbiterConfig& config_;
  std::vector<ShareCandidate> candidates_;  // of all consumers; the fixed ones have no choice
  std::vector<double> present_;
  std::vector<double> now_;  // present, within limits and budget
  std::vector<bool> held_;   // keeps what it has: fixed, or not known well enough
  double budget_ = 0;
  double available_ = 0;  // the fixed ones included
  bool budget_too_small_ = false;
  bool was_cut_ = false;
};

void Round::read_limits() {
  budget_ = as_bytes(input_.budget_bytes);
  double fixed = 0;
  double minimums = 0;
  for (const ArbiterConsumer& consumer : input_.consumers) {
    ShareCandidate candidate;
    const double present = as_bytes(consumer.present_bytes);
    candidate.minimum_bytes = consumer.fixed ? present : as_bytes(consumer.minimum_bytes);
    candidate.maximum_bytes = consumer.fixed ? present : as_bytes(consumer.maximum_bytes);
    candidate.maximum_bytes = std::max(candidate.maximum_bytes, candidate.minimum_bytes);
    (consumer.fixed ? fixed : minimums) += candidate.minimum_bytes;
    present_.push_back(present);
    now_.push_back(std::clamp(present, candidate.minimum_bytes, candidate.maximum_bytes));
    held_.push_back(consumer.fixed);
    candidates_.push_back(std::move(candidate));
  }
  available_ = std::max(budget_, fixed);
  if (minimums <= available_ - fixed) return;
  // The budget is the harder limit: a node that runs out of memory is killed.
  budget_too_small_ = true;
  const double part = (available_ - fixed) / minimums;
  for (std::size_t i = 0; i < candidates_.size(); ++i) {
    if (input_.consumers[i].fixed) continue;
    candidates_[i].minimum_bytes *= part;
    candidates_[i].maximum_bytes = candidates_[i].minimum_bytes;
    now_[i] = candidates_[i].minimum_bytes;
  }
}

void Round::read_costs() {
  const auto weight_of = [](const ArbiterConsumer& consumer) {
    if (consumer.lookups_per_block == 0) return 0.0;  // whatever a miss may cost
    const double weight = consumer.lookups_per_block * consumer.miss_seconds;
    return std::isfinite(weight) && consumer.lookups_per_block > 0 && weight >= 0
               ? weight
               : ArbiterConsumer::kUnknown;
  };
  double known = 0;
  std::vector<std::size_t> cold;
  for (std::size_t i = 0; i < candidates_.size(); ++i) {
    const ArbiterConsumer& consumer = input_.consumers[i];
    if (consumer.fixed) continue;
    const double weight = weight_of(consumer);
    CostCurve curve(consumer.curve);
    if (weight == 0) continue;
    if (std::isnan(weight)) {
      held_[i] = true;
    } else if (curve.empty() || !(consumer.curve_samples >= config_.curve_samples_min)) {
      cold.push_back(i);
    } else {
      candidates_[i].curve = std::move(curve);
      candidates_[i].weight = weight;
      known += candidates_[i].cost(now_[i]);
    }
  }
  // A cold one that could not cost much whatever its curve: each of its bytes is taken to be worth
  // as much as it can be on average. The others keep what they have.
  for (const std::size_t i : cold) {
    const double weight = weight_of(input_.consumers[i]);
    if (weight > config_.hysteresis * known) {
      held_[i] = true;
      continue;
    }
    candidates_[i].weight = weight;
    candidates_[i].curve = CostCurve(std::vector<MissPoint>{{std::max(now_[i], 1.0), 0}});
  }
}

bool Round::warm() const {
  for (std::size_t i = 0; i < candidates_.size(); ++i) {
    if (!held_[i] && candidates_[i].weight > 0) return true;
  }
  return false;
}

std::vector<ShareCandidate> Round::between(std::span<const double> low,
                                           std::span<const double> high) const {
  auto limited = candidates_;
  for (std::size_t i = 0; i < limited.size(); ++i) {
    limited[i].minimum_bytes = low[i];
    limited[i].maximum_bytes = high[i];
  }
  return limited;
}

// What is above the budget goes at once: by the curves, and of those who are not known in
// proportion.
void Round::cut_to_budget() {
  was_cut_ = sum_of(now_) > available_ + 1;  // a byte: not a rounding error
  if (!was_cut_) return;
  std::vector<double> low;
  double minimums = 0;
  for (const ShareCandidate& candidate : candidates_) {
    low.push_back(candidate.minimum_bytes);
    minimums += candidate.minimum_bytes;
  }
  const double part = (available_ - minimums) / (sum_of(now_) - minimums);
  auto high = now_;
  for (std::size_t i = 0; i < now_.size(); ++i) {
    if (held_[i] || !warm()) low[i] = high[i] = low[i] + (now_[i] - low[i]) * part;
  }
  auto share = share_memory(between(low, high), available_, config_.share);
  std::vector<double> wish(now_.size());
  for (std::size_t i = 0; i < now_.size(); ++i) wish[i] = high[i] - share.bytes[i];
  (void)hand_out(share.bytes, wish, share.spare_bytes);
  now_ = std::move(share.bytes);
}

// The best share above `low`. Memory that nobody gains from stays where it is; what is free goes
// to those who use theirs, as a reserve.
std::vector<double> Round::shared(std::span<const double> low, double* spare_bytes) const {
  std::vector<double> lowest(low.begin(), low.end());
  std::vector<double> highest;
  for (std::size_t i = 0; i < now_.size(); ++i) {
    if (held_[i]) lowest[i] = now_[i];
    highest.push_back(held_[i] ? now_[i] : candidates_[i].maximum_bytes);
  }
  auto share = share_memory(between(lowest, highest), available_, config_.share);
  double left = share.spare_bytes;
  if (spare_bytes != nullptr) *spare_bytes = left;
  std::vector<double> wish(now_.size());
  for (std::size_t i = 0; i < now_.size(); ++i) wish[i] = std::max(0.0, now_[i] - share.bytes[i]);
  left = hand_out(share.bytes, wish, left);
  for (int round = 0; round < 4 && left > 0; ++round) {  // again where maximums were met
    for (std::size_t i = 0; i < now_.size(); ++i) {
      const double room = highest[i] - share.bytes[i];
      wish[i] = candidates_[i].weight > 0 ? std::min(room, share.bytes[i]) : 0;
    }
    left = hand_out(share.bytes, wish, left);
  }
  return share.bytes;
}

std::vector<double> Round::best_plan(double* spare_bytes) const {
  std::vector<double> low;
  for (const ShareCandidate& candidate : candidates_) low.push_back(candidate.minimum_bytes);
  return shared(low, spare_bytes);
}

std::vector<double> Round::growth_plan() const {
  return shared(now_);
}

// Empty where there is none, or where it does not fit the limits any more.
std::vector<double> Round::saved_plan(const std::vector<std::uint64_t>& bytes) const {
  if (bytes.size() != now_.size() || was_cut_) return {};
  std::vector<double> plan;
  for (std::size_t i = 0; i < now_.size(); ++i) {
    plan.push_back(as_bytes(bytes[i]));
    const bool changed = held_[i] && std::abs(plan[i] - now_[i]) >= 1;
    if (changed || plan[i] < candidates_[i].minimum_bytes - 1 ||
        plan[i] > candidates_[i].maximum_bytes + 1) {
      return {};
    }
  }
  if (sum_of(plan) > available_ + 1) return {};
  return plan;
}

// What must be saved, in seconds a block, to leave `plan` for another.
double Round::worth_moving(std::span<const double> plan, double spare_bytes) const {
  constexpr double kAnything = 1e-6;  // of the cost: not a rounding error
  const double all = cost(plan);
  if (spare_bytes > config_.reserve_ratio * budget_) return kAnything * all;
  double floor = 0;
  for (const ShareCandidate& candidate : candidates_) {
    floor += candidate.cost(candidate.maximum_bytes);
  }
  return std::max(config_.hysteresis * (all - floor), config_.hysteresis_of_all * all);
}

// What misses will cost a block, on average over the horizon, with this plan.
double Round::cost_towards(std::span<const double> plan) const {
  const int horizon = std::max(1, config_.horizon);
  auto at = now_;
  double total = 0;
  for (int step = 0; step < horizon; ++step) {
    auto next = arbiter::step_towards(candidates_, at, plan, available_ - sum_of(at),
                                      config_.step_ratio * budget_);
    if (next == at) return (total + (horizon - step) * cost(at)) / horizon;
    at = std::move(next);
    total += cost(at);
  }
  return total / horizon;
}

std::vector<double> Round::choose_plan(ArbiterDecision& decision) const {
  const double smallest = config_.smallest_move_ratio * budget_;
  auto plan = saved_plan(input_.plan.bytes);
  if (plan.empty()) plan = now_;
  // The old plan leaves memory free: nobody has to lose for it to be used.
  if (available_ - sum_of(plan) > smallest) plan = growth_plan();
  double spare_bytes = 0;
  const auto best = best_plan(&spare_bytes);
  const double worth = worth_moving(plan, spare_bytes);
  auto candidate = saved_plan(input_.plan.candidate);
  double score = -1;
  if (!candidate.empty() && worth > 0) {
    const double saved = (cost_towards(plan) - cost_towards(candidate)) / worth - 0.5;
    score = input_.plan.candidate_score + std::min(saved, config_.score_to_adopt / 3);
  }
  if (!std::isfinite(score)) score = -1;
  if (score >= config_.score_to_adopt) {
    plan = std::move(candidate);
    score = -1;
  }
  // One that is far behind the best by now makes room for it, and leaves it what told for it: it
  // told for leaving the plan.
  const bool kept = score >= 0 && cost(candidate) - cost(best) <= worth;
  decision.plan.candidate = kept ? input_.plan.candidate : whole(best);
  decision.plan.candidate_score = std::max(score, 0.0);

  const bool fills = sum_of(plan) > sum_of(now_) + smallest && cost(plan) <= cost(now_);
  // Half: a plan that was worth beginning is not left before its end for a breath of noise.
  if (!fills && cost(now_) - cost_towards(plan) <= worth / 2) {
    decision.reason = "no other share would save enough to be worth the move";
    return now_;
  }
  decision.reason = fmt::format("misses cost {} a block; shared anew they would cost {}",
                                format_seconds(cost(now_)), format_seconds(cost(plan)));
  return plan;
}

void Round::decide_by_curves(ArbiterDecision& decision) {
  decision.by_curves = true;
  const auto plan = choose_plan(decision);
  auto next =
      arbiter::step_towards(candidates_, now_, plan, free_bytes(), config_.step_ratio * budget_);
  double grown = 0;
  for (std::size_t i = 0; i < now_.size(); ++i) grown += std::max(0.0, next[i] - now_[i]);
  if (grown <= config_.smallest_move_ratio * budget_) next = now_;
  decision.seconds_per_block = cost(present_);
  decision.planned_seconds_per_block = cost(plan);
  finish(decision, next, plan);
}

// As far as limits and budget go: the rules know none.
void Round::decide_by_rules(ArbiterDecision& decision) {
  auto next = now_;
  std::string reasons;
  if (input_.specification) {
    const auto& figures = *input_.specification;
    const auto resizes =
        decide_cache_sizes(figures.before, figures.now, figures.memory_ratio, figures.config);
    for (const CacheResize& resize : resizes) {
      for (std::size_t i = 0; i < next.size(); ++i) {
        if (held_[i] && input_.consumers[i].fixed) continue;
        if (input_.consumers[i].kind != resize.kind) continue;
        const double room = std::max(0.0, available_ - sum_of(next));
        const double wanted = std::clamp(as_bytes(resize.to_bytes), candidates_[i].minimum_bytes,
                                         candidates_[i].maximum_bytes);
        next[i] = std::min(wanted, next[i] + room);
        reasons += fmt::format("{}{}: {}", reasons.empty() ? "" : "; ", input_.consumers[i].name,
                               resize.reason);
      }
    }
  }
  decision.reason = reasons.empty() ? "the specification's rules see nothing to change" : reasons;
  if (input_.mode == ArbiterMode::curves) {
    decision.reason = "the curves have seen too few lookups yet; by the rules: " + decision.reason;
  }
  finish(decision, next, next);
  for (CacheMove& move : decision.moves) {
    move.saved_seconds_per_block = ArbiterConsumer::kUnknown;
    if (move.to == CacheMove::kNobody && !was_cut_ && !budget_too_small_) {
      move.text = fmt::format("{} −{}: memory is short", input_.consumers[move.from].name,
                              format_bytes(static_cast<double>(move.bytes)));
    }
  }
}

void Round::finish(ArbiterDecision& decision, const std::vector<double>& next,
                   const std::vector<double>& plan) const {
  decision.bytes = whole(next);
  decision.plan.bytes = whole(plan);
  for (std::size_t i = 0; i < next.size(); ++i) {
    if (input_.consumers[i].fixed) decision.bytes[i] = input_.consumers[i].present_bytes;
  }
  decision.moves = arbiter::pair_moves(input_.consumers, candidates_, present_, next, plan);
  decision.budget_too_small = budget_too_small_;
  if (budget_too_small_) {
    decision.reason = "the budget is smaller than all minimums together: each has its part of it";
  } else if (was_cut_) {
    decision.reason = "the caches together had more than the budget; " + decision.reason;
  }
}

ArbiterDecision Round::decide() {
  ArbiterDecision decision;
  read_limits();
  if (input_.mode == ArbiterMode::off) {
    for (const ArbiterConsumer& consumer : input_.consumers) {
      decision.bytes.push_back(consumer.present_bytes);
    }
    decision.plan.bytes = decision.bytes;
    decision.reason = "the arbiter is off";
    return decision;
  }
  read_costs();
  cut_to_budget();
  if (input_.mode == ArbiterMode::curves && warm()) {
    decide_by_curves(decision);
  } else {
    decide_by_rules(decision);
  }
  return decision;
}

}  // namespace

ArbiterDecision decide_memory(const ArbiterInput& input, const ArbiterConfig& config) {
  return Round(input, config).decide();
}

}  // namespace nodetune
