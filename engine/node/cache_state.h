// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "engine/cache/cache.h"
#include "engine/cache/curve_snapshot.h"
#include "engine/cache/growth_offer.h"
#include "engine/cache/policy_kind.h"
#include "engine/chain/object_kind.h"

namespace nodetune {

// One object cache, as a front end sees it.
struct CacheState {
  ObjectKind kind = ObjectKind::block;
  CacheCounters counters;
  PolicyKind policy = PolicyKind::lru;
  std::string policy_reason;                   // why this one, in words; empty: nothing is known
  std::shared_ptr<const CurveSnapshot> curve;  // null: nothing was looked up yet
  std::optional<GrowthOffer> growth;           // what more memory would buy
};

// A JSON object. `curve` is thinned to at most 100 points; null where nothing is known.
std::string to_json(const CacheState& state);

}  // namespace nodetune
