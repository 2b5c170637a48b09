// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <mutex>
#include <vector>

#include "engine/cache/curve_snapshot.h"
#include "engine/cache/distance_histogram.h"
#include "engine/cache/recency_stack.h"

namespace nodetune {

// Estimates, while a cache runs, how often an LRU cache of any other size would miss.
//
// Watches the keys whose hash is at most a threshold, which falls as more keys come, so that there
// are never more than `samples_max` (SHARDS, fixed size: Waldspurger et al., FAST'15). While there
// have been no more keys than that, every one is watched and the curve is exact.
// A hash is the key's identity, and must be spread evenly over all 64 bits; every value is allowed.
//
//   if (curve.samples(hash)) curve.touch(hash);       // at each lookup
//   if (curve.samples(hash)) curve.put(hash, bytes);  // at each insertion
//
// Thread: any. samples() is one comparison with an atomic; the rest takes a mutex. Allocates in the
// constructor and in snapshot() only.
class MissRatioCurve {
 public:
  struct Config {
    std::size_t samples_max = 8'192;  // 32 to RecencyStack::kMembersMax
    // Bins for sizes, in each of both histograms: at most twice this resolution is seen.
    std::size_t bins = 8'192;
    // Points of a snapshot are this far apart in miss ratio, at most.
    double resolution = 0.0005;
    // No cache of this size will ever be asked for: keys further down are forgotten, so that the
    // sampling rate does not fall for ever while new keys come. 0: no such size.
    std::uint64_t largest_bytes = 0;
  };

  explicit MissRatioCurve(const Config& config);
  MissRatioCurve() : MissRatioCurve(Config()) {}

  // Relaxed: a threshold a moment old only means that a touch is looked at again, in vain.
  bool samples(std::uint64_t hash) const {
    return hash <= threshold_.load(std::memory_order_relaxed);
  }
  std::uint64_t threshold() const { return threshold_.load(std::memory_order_relaxed); }

  // A lookup, hit or miss; `bytes` as for put() where it is known, else 0. Hashes that are not
  // sampled are ignored, here and below.
  void touch(std::uint64_t hash, std::uint32_t bytes = 0);
  // The entry was put into the cache, by a load or by a write: it is the most recently used one
  // from now on, though nobody looked it up. `bytes` is what it takes.
  void put(std::uint64_t hash, std::uint32_t bytes);
  // There were so many more lookups, sampled or not. Makes the estimate several times better: how
  // far the samples are from the truth is known then. To be called just before snapshot() and
  // decay(), always or never.
  void add_lookups(std::uint64_t count);

  // Makes everything seen so far count `factor` (0 to 1) as much, so that the curve follows change.
  void decay(double factor);
  void set_largest_bytes(std::uint64_t bytes);

  // Costs about 0.1 ms, during which sampled lookups wait.
  CurveSnapshot snapshot() const;
  std::size_t memory_bytes() const;

 private:
  struct Sample {
    std::uint64_t hash = 0;
    double weight = 0;       // of its touches
    std::uint32_t slot = 0;  // in stack_
  };

  void count_hit(Sample& sample);
  void insert(std::uint64_t hash, double weight, std::uint32_t bytes);
  void remove(RecencyStack::Member member);
  void push(RecencyStack::Member member, std::uint32_t bytes);
  void lower_threshold();
  void forget_far();
  std::size_t place_of(std::uint64_t hash) const;  // in places_: where it is, or would be
  std::size_t home(std::uint64_t hash) const;
  std::vector<CurvePoint> points(const DistanceHistogram& histogram,
                                 double CurvePoint::*size) const;
  void add_other_size(CurveSnapshot& snapshot) const;

  alignas(64) std::atomic<std::uint64_t> threshold_{std::numeric_limits<std::uint64_t>::max()};

  alignas(64) mutable std::mutex mutex_;  // guards all below
  Config config_;
  double weight_ = 1;  // of one sampled lookup: 1 / sampling rate
  std::vector<Sample> samples_;
  std::vector<RecencyStack::Member> free_;    // of samples_
  std::vector<RecencyStack::Member> places_;  // open addressing: kNobody, or who; a power of two
  std::vector<std::uint64_t> scratch_;        // hashes, for lower_threshold()
  RecencyStack stack_;
  DistanceHistogram entries_;
  DistanceHistogram bytes_;
  bool charged_ = false;    // any charge has come
  double touched_ = 0;      // weights of all touches, hits or not
  double key_touched_ = 0;  // the same weighted by key: see DistanceHistogram
  double lookups_ = 0;      // from add_lookups(); 0: never called
};

}  // namespace nodetune
