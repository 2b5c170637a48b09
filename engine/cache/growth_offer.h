// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "engine/cache/cost_curve.h"

namespace nodetune {

// What more memory would buy one cache.
struct GrowthOffer {
  std::uint64_t more_bytes = 0;
  double hit_ratio_now = 0;   // by the curve, at the present size
  double hit_ratio_then = 0;  // by the curve
  // NaN where the lookups or the cost of a miss are not known.
  double saved_seconds_per_block = 0;
  // "+64 MiB here would raise hits from 81 % to 88 %, about 210 µs a block less"
  std::string text;
};

// A round amount worth asking about: the power of two next to a quarter of what the cache has, at
// least 1 MiB.
std::uint64_t usual_growth_bytes(std::uint64_t present_bytes);

// Nothing when the curve is empty. A pure function: any thread.
std::optional<GrowthOffer> offer_growth(const CostCurve& curve, std::uint64_t present_bytes,
                                        std::uint64_t more_bytes, double lookups_per_block,
                                        double miss_seconds);

}  // namespace nodetune
