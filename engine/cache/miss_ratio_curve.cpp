// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
//
// The estimate, with a sampling rate R (R falls over time; each lookup counts with R's then value):
// a sampled lookup stands for w = 1/R lookups, and if d sampled keys were used since its key's last
// use, for a distance of about d/R.
//
// The error of a plain estimate is nearly all due to frequent keys: one of 5 % of the lookups is
// sampled or not, and counts for 5 % / R or for nothing. But the number of lookups N is known, and
// with it how far their estimate W is off. W - N is the sum over the keys of c * (I/R - 1), where c
// is the key's number of lookups and I whether it is sampled; the hits up to a size s are off by
// the sum of h(s) * (I/R - 1), h(s) being the key's hits up to s. So the best linear correction of
// those hits is (N - W) times sum c * h(s) / sum c^2, both of which the samples tell
// (DistanceHistogram::Bin::key_weight). SHARDS-adj of the FAST'15 paper is the limit in which the
// most frequent key is all that counts: it corrects the smallest size alone.
// Where N - W is more than one standard deviation as the samples see it, the most frequent keys are
// not among them; what is above that goes to the smallest size, where such keys have their hits.
#include "engine/cache/miss_ratio_curve.h"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace nodetune {
namespace {

constexpr auto kNobody = std::numeric_limits<RecencyStack::Member>::max();
constexpr double kTwoTo64 = 18446744073709551616.0;
constexpr std::uint64_t kSizeMax = std::uint64_t{1} << 62;
constexpr std::size_t kDroppedPart = 32;  // a falling threshold drops this part of the samples

std::uint64_t size_from(double size) {
  if (size >= static_cast<double>(kSizeMax)) return kSizeMax;
  return std::max<std::uint64_t>(1, static_cast<std::uint64_t>(std::ceil(size)));
}

}  // namespace

MissRatioCurve::MissRatioCurve(const Config& config)
    : config_(config),
      samples_(config.samples_max),
      places_(std::bit_ceil(2 * config.samples_max), kNobody),
      scratch_(config.samples_max),
      stack_(config.samples_max),
      entries_(config.bins),
      bytes_(config.bins) {
  assert(config.samples_max >= kDroppedPart && config.samples_max <= RecencyStack::kMembersMax);
  free_.reserve(config.samples_max);
  for (auto i = config.samples_max; i > 0; --i) {
    free_.push_back(static_cast<RecencyStack::Member>(i - 1));
  }
}

std::size_t MissRatioCurve::home(std::uint64_t hash) const {
  // Sampled hashes are small numbers: their high bits tell nothing.
  constexpr std::uint64_t kOdd = 0x9E3779B97F4A7C15;  // 2^64 / golden ratio
  return static_cast<std::size_t>(hash * kOdd >> 32) & (places_.size() - 1);
}

std::size_t MissRatioCurve::place_of(std::uint64_t hash) const {
  auto place = home(hash);
  while (places_[place] != kNobody && samples_[places_[place]].hash != hash) {
    place = (place + 1) & (places_.size() - 1);
  }
  return place;
}

void MissRatioCurve::touch(std::uint64_t hash, std::uint32_t bytes) {
  const std::lock_guard lock(mutex_);
  if (!samples(hash)) return;
  charged_ = charged_ || bytes > 0;
  touched_ += weight_;
  const auto member = places_[place_of(hash)];
  if (member == kNobody) {
    key_touched_ += weight_ * weight_;
    insert(hash, weight_, bytes);
  } else {
    auto& sample = samples_[member];
    count_hit(sample);
    const auto known = stack_.remove(sample.slot);
    push(member, bytes > 0 ? bytes : known);
  }
  forget_far();
}

void MissRatioCurve::count_hit(Sample& sample) {
  // Of the keys between two sampled ones nothing is known: the distance's middle stands for all.
  const auto above = stack_.above(sample.slot);
  const double unseen = (weight_ - 1) / 2;
  const double own = stack_.bytes(sample.slot);
  // c^2 - (c - 1)^2 for the c-th touch, so that all of a key's make c^2.
  const double key_weight = weight_ * (2 * sample.weight + weight_);
  sample.weight += weight_;
  key_touched_ += key_weight;
  entries_.add(size_from(above.entries * weight_ + unseen + 1), weight_, key_weight);
  bytes_.add(size_from(static_cast<double>(above.bytes) * weight_ + unseen * own + own), weight_,
             key_weight);
}

void MissRatioCurve::push(RecencyStack::Member member, std::uint32_t bytes) {
  if (stack_.full()) {
    stack_.compact(
        [this](RecencyStack::Member moved, std::uint32_t slot) { samples_[moved].slot = slot; });
  }
  samples_[member].slot = stack_.push(member, bytes);
}

// `weight` is of the touch that brings it, by the rate at which it came through; 0: no touch.
void MissRatioCurve::insert(std::uint64_t hash, double weight, std::uint32_t bytes) {
  if (free_.empty()) {
    lower_threshold();
    if (!samples(hash)) return;
  }
  const auto member = free_.back();
  free_.pop_back();
  samples_[member].hash = hash;
  samples_[member].weight = weight;
  places_[place_of(hash)] = member;
  push(member, bytes);
}

void MissRatioCurve::remove(RecencyStack::Member member) {
  // Closes the gap: whoever stands behind it and would be looked for from before it moves there.
  const auto mask = places_.size() - 1;
  auto gap = place_of(samples_[member].hash);
  for (auto next = (gap + 1) & mask; places_[next] != kNobody; next = (next + 1) & mask) {
    const auto wanted = home(samples_[places_[next]].hash);
    if (((next - wanted) & mask) < ((next - gap) & mask)) continue;
    places_[gap] = places_[next];
    gap = next;
  }
  places_[gap] = kNobody;
  stack_.remove(samples_[member].slot);
  free_.push_back(member);
}

// Demands that every sample is in use.
void MissRatioCurve::lower_threshold() {
  std::transform(samples_.begin(), samples_.end(), scratch_.begin(),
                 [](const Sample& sample) { return sample.hash; });
  const auto kept = samples_.size() - samples_.size() / kDroppedPart;
  const auto first_dropped = scratch_.begin() + static_cast<std::ptrdiff_t>(kept);
  std::nth_element(scratch_.begin(), first_dropped, scratch_.end());
  const auto dropped = *first_dropped;  // above 0: `kept` other hashes are smaller
  for (std::size_t i = 0; i < samples_.size(); ++i) {
    if (samples_[i].hash >= dropped) remove(static_cast<RecencyStack::Member>(i));
  }
  threshold_.store(dropped - 1, std::memory_order_relaxed);
  weight_ = kTwoTo64 / static_cast<double>(dropped);
}

void MissRatioCurve::forget_far() {
  if (config_.largest_bytes == 0) return;
  const double largest = static_cast<double>(config_.largest_bytes) / weight_;
  while (static_cast<double>(stack_.total().bytes) > largest && stack_.total().entries > 1) {
    remove(stack_.oldest());
  }
}

void MissRatioCurve::put(std::uint64_t hash, std::uint32_t bytes) {
  const std::lock_guard lock(mutex_);
  if (!samples(hash)) return;
  charged_ = charged_ || bytes > 0;
  const auto member = places_[place_of(hash)];
  if (member == kNobody) {
    insert(hash, 0, bytes);
  } else {
    stack_.remove(samples_[member].slot);
    push(member, bytes);
  }
  forget_far();
}

void MissRatioCurve::add_lookups(std::uint64_t count) {
  const std::lock_guard lock(mutex_);
  lookups_ += static_cast<double>(count);
}

void MissRatioCurve::decay(double factor) {
  assert(factor >= 0 && factor <= 1);
  const std::lock_guard lock(mutex_);
  touched_ *= factor;
  lookups_ *= factor;
  key_touched_ *= factor * factor;
  entries_.scale(factor, factor * factor);
  bytes_.scale(factor, factor * factor);
  for (auto& sample : samples_) sample.weight *= factor;
}

void MissRatioCurve::set_largest_bytes(std::uint64_t bytes) {
  const std::lock_guard lock(mutex_);
  config_.largest_bytes = bytes;
  forget_far();
}

std::vector<CurvePoint> MissRatioCurve::points(const DistanceHistogram& histogram,
                                               double CurvePoint::*size) const {
  const double lookups = lookups_ > 0 ? lookups_ : touched_;
  if (lookups <= 0) return {};
  const double off = lookups - touched_;
  const double deviation = std::sqrt(std::max(0.0, (1 - 1 / weight_) * key_touched_));
  const double by_key = key_touched_ > 0 ? std::min(off, deviation) / key_touched_ : 0;

  std::vector<CurvePoint> points(1);
  CurvePoint last;  // the bin before
  double hits = std::max(0.0, off - deviation);
  double most_hits = 0;
  for (std::size_t i = 0; i < histogram.used(); ++i) {
    const auto& bin = histogram.bin(i);
    hits += bin.weight + by_key * bin.key_weight;
    most_hits = std::clamp(hits, most_hits, lookups);
    CurvePoint point;
    point.*size = static_cast<double>(i + 1) * histogram.width();
    point.miss_ratio = 1 - most_hits / lookups;
    const bool at_end = i + 1 == histogram.used();
    if (at_end || points.back().miss_ratio - point.miss_ratio >= config_.resolution) {
      // A step stays one: the bin before it is a point too.
      if (last.*size > points.back().*size) points.push_back(last);
      points.push_back(point);
    }
    last = point;
  }
  return points;
}

// Fills in what so many entries take, or how many entries so many bytes are: from the stack as it
// is now, and beyond it by the mean.
void MissRatioCurve::add_other_size(CurveSnapshot& snapshot) const {
  std::vector<CurvePoint> depths(1);
  stack_.from_top([&](std::uint32_t bytes) {
    const auto& above = depths.back();
    depths.push_back({above.entries + weight_, above.bytes + bytes * weight_, 0});
  });
  const auto fill = [&](std::vector<CurvePoint>& points, double CurvePoint::*known,
                        double CurvePoint::*wanted) {
    std::size_t i = 0;
    for (auto& point : points) {
      while (i + 1 < depths.size() && depths[i + 1].*known <= point.*known) ++i;
      const auto& from = depths[i];
      const auto& to = i + 1 < depths.size() ? depths[i + 1] : depths.back();
      const bool beyond = !(to.*known > from.*known);
      const double slope = beyond ? (to.*known > 0 ? to.*wanted / to.*known : 0)
                                  : (to.*wanted - from.*wanted) / (to.*known - from.*known);
      point.*wanted = from.*wanted + slope * (point.*known - from.*known);
    }
  };
  fill(snapshot.by_entries, &CurvePoint::entries, &CurvePoint::bytes);
  fill(snapshot.by_bytes, &CurvePoint::bytes, &CurvePoint::entries);
}

CurveSnapshot MissRatioCurve::snapshot() const {
  const std::lock_guard lock(mutex_);
  CurveSnapshot snapshot;
  snapshot.lookups = lookups_ > 0 ? lookups_ : touched_;
  snapshot.sampling_rate = 1 / weight_;
  snapshot.samples = stack_.total().entries;
  snapshot.memory_bytes = memory_bytes();
  snapshot.by_entries = points(entries_, &CurvePoint::entries);
  if (charged_) {
    snapshot.by_bytes = points(bytes_, &CurvePoint::bytes);
    add_other_size(snapshot);
  } else {
    for (auto& point : snapshot.by_entries) point.bytes = kMissing;
  }
  return snapshot;
}

std::size_t MissRatioCurve::memory_bytes() const {
  return sizeof(*this) + samples_.size() * sizeof(Sample) +
         (free_.capacity() + places_.size()) * sizeof(RecencyStack::Member) +
         scratch_.size() * sizeof(std::uint64_t) + stack_.memory_bytes() + entries_.memory_bytes() +
         bytes_.memory_bytes();
}

}  // namespace nodetune
