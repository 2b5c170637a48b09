// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/cache/growth_offer.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>

#include "engine/base/format.h"

namespace nodetune {
namespace {

constexpr double kWholePercentFrom = 0.01;  // smaller gains show a decimal
constexpr double kSayableGain = 0.0005;     // below a tenth of a percent there is nothing to say

std::string hit_percent(double ratio, double gain) {
  return gain >= kWholePercentFrom ? fmt::format("{:.0f} %", ratio * 100)
                                   : fmt::format("{:.1f} %", ratio * 100);
}

std::string offer_text(const GrowthOffer& offer) {
  const double gain = offer.hit_ratio_then - offer.hit_ratio_now;
  const auto more = format_bytes(static_cast<double>(offer.more_bytes));
  if (gain < kSayableGain) {
    return fmt::format("+{} here would leave hits at {}", more,
                       hit_percent(offer.hit_ratio_now, gain));
  }
  auto text =
      fmt::format("+{} here would raise hits from {} to {}", more,
                  hit_percent(offer.hit_ratio_now, gain), hit_percent(offer.hit_ratio_then, gain));
  if (std::isfinite(offer.saved_seconds_per_block)) {
    text += fmt::format(", about {} a block less", format_seconds(offer.saved_seconds_per_block));
  }
  return text;
}

}  // namespace

std::uint64_t usual_growth_bytes(std::uint64_t present_bytes) {
  constexpr std::uint64_t kLeast = 1u << 20;
  return std::bit_floor(std::max(present_bytes / 4, kLeast));
}

std::optional<GrowthOffer> offer_growth(const CostCurve& curve, std::uint64_t present_bytes,
                                        std::uint64_t more_bytes, double lookups_per_block,
                                        double miss_seconds) {
  if (curve.empty()) return std::nullopt;
  const auto present = static_cast<double>(present_bytes);
  GrowthOffer offer;
  offer.more_bytes = more_bytes;
  offer.hit_ratio_now = 1 - curve.miss_ratio(present);
  offer.hit_ratio_then = 1 - curve.miss_ratio(present + static_cast<double>(more_bytes));
  offer.saved_seconds_per_block =
      (offer.hit_ratio_then - offer.hit_ratio_now) * lookups_per_block * miss_seconds;
  offer.text = offer_text(offer);
  return offer;
}

}  // namespace nodetune
