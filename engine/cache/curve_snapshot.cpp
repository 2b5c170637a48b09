// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/cache/curve_snapshot.h"

#include <algorithm>

namespace nodetune {
namespace {

double interpolate(const std::vector<CurvePoint>& points, double CurvePoint::*size, double at) {
  if (points.empty()) return kMissing;
  const auto above =
      std::upper_bound(points.begin(), points.end(), at,
                       [&](double value, const CurvePoint& point) { return value < point.*size; });
  if (above == points.begin()) return points.front().miss_ratio;
  const auto& from = *std::prev(above);
  if (above == points.end()) return from.miss_ratio;
  const double part = (at - from.*size) / ((*above).*size - from.*size);
  return from.miss_ratio + part * (above->miss_ratio - from.miss_ratio);
}

}  // namespace

double CurveSnapshot::miss_ratio_at_entries(double entries) const {
  return interpolate(by_entries, &CurvePoint::entries, entries);
}

double CurveSnapshot::miss_ratio_at_bytes(double bytes) const {
  return interpolate(by_bytes, &CurvePoint::bytes, bytes);
}

}  // namespace nodetune
