// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "engine/cache/policy_kind.h"
#include "engine/cache/policy_simulation.h"

namespace nodetune {

// Spans are in lookups, as multiples of the cache's capacity in entries. The defaults were found on
// the traces of data/traces and on mainnet's access lists
// (tests/engine/workload/policy_guard_test.cpp holds them to the guard).
struct PolicyChooserConfig {
  std::size_t max_simulated_entries = 4'096;  // a larger cache is simulated on a share of its keys
  std::size_t min_entries = 64;    // a smaller cache stays with LRU: a few hits are noise
  double warm_up = 3;              // caches and ghosts fill: losses say nothing yet
  double observe = 3;              // from the start, or a fallback, until LRU is left
  double memory = 5;               // time constant of the hit ratios
  double trust_half_life = 1'400;  // of the worst loss on record
  double leave_gain = 0.02;        // hit ratio above LRU's that is worth leaving LRU for
  double switch_gain = 0.03;       // the same above another policy that is not LRU
  double gain_over_loss = 30;  // expected gain over 10 x capacity ÷ worst loss on record, at least
  // Hits lost in a row to LRU that send back to it: a share of the capacity, and of the gain
  // expected over 10 x capacity as far as that is above what LRU is left for.
  double loss_allowed = 0.0075;
  double loss_of_gain = 0.25;

  // The start of a record is for trying: the guard holds from 10 x capacity on, and a short life
  // has no time for more.
  double trial = 7;                     // until then little is asked for to leave LRU, …
  double trial_observe = 1.5;           // … after this many, …
  double trial_gain = 0.004;            // … for this gain, …
  double trial_gain_over_loss = 4;      // … and this trust
  double trial_stay = 10;               // gain over loss to be kept on when the trial ends
  double patience = 14;                 // until then a fallback takes
  double patience_loss = 0.03;          // as loss_allowed, …
  double patience_loss_of_gain = 0.12;  // … and of all the gain
};

// Chooses a cache's policy by simulating LRU, S3-FIFO and ARC beside it.
//
// Each simulation counts entries and holds at most max_simulated_entries: of a larger cache it sees
// the keys whose hash is at most threshold(), and has the same share of the capacity. LRU is left
// for a policy that has gained clearly and, on record, never lost much in a row: what the real
// cache no longer holds when a phase changes is lost whatever one does then. When the real cache
// falls behind the simulated LRU by more than is allowed, the choice is LRU at once.
// At the start of a cache's life, where the guard does not look yet, a policy is tried sooner.
// The record and the choice outlive a change of the sampling share.
// Thread: one at a time.
class PolicyChooser {
 public:
  explicit PolicyChooser(const PolicyChooserConfig& config = {});

  // How many entries the cache holds, or would when full. 0: nothing is sampled.
  void set_capacity(std::size_t entries);
  // Hashes up to it are wanted; only with these may touch() and insert() be called.
  std::uint64_t threshold() const { return threshold_; }
  bool samples(std::uint64_t hash) const { return hash <= threshold_ && capacity_ > 0; }

  // A lookup of the real cache, and how it went.
  void touch(std::uint64_t hash, bool hit);
  // The real cache took in a key, after a miss or without any lookup.
  void insert(std::uint64_t hash);

  PolicyKind choice() const { return choice_; }
  // For people: "S3-FIFO: misses 82.6 % where LRU would miss 89.5 % (…)".
  std::string reason() const;
  // Simulated, over about the last memory x capacity lookups; NaN before there were any.
  double miss_ratio(PolicyKind policy) const;
  double sampling_rate() const { return rate_; }  // share of the keys, 0 to 1
  std::uint64_t switches() const { return switches_; }
  std::size_t memory_bytes() const;

 private:
  struct Contender {
    std::unique_ptr<PolicySimulation> simulation;
    std::uint64_t window_hits = 0;
    double hits = 0;              // decayed
    std::int64_t loss = 0;        // hits behind LRU since it was last even, at least 0
    std::int64_t worst_loss = 0;  // of this window
    double worst_loss_on_record = 0;
  };
  enum class Ground : std::uint8_t { none, gained, fell_behind, not_trusted };

  Contender& of(PolicyKind policy) { return contenders_[static_cast<std::size_t>(policy)]; }
  const Contender& of(PolicyKind policy) const {
    return contenders_[static_cast<std::size_t>(policy)];
  }
  double gain_over_lru(PolicyKind policy) const;     // difference of hit ratios
  double gain_per_stretch(PolicyKind policy) const;  // hits in 10 x capacity lookups, at least 0
  bool trusted(PolicyKind policy, double gain_over_loss) const;
  bool in_trial() const { return age_ < config_.trial; }
  double lookups_needed() const;  // in capacities, until LRU may be left
  std::int64_t loss_allowed() const;
  void resample(int shift);
  void scale_record(double factor);
  void end_window();
  void choose();
  void switch_to(PolicyKind policy, Ground ground);
  std::string keys() const;  // that are watched
  std::string basis() const;

  PolicyChooserConfig config_;
  std::array<Contender, kPolicyKinds.size()> contenders_;
  std::uint64_t capacity_ = 0;  // of a simulation, in entries
  int shift_ = 0;               // rate_ = 2 to the power of -shift_
  double rate_ = 1;
  std::uint64_t threshold_ = 0;

  PolicyKind choice_ = PolicyKind::lru;
  PolicyKind left_ = PolicyKind::lru;  // the policy that fell behind
  Ground ground_ = Ground::none;
  std::int64_t real_loss_ = 0;  // hits of the real cache behind the simulated LRU
  std::int64_t real_loss_allowed_ = 0;
  double lookups_ = 0;
  double observed_from_ = 0;  // in lookups_
  double age_ = 0;            // lookups in capacities of their time: growth makes nobody younger
  bool on_trial_ = true;      // the policy was chosen for little, or none was yet
  std::uint64_t window_lookups_ = 0;
  double lookups_decayed_ = 0;
  std::uint64_t switches_ = 0;
};

}  // namespace nodetune
