// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include "engine/cache/miss_ratio_curve.h"
#include "engine/store/block_cache_probe.h"

namespace nodetune {

// The live miss-ratio curve of RocksDB's block cache: what more or less of it would miss.
//
// The block cache sees only what the object caches miss, so its curve follows from nothing but
// watching it. A curve of exact LRU, as everywhere; RocksDB's inserts at mid-point, and pinned
// blocks are always inside. Blocks that compactions write have new keys: first touches.
// A few index and filter blocks get a large part of all lookups, so the number of lookups must be
// known: a sample holds such a block or does not.
// Thread: the probe's functions any; the others one. Costs nothing for blocks that are not sampled,
// a mutex for the others.
class BlockCacheGhost final : public BlockCacheProbe {
 public:
  // Fewer samples than an object cache's curve has: RocksDB looks up three blocks a read, and a
  // sampled lookup costs 130 ns.
  static MissRatioCurve::Config usual_config();

  explicit BlockCacheGhost(const MissRatioCurve::Config& config = usual_config());

  void on_lookup(std::uint64_t hash, bool hit, std::uint32_t charge_bytes) override;
  void on_insert(std::uint64_t hash, std::uint32_t charge_bytes) override;

  // `lookups` since the database was opened: BlockCacheFigures' own count.
  CurveSnapshot snapshot(std::uint64_t lookups);
  // After a snapshot: all before it counts `factor` as much.
  void decay(double factor) { curve_.decay(factor); }

 private:
  MissRatioCurve curve_;
  std::uint64_t lookups_ = 0;  // at the last snapshot
};

}  // namespace nodetune
