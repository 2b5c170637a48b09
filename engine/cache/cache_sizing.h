// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "engine/cache/cache.h"
#include "engine/chain/object_kind.h"

namespace nodetune {

// The thresholds of the specification's optimize_cache_sizes (seed 8.1) and the limits it lacks.
struct CacheSizingConfig {
  double memory_pressure_ratio = 0.9;  // used ÷ limit; above it one cache shrinks and none grows
  double shrink_factor = 0.8;
  double grow_hit_ratio = 0.95;      // grow above it, if also
  double grow_eviction_ratio = 0.1;  // evictions ÷ lookups are above this
  double grow_factor = 1.2;
  std::uint64_t min_lookups = 1'000;            // fewer say nothing about a cache
  std::size_t min_capacity_bytes = 1u << 20;    // of each cache; never shrunk below
  std::size_t max_capacity_bytes = 4ull << 30;  // of each cache; never grown above
};

struct CacheResize {
  ObjectKind kind = ObjectKind::block;
  std::size_t from_bytes = 0;
  std::size_t to_bytes = 0;
  std::string reason;  // for people
};

// What the seven caches' capacities should become, judged by what their counters gained from
// `before` to `now`, both in kObjectKinds' order.
//
// Under memory pressure the cache with the lowest hit ratio shrinks, one a round; of equals the
// largest, then the first in order. A cache that was hardly asked, or is at its floor, is no
// candidate. Without pressure every cache that hits well but evicts much grows. Unknown memory
// (NaN) changes nothing: growing blindly could take what the node needs.
// A pure function: any thread.
std::vector<CacheResize> decide_cache_sizes(std::span<const CacheCounters, kObjectKindCount> before,
                                            std::span<const CacheCounters, kObjectKindCount> now,
                                            double memory_ratio, const CacheSizingConfig& config);

}  // namespace nodetune
