// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/cache/curve_snapshot.h"

#include <algorithm>

namespace nodetune {
namespace {

using Size = double CurvePoint::*;

CurvePoint interpolate(const std::vector<CurvePoint>& points, Size known, Size wanted, double at) {
  if (points.empty()) return {kMissing, kMissing, kMissing};
  const auto above =
      std::upper_bound(points.begin(), points.end(), at,
                       [&](double value, const CurvePoint& point) { return value < point.*known; });
  if (above == points.begin()) return points.front();
  CurvePoint point = *std::prev(above);
  if (above == points.end()) {  // the ratio stays; the sizes go on in proportion
    if (point.*known > 0) point.*wanted *= at / point.*known;
  } else {
    const double part = (at - point.*known) / ((*above).*known - point.*known);
    point.*wanted += part * ((*above).*wanted - point.*wanted);
    point.miss_ratio += part * (above->miss_ratio - point.miss_ratio);
  }
  point.*known = at;
  return point;
}

}  // namespace

CurvePoint CurveSnapshot::at_entries(double entries) const {
  return interpolate(by_entries, &CurvePoint::entries, &CurvePoint::bytes, entries);
}

CurvePoint CurveSnapshot::at_bytes(double bytes) const {
  return interpolate(by_bytes, &CurvePoint::bytes, &CurvePoint::entries, bytes);
}

}  // namespace nodetune
