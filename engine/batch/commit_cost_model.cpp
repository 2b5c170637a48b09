// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/batch/commit_cost_model.h"

#include <algorithm>
#include <cmath>

namespace nodetune {
namespace {

const double kLogClassRatio = std::log(1.2);  // sizes within a fifth are alike
constexpr double kDistanceWeight = 0.008;     // half at eleven classes: seven times the size
constexpr double kForgotten = 1e-3;           // of a commit
constexpr double kClassWeightMax = 100;       // an average over about so many commits
constexpr double kForgetting = 0.9995;        // a size not seen for 2,000 commits counts a third
constexpr double kClassWeightAfter = 0.01;    // of what was known before a change
constexpr double kPriorWeight = 0.03;         // of a commit: enough where sizes never differ
constexpr double kPriorVague = 0.5;           // of a commit's time: what it may be wrong by
constexpr double kOutlierRatio = 3;           // beyond it a commit is cut
constexpr std::size_t kNoiseWindow = 200;
constexpr std::size_t kNoiseCommitsMin = 40;
constexpr double kNoiseUnknown = 0.2;
// A median of nine varies by 0.42 of the noise; 4.5 times that comes by chance once in 400,000.
constexpr double kChangeNoises = 1.9;
const double kChangeLeast = std::log(1.15);  // smaller ones the averages follow by themselves
constexpr double kTiny = 1e-12;              // seconds

double place_of(double operations) {
  return std::log(std::max(operations, 1.0)) / kLogClassRatio;
}

}  // namespace

CommitCostModel::CommitCostModel(const CommitCost& prior)
    : cost_(prior), prior_(prior), ratios_(kNoiseWindow) {}

double CommitCostModel::noise() const {
  if (ratios_.count() < kNoiseCommitsMin) return kNoiseUnknown;
  return 0.5 * std::log(ratios_.quantile(0.84) / ratios_.quantile(0.16));
}

bool CommitCostModel::observe(double operations, double seconds) {
  const double expected = cost_.seconds(operations);
  if (observed_ == 0) rescale(seconds / expected);  // the prior knows the shape, not the machine
  ++observed_;
  ratios_.add(seconds / cost_.seconds(operations));
  recent_[recent_count_ % kRecent] = {operations, seconds};
  ++recent_count_;

  bool changed = false;
  if (recent_count_ >= kRecent) {
    const double ratio = recent_ratio();
    if (std::abs(std::log(ratio)) > std::max(kChangeLeast, kChangeNoises * noise())) {
      changed = true;
      ratios_.forget_newest(kRecent);
      rescale(ratio);
      for (const auto& seen : recent_) {
        // The last few show the new world; those before it would only blur it.
        const double now = seen.seconds / cost_.seconds(seen.operations);
        if (now > 1 / std::sqrt(std::max(ratio, 1 / ratio)) &&
            now < std::sqrt(std::max(ratio, 1 / ratio))) {
          enter(seen.operations, seen.seconds);
        }
      }
      recent_count_ = 0;
    }
  }
  if (!changed) enter(operations, seconds);
  fit(operations);
  return changed;
}

double CommitCostModel::recent_ratio() const {
  std::array<double, kRecent> ratios;
  for (std::size_t i = 0; i < kRecent; ++i) {
    ratios[i] = recent_[i].seconds / cost_.seconds(recent_[i].operations);
  }
  std::nth_element(ratios.begin(), ratios.begin() + kRecent / 2, ratios.end());
  return ratios[kRecent / 2];
}

void CommitCostModel::rescale(double ratio) {
  for (auto& one : classes_) {
    one.seconds *= ratio;
    one.weight = std::min(one.weight, kClassWeightAfter);
  }
  cost_.fixed_seconds *= ratio;
  cost_.seconds_per_operation *= ratio;
  prior_ = cost_;
}

void CommitCostModel::enter(double operations, double seconds) {
  const double expected = cost_.seconds(operations);
  const double cut = std::clamp(seconds, expected / kOutlierRatio, expected * kOutlierRatio);
  auto& one = classes_[std::min(static_cast<std::size_t>(place_of(operations)), kClasses - 1)];
  for (auto& other : classes_) other.weight *= kForgetting;
  one.weight = std::min(one.weight + 1, kClassWeightMax);
  one.operations += (operations - one.operations) / one.weight;
  one.seconds += (cut - one.seconds) / one.weight;
}

// Least squares of relative errors, with the prior as a faint observation; sizes near the present
// one count more, so that a cost that is not quite a line is right where it matters.
void CommitCostModel::fit(double operations) {
  double w = 0;
  double wx = 0;
  double wxx = 0;
  double wy = 0;
  double wxy = 0;
  const double place = place_of(operations);
  for (std::size_t i = 0; i < kClasses; ++i) {
    const auto& one = classes_[i];
    if (one.weight < kForgotten) continue;
    const double distance = static_cast<double>(i) - place;
    const double relative = 1 / std::max(cost_.seconds(one.operations), kTiny);
    const double weight =
        one.weight / (1 + kDistanceWeight * distance * distance) * relative * relative;
    w += weight;
    wx += weight * one.operations;
    wxx += weight * one.operations * one.operations;
    wy += weight * one.seconds;
    wxy += weight * one.operations * one.seconds;
  }
  const double scale = std::max(prior_.seconds(operations), kTiny);
  const double fixed = std::max(prior_.fixed_seconds, kPriorVague * scale);
  const double each = std::max(prior_.seconds_per_operation, kPriorVague * scale / operations);
  const double fixed_weight = kPriorWeight / (fixed * fixed);
  const double each_weight = kPriorWeight / (each * each);
  const double a11 = w + fixed_weight;
  const double a22 = wxx + each_weight;
  const double b1 = wy + fixed_weight * prior_.fixed_seconds;
  const double b2 = wxy + each_weight * prior_.seconds_per_operation;
  const double determinant = a11 * a22 - wx * wx;
  if (!(determinant > 0)) return;
  double a = (b1 * a22 - b2 * wx) / determinant;
  double b = (a11 * b2 - wx * b1) / determinant;
  if (a < 0) {
    a = 0;
    b = b2 / a22;
  } else if (b < 0) {
    a = b1 / a11;
    b = 0;
  }
  cost_ = {std::max(a, kTiny), std::max(b, kTiny)};
}

}  // namespace nodetune
