// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>

#include "engine/cache/access_probe.h"
#include "engine/cache/miss_ratio_curve.h"
#include "engine/cache/policy_chooser.h"

namespace nodetune {

// What is learned from one cache's traffic: its miss-ratio curve, and the policy that suits it.
//
// Both look at keys by hash, each up to its threshold; the cache is told the larger one, so that a
// lookup costs it one compare. A decay factor a second, or a block, lets the curve follow change;
// the chooser forgets by itself.
// Thread: any. Lifetime: see AccessProbe.
class AccessSampler final : public AccessProbe {
 public:
  struct Config {
    MissRatioCurve::Config curve;
    PolicyChooserConfig chooser;
  };

  explicit AccessSampler(const Config& config);
  AccessSampler() : AccessSampler(Config()) {}

  void on_lookup(std::uint64_t hash, bool hit, std::uint32_t charge) override;
  void on_insert(std::uint64_t hash, std::uint32_t charge) override;

  // What the chooser's simulations are scaled from: see PolicyChooser::set_capacity().
  void set_capacity(std::size_t entries);
  // See MissRatioCurve for these.
  void set_largest_bytes(std::uint64_t bytes) { curve_.set_largest_bytes(bytes); }
  void add_lookups(std::uint64_t count) { curve_.add_lookups(count); }
  void decay(double factor) { curve_.decay(factor); }
  CurveSnapshot curve() const { return curve_.snapshot(); }

  struct Choice {
    PolicyKind policy = PolicyKind::lru;
    std::string reason;  // for people
    std::uint64_t switches = 0;
  };
  Choice choice() const;
  double miss_ratio(PolicyKind policy) const;  // simulated; NaN before there were lookups
  std::size_t memory_bytes() const;

 private:
  void update_threshold();

  MissRatioCurve curve_;
  mutable std::mutex mutex_;  // guards all below
  PolicyChooser chooser_;
  std::uint64_t told_ = 0;  // the threshold, as the cache knows it
};

}  // namespace nodetune
