// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/missing.h"
#include "engine/cache/arbiter_mode.h"
#include "engine/cache/curve_snapshot.h"
#include "engine/cache/growth_offer.h"

namespace nodetune {

// How a node's memory is shared among object caches, RocksDB block cache and memtables.
struct MemoryState {
  struct Share {
    std::string name;  // "Storage", "RocksDB block cache", "Memtables"
    std::uint64_t present_bytes = 0;
    std::uint64_t planned_bytes = 0;
    bool fixed = false;  // counted in, never moved
  };

  // The operator's settings.
  ArbiterMode mode = ArbiterMode::off;
  std::uint64_t budget_bytes = 0;  // 0: what the shares have now
  bool acts = false;               // moves memory by itself, else recommends

  // As of the last decision; empty before the first.
  std::vector<Share> shares;
  std::vector<std::string> moves;  // "Storage +12 MiB from Receipts: about 210 µs a block less"
  std::string reason;              // why these moves, or why none
  // What all misses cost a block, derived from the curves.
  double seconds_per_block = kMissing;
  double planned_seconds_per_block = kMissing;

  // The RocksDB block cache's, by its own lookups.
  std::uint64_t block_cache_bytes = 0;
  std::shared_ptr<const CurveSnapshot> block_cache_curve;  // null: nothing was looked up yet
  std::optional<GrowthOffer> block_cache_growth;
};

}  // namespace nodetune
