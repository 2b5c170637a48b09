// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/cache/cost_curve.h"

#include <algorithm>
#include <cmath>

namespace nodetune {
namespace {

// Positive: `middle` lies below the line from `first` to `last`, so it is a corner of the hull.
double bend(const MissPoint& first, const MissPoint& middle, const MissPoint& last) {
  return (middle.bytes - first.bytes) * (last.miss_ratio - first.miss_ratio) -
         (last.bytes - first.bytes) * (middle.miss_ratio - first.miss_ratio);
}

}  // namespace

CostCurve::CostCurve(std::span<const MissPoint> points) {
  std::vector<MissPoint> known;
  known.reserve(points.size());
  for (const MissPoint& point : points) {
    if (!std::isfinite(point.bytes) || !std::isfinite(point.miss_ratio) || point.bytes < 0) {
      continue;
    }
    known.push_back({point.bytes, std::clamp(point.miss_ratio, 0.0, 1.0)});
  }
  if (known.empty()) return;
  std::ranges::sort(known, {}, &MissPoint::bytes);
  points_.push_back({0, 1});
  for (const MissPoint& point : known) {
    if (point.bytes <= 0) continue;
    const double ratio = std::min(point.miss_ratio, points_.back().miss_ratio);
    if (point.bytes > points_.back().bytes) {
      points_.push_back({point.bytes, ratio});
    } else {
      points_.back().miss_ratio = ratio;
    }
  }
}

double CostCurve::miss_ratio(double bytes) const {
  if (points_.empty() || !(bytes > 0)) return 1;
  const auto after = std::ranges::upper_bound(points_, bytes, {}, &MissPoint::bytes);
  if (after == points_.end()) return points_.back().miss_ratio;
  const MissPoint& left = *(after - 1);  // there is one: the first is at 0
  const double part = (bytes - left.bytes) / (after->bytes - left.bytes);
  return left.miss_ratio + part * (after->miss_ratio - left.miss_ratio);
}

std::vector<MissPoint> CostCurve::hull(double from_bytes, double to_bytes) const {
  std::vector<MissPoint> corners{{from_bytes, miss_ratio(from_bytes)}};
  const auto add = [&](const MissPoint& point) {
    while (corners.size() >= 2 && bend(corners[corners.size() - 2], corners.back(), point) <= 0) {
      corners.pop_back();
    }
    corners.push_back(point);
  };
  auto next = std::ranges::upper_bound(points_, from_bytes, {}, &MissPoint::bytes);
  for (; next != points_.end() && next->bytes < to_bytes; ++next) add(*next);
  if (to_bytes > from_bytes) add({to_bytes, miss_ratio(to_bytes)});
  return corners;
}

std::vector<MissPoint> points_of(const CurveSnapshot& snapshot) {
  std::vector<MissPoint> points;
  points.reserve(snapshot.by_bytes.size());
  for (const CurvePoint& point : snapshot.by_bytes) {
    points.push_back({point.bytes, point.miss_ratio});
  }
  return points;
}

}  // namespace nodetune
