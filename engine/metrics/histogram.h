// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace nodetune {

// Log-linear buckets: values below 16 are exact, then 8 buckets to each power of two, so that a
// percentile is at most 6.25 % off (bucket middle). One layout for all, so that deltas add up.
namespace buckets {
inline constexpr int kSubBits = 3;
inline constexpr std::size_t kCount = 16 + (64 - kSubBits - 1) * 8;  // all of u64
std::size_t index_of(std::uint64_t value);
std::uint64_t lower_bound(std::size_t index);  // smallest value of that bucket
std::uint64_t middle(std::size_t index);
}  // namespace buckets

// What a histogram held at one time, or what it gained between two: plain and copyable.
//
// Values are whole numbers in the metric's base unit (microseconds for durations, operations for
// sizes). Only buckets that are not empty are kept.
struct HistogramCounts {
  struct Bucket {
    std::uint32_t index = 0;
    std::uint64_t count = 0;
  };
  std::vector<Bucket> buckets;  // ascending by index
  std::uint64_t count = 0;
  double sum = 0;

  bool empty() const { return count == 0; }
  double mean() const;                       // NaN when empty
  double percentile(double fraction) const;  // fraction 0..1; NaN when empty
  void add(const HistogramCounts& other);
  // this - earlier; both of the same ever-growing histogram.
  HistogramCounts since(const HistogramCounts& earlier) const;
};

// Counts values on a hot path: no lock, no allocation.
//
// Thread: record() and counts() from any. counts() is not a single moment: values recorded while
// it runs may or may not be in it, and are in the next one at the latest.
class Histogram {
 public:
  void record(std::uint64_t value);
  HistogramCounts counts() const;

 private:
  std::array<std::atomic<std::uint64_t>, buckets::kCount> counts_{};
  std::atomic<std::uint64_t> sum_{0};
};

}  // namespace nodetune
