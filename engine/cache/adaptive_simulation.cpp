// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/cache/adaptive_simulation.h"

namespace nodetune {

AdaptiveSimulation::AdaptiveSimulation(std::size_t capacity, const PolicyChooserConfig& config)
    : cache_(make_policy_simulation(PolicyKind::lru, capacity)), chooser_(config) {
  chooser_.set_capacity(capacity);
}

bool AdaptiveSimulation::access(std::uint64_t hash) {
  const bool hit = cache_->access(hash);
  if (!chooser_.samples(hash)) return hit;
  chooser_.touch(hash, hit);
  if (chooser_.choice() != cache_->kind()) {
    auto next = make_policy_simulation(chooser_.choice(), cache_->capacity());
    next->adopt(cache_->residents());
    evictions_before_ += cache_->evictions();
    cache_ = std::move(next);
  }
  return hit;
}

void AdaptiveSimulation::resize(std::size_t capacity) {
  cache_->resize(capacity);
  chooser_.set_capacity(capacity);
}

}  // namespace nodetune
