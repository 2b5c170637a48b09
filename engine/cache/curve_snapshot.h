// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <cstddef>
#include <vector>

#include "engine/base/missing.h"

namespace nodetune {

// An LRU cache of that size misses `miss_ratio` (0 to 1) of its lookups.
struct CurvePoint {
  double entries = 0;
  double bytes = 0;  // kMissing where no charge is known
  double miss_ratio = 1;
};

// A miss-ratio curve at one moment. A miss ratio counts first touches too (compulsory misses): even
// an endless cache has them.
//
// Invariant: points begin at size 0 with ratio 1; sizes ascend, ratios never rise; the curve is
// straight between two points and flat past the last. Both lists are empty before the first lookup.
// Immutable once made: any thread.
struct CurveSnapshot {
  // For caches that hold so many entries; `bytes` is what that many took when the curve was taken.
  std::vector<CurvePoint> by_entries;
  // For caches that hold so many bytes; empty where no charge is known.
  std::vector<CurvePoint> by_bytes;
  double lookups = 0;            // what the ratios stand on: all there were, less what has decayed
  double sampling_rate = 1;      // share of the keys that are watched now
  std::size_t samples = 0;       // keys watched now
  std::size_t memory_bytes = 0;  // of the estimator

  // Between the points; every figure is kMissing where nothing is known.
  CurvePoint at_entries(double entries) const;
  CurvePoint at_bytes(double bytes) const;
  double miss_ratio_at_entries(double entries) const { return at_entries(entries).miss_ratio; }
  double miss_ratio_at_bytes(double bytes) const { return at_bytes(bytes).miss_ratio; }
};

}  // namespace nodetune
