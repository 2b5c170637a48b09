// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace nodetune {

// How large an LRU cache must be for each hit: weights by size, in a fixed number of bins.
//
// Bin i holds the sizes from i * width() + 1 to (i + 1) * width(). The width is 1 at first, and
// doubles whenever a size lies past the last bin: more than half of the bins always lie below the
// largest size. Allocates in the constructor only. Thread: one at a time.
class DistanceHistogram {
 public:
  struct Bin {
    double weight = 0;
    // The same, each request weighted by how often its key came: where the estimate is off
    // because a frequent key is, or is not, among the samples, it is off in this proportion.
    double key_weight = 0;
  };

  explicit DistanceHistogram(std::size_t bins) : bins_(bins) {}

  void add(std::uint64_t size, double weight, double key_weight);  // size > 0
  void scale(double weight_factor, double key_weight_factor);
  std::size_t used() const { return used_; }  // bins from here on are empty
  const Bin& bin(std::size_t i) const { return bins_[i]; }
  double width() const { return static_cast<double>(std::uint64_t{1} << shift_); }
  std::size_t memory_bytes() const { return bins_.size() * sizeof(Bin); }

 private:
  void fold();

  std::vector<Bin> bins_;
  std::size_t used_ = 0;
  unsigned shift_ = 0;
};

}  // namespace nodetune
