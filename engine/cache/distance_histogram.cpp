// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/cache/distance_histogram.h"

#include <algorithm>
#include <cassert>

namespace nodetune {

void DistanceHistogram::add(std::uint64_t size, double weight, double key_weight) {
  assert(size > 0);
  while ((size - 1) >> shift_ >= bins_.size()) fold();
  const auto i = static_cast<std::size_t>((size - 1) >> shift_);
  bins_[i].weight += weight;
  bins_[i].key_weight += key_weight;
  used_ = std::max(used_, i + 1);
}

void DistanceHistogram::scale(double weight_factor, double key_weight_factor) {
  for (std::size_t i = 0; i < used_; ++i) {
    bins_[i].weight *= weight_factor;
    bins_[i].key_weight *= key_weight_factor;
  }
}

void DistanceHistogram::fold() {
  for (std::size_t i = 0; i < used_; ++i) {
    const auto bin = bins_[i];
    bins_[i] = {};
    bins_[i / 2].weight += bin.weight;
    bins_[i / 2].key_weight += bin.key_weight;
  }
  used_ = (used_ + 1) / 2;
  ++shift_;
}

}  // namespace nodetune
