// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <span>
#include <vector>

#include "engine/cache/curve_snapshot.h"

namespace nodetune {

// A cache of `bytes` misses `miss_ratio` (0 to 1) of its lookups.
struct MissPoint {
  double bytes = 0;
  double miss_ratio = 1;
};

// A miss-ratio curve by bytes, fit to decide by: straight between its points, never rising, 1 for a
// cache of nothing, flat past the last point.
//
// A plain value: any thread. Errors: none; points that are no figures are left out, ratios are
// clamped to 0 to 1, and where a curve rises the lower ratio stands (noise of sampling: more memory
// never misses more in an LRU cache).
class CostCurve {
 public:
  CostCurve() = default;
  explicit CostCurve(std::span<const MissPoint> points);  // in any order

  bool empty() const { return points_.empty(); }  // nothing known: flat at 1
  double miss_ratio(double bytes) const;
  // The corners of the lower convex hull of the curve between the two sizes, both ends included.
  std::vector<MissPoint> hull(double from_bytes, double to_bytes) const;

 private:
  std::vector<MissPoint> points_;  // bytes ascend from 0, ratios descend from 1
};

// A live curve's points by bytes.
std::vector<MissPoint> points_of(const CurveSnapshot& snapshot);

}  // namespace nodetune
