// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <cmath>
#include <memory>

#include "engine/node/node.h"

namespace nodetune {

// Gives a cache a curve of its own shape: a share of its lookups is never seen before, the rest
// falls off as the cache grows.
inline void add_curve(CacheState& state) {
  constexpr double kSmallest = 1 << 20;
  constexpr int kPoints = 60;
  const double shape = 0.4 + 0.2 * static_cast<double>(index_of(state.kind));
  const double never_seen = 0.08 * static_cast<double>(index_of(state.kind));
  auto curve = std::make_shared<CurveSnapshot>();
  curve->by_bytes.push_back({0, 0, 1});
  for (int i = 0; i < kPoints; ++i) {
    const double bytes = kSmallest * std::pow(2, double(i) / 6);
    const double far = std::exp(-std::pow(bytes / (64 * kSmallest), shape));
    curve->by_bytes.push_back({bytes / 100, bytes, never_seen + (1 - never_seen) * far});
  }
  curve->by_entries = curve->by_bytes;
  curve->lookups = 1.5e6;
  curve->sampling_rate = 1.0 / 64;
  std::vector<MissPoint> points;
  for (const auto& point : curve->by_bytes) points.push_back({point.bytes, point.miss_ratio});
  const auto present = state.counters.capacity_bytes;
  state.growth =
      offer_growth(CostCurve(points), present, usual_growth_bytes(present), 1'200, 18e-6);
  state.policy_reason =
      "S3-FIFO: misses 42.6 % where LRU would miss 49.5 % (simulated on 1/16 of the keys)";
  state.curve = std::move(curve);
}

// What the arbiter would say of them.
inline MemoryState fake_memory(const SetArbiter& settings) {
  MemoryState state;
  state.mode = settings.mode;
  state.budget_bytes = settings.budget_bytes;
  state.acts = settings.acts;
  for (const auto kind : kObjectKinds) {
    state.shares.push_back({std::string(display_name(kind)), 64u << 20, 60u << 20, false});
  }
  state.shares.push_back({"RocksDB block cache", 256u << 20, 284u << 20, false});
  state.shares.push_back({"Memtables", 128u << 20, 128u << 20, true});
  state.moves = {"RocksDB block cache +12 MiB from Receipts: about 210 µs a block less",
                 "RocksDB block cache +16 MiB from Headers: about 120 µs a block less"};
  state.reason = "by the curves, 28 MiB serve better in the RocksDB block cache";
  state.seconds_per_block = 3.24e-3;
  state.planned_seconds_per_block = 2.91e-3;
  CacheState blocks;
  blocks.counters.capacity_bytes = 256u << 20;
  add_curve(blocks);
  state.block_cache_bytes = blocks.counters.capacity_bytes;
  state.block_cache_curve = blocks.curve;
  state.block_cache_growth = blocks.growth;
  return state;
}

}  // namespace nodetune
