// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <atomic>
#include <cstdint>

namespace nodetune {

// Looks on at a sample of a cache's traffic. Keys are known by the hash that the cache computed.
//
// The cache asks samples(), one compare, and tells only of those that pass. Charges above 4 GiB
// are told as 4 GiB.
// Thread: any; called without the cache's locks, so that the order of two threads' calls may differ
// from the cache's. Lifetime: as long as a cache that has it. Must not throw.
class AccessProbe {
 public:
  virtual ~AccessProbe() = default;

  // Relaxed: a threshold that moves a moment earlier or later only shifts the sample.
  bool samples(std::uint64_t hash) const {
    return hash <= threshold_.load(std::memory_order_relaxed);
  }
  // A lookup; `charge` is the entry's for a hit, else 0.
  virtual void on_lookup(std::uint64_t hash, bool hit, std::uint32_t charge) = 0;
  // A key was inserted or replaced, or refused for its size.
  virtual void on_insert(std::uint64_t hash, std::uint32_t charge) = 0;

 protected:
  void set_threshold(std::uint64_t threshold) {
    threshold_.store(threshold, std::memory_order_relaxed);
  }

 private:
  std::atomic<std::uint64_t> threshold_{0};  // hashes up to it pass
};

}  // namespace nodetune
