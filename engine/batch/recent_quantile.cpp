// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/batch/recent_quantile.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace nodetune {
namespace {

constexpr double kSmallest = 1e-7;
constexpr double kLargest = 1e6;
constexpr double kStep = 1.02;
const double kLogStep = std::log(kStep);

std::size_t counter_of(double value) {
  // Written so that NaN becomes the smallest.
  const double clamped = value > kSmallest ? std::min(value, kLargest) : kSmallest;
  return static_cast<std::size_t>(std::log(clamped / kSmallest) / kLogStep);
}

double upper_bound_of(std::size_t counter) {
  return kSmallest * std::pow(kStep, static_cast<double>(counter + 1));
}

}  // namespace

RecentQuantile::RecentQuantile(std::size_t values_max)
    : counters_(counter_of(kLargest) + 1), ring_(std::max<std::size_t>(values_max, 1)) {}

void RecentQuantile::add(double value) {
  if (count_ == ring_.size()) {
    --counters_[ring_[next_]];
  } else {
    ++count_;
  }
  const auto counter = counter_of(value);
  ++counters_[counter];
  ring_[next_] = static_cast<std::uint16_t>(counter);
  next_ = (next_ + 1) % ring_.size();
}

void RecentQuantile::forget_newest(std::size_t count) {
  for (std::size_t i = 0; i < count && count_ > 0; ++i) {
    next_ = (next_ + ring_.size() - 1) % ring_.size();
    --counters_[ring_[next_]];
    --count_;
  }
}

void RecentQuantile::clear() {
  std::fill(counters_.begin(), counters_.end(), 0U);
  next_ = 0;
  count_ = 0;
}

double RecentQuantile::exceeded_by(std::size_t above) const {
  if (count_ == 0) return std::numeric_limits<double>::quiet_NaN();
  std::size_t seen = 0;
  std::size_t lowest = 0;
  for (std::size_t i = counters_.size(); i-- > 0;) {
    if (counters_[i] == 0) continue;
    seen += counters_[i];
    lowest = i;
    if (seen > above) break;
  }
  return upper_bound_of(lowest);
}

double RecentQuantile::quantile(double fraction) const {
  const double above = (1 - std::clamp(fraction, 0.0, 1.0)) * static_cast<double>(count_);
  return exceeded_by(static_cast<std::size_t>(above));
}

double RecentQuantile::share_above(double value) const {
  if (count_ == 0) return 0;
  std::size_t above = 0;
  for (std::size_t i = counter_of(value) + 1; i < counters_.size(); ++i) above += counters_[i];
  return static_cast<double>(above) / static_cast<double>(count_);
}

}  // namespace nodetune
