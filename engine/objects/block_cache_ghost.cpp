// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/objects/block_cache_ghost.h"

namespace nodetune {

MissRatioCurve::Config BlockCacheGhost::usual_config() {
  MissRatioCurve::Config config;
  config.samples_max = 2'048;
  return config;
}

BlockCacheGhost::BlockCacheGhost(const MissRatioCurve::Config& config) : curve_(config) {
  set_threshold(curve_.threshold());
}

void BlockCacheGhost::on_lookup(std::uint64_t hash, bool hit, std::uint32_t charge_bytes) {
  curve_.touch(hash, hit ? charge_bytes : 0);
  set_threshold(curve_.threshold());
}

void BlockCacheGhost::on_insert(std::uint64_t hash, std::uint32_t charge_bytes) {
  curve_.put(hash, charge_bytes);
}

CurveSnapshot BlockCacheGhost::snapshot(std::uint64_t lookups) {
  if (lookups > lookups_) curve_.add_lookups(lookups - lookups_);
  lookups_ = lookups;
  return curve_.snapshot();
}

}  // namespace nodetune
