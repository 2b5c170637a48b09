// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/node/cache_state.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "engine/base/json_number.h"

namespace nodetune {
namespace {

using nlohmann::json;

constexpr std::size_t kCurvePoints = 100;

json curve_json(const CurveSnapshot* curve) {
  if (curve == nullptr || curve->by_bytes.empty()) return nullptr;
  const auto& points = curve->by_bytes;
  auto rows = json::array();
  const std::size_t step = (points.size() + kCurvePoints - 2) / (kCurvePoints - 1);
  for (std::size_t i = 0; i < points.size(); i += step) {
    const auto& point = i + step < points.size() ? points[i] : points.back();
    rows.push_back({{"entries", json_number(point.entries)},
                    {"bytes", json_number(point.bytes)},
                    {"miss_ratio", json_number(point.miss_ratio)}});
  }
  return rows;
}

json growth_json(const std::optional<GrowthOffer>& growth) {
  if (!growth) return nullptr;
  return {{"more_bytes", growth->more_bytes},
          {"hit_ratio_now", json_number(growth->hit_ratio_now)},
          {"hit_ratio_then", json_number(growth->hit_ratio_then)},
          {"saved_seconds_per_block", json_number(growth->saved_seconds_per_block)},
          {"text", growth->text}};
}

}  // namespace

std::string to_json(const CacheState& state) {
  const auto& counters = state.counters;
  const json object = {{"kind", to_string(state.kind)},
                       {"policy", name(state.policy)},
                       {"policy_reason", state.policy_reason},
                       {"hits", counters.hits},
                       {"misses", counters.misses},
                       {"lookups", counters.lookups()},
                       {"evictions", counters.evictions},
                       {"insertions", counters.insertions},
                       {"entries", counters.entries},
                       {"bytes", counters.bytes},
                       {"capacity_bytes", counters.capacity_bytes},
                       {"curve", curve_json(state.curve.get())},
                       {"growth", growth_json(state.growth)}};
  return object.dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace nodetune
