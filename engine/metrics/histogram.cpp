// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/metrics/histogram.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

namespace nodetune {
namespace buckets {
namespace {
constexpr std::uint64_t kExact = 16;  // values below it have a bucket each
constexpr std::size_t kSubBuckets = 1 << kSubBits;
}  // namespace

std::size_t index_of(std::uint64_t value) {
  if (value < kExact) return value;
  const auto exponent = static_cast<std::size_t>(std::bit_width(value)) - 1;  // at least 4
  const auto sub = static_cast<std::size_t>(value >> (exponent - kSubBits)) & (kSubBuckets - 1);
  return kExact + (exponent - 4) * kSubBuckets + sub;
}

std::uint64_t lower_bound(std::size_t index) {
  if (index < kExact) return index;
  const auto exponent = (index - kExact) / kSubBuckets + 4;
  const auto sub = (index - kExact) % kSubBuckets;
  return (kSubBuckets + sub) << (exponent - kSubBits);
}

std::uint64_t middle(std::size_t index) {
  if (index < kExact) return index;
  const auto exponent = (index - kExact) / kSubBuckets + 4;
  return lower_bound(index) + (std::uint64_t{1} << (exponent - kSubBits)) / 2;
}
}  // namespace buckets

double HistogramCounts::mean() const {
  return count == 0 ? std::numeric_limits<double>::quiet_NaN() : sum / static_cast<double>(count);
}

double HistogramCounts::percentile(double fraction) const {
  if (count == 0) return std::numeric_limits<double>::quiet_NaN();
  const auto rank = static_cast<std::uint64_t>(
      std::ceil(std::clamp(fraction, 0.0, 1.0) * static_cast<double>(count)));
  std::uint64_t seen = 0;
  for (const auto& bucket : buckets) {
    seen += bucket.count;
    if (seen >= std::max<std::uint64_t>(rank, 1)) {
      return static_cast<double>(buckets::middle(bucket.index));
    }
  }
  return static_cast<double>(buckets::middle(buckets.back().index));
}

void HistogramCounts::add(const HistogramCounts& other) {
  std::vector<Bucket> merged;
  merged.reserve(buckets.size() + other.buckets.size());
  auto left = buckets.begin();
  auto right = other.buckets.begin();
  while (left != buckets.end() || right != other.buckets.end()) {
    if (right == other.buckets.end() || (left != buckets.end() && left->index < right->index)) {
      merged.push_back(*left++);
    } else if (left == buckets.end() || right->index < left->index) {
      merged.push_back(*right++);
    } else {
      merged.push_back({left->index, left->count + right->count});
      ++left;
      ++right;
    }
  }
  buckets = std::move(merged);
  count += other.count;
  sum += other.sum;
}

HistogramCounts HistogramCounts::since(const HistogramCounts& earlier) const {
  HistogramCounts delta;
  auto before = earlier.buckets.begin();
  for (const auto& bucket : buckets) {
    while (before != earlier.buckets.end() && before->index < bucket.index) ++before;
    const bool same = before != earlier.buckets.end() && before->index == bucket.index;
    const auto old = same ? before->count : 0;
    if (bucket.count > old) {
      delta.buckets.push_back({bucket.index, bucket.count - old});
      delta.count += bucket.count - old;
    }
  }
  delta.sum = std::max(0.0, sum - earlier.sum);
  return delta;
}

// Relaxed throughout: the counts publish nothing but themselves.
void Histogram::record(std::uint64_t value) {
  counts_[buckets::index_of(value)].fetch_add(1, std::memory_order_relaxed);
  sum_.fetch_add(value, std::memory_order_relaxed);
}

HistogramCounts Histogram::counts() const {
  HistogramCounts result;
  for (std::size_t index = 0; index < counts_.size(); ++index) {
    const auto count = counts_[index].load(std::memory_order_relaxed);
    if (count == 0) continue;
    result.buckets.push_back({static_cast<std::uint32_t>(index), count});
    result.count += count;
  }
  result.sum = static_cast<double>(sum_.load(std::memory_order_relaxed));
  return result;
}

}  // namespace nodetune
