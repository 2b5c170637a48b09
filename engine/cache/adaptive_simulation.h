// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "engine/cache/policy_chooser.h"
#include "engine/cache/policy_simulation.h"

namespace nodetune {

// A cache without values that follows its chooser, as the real one does: a switch takes the
// residents along in the order of their last use, and nothing that the other policy would have
// kept. Counts entries; keys must be hashes, as the chooser samples them.
// Thread: one.
class AdaptiveSimulation {
 public:
  explicit AdaptiveSimulation(std::size_t capacity, const PolicyChooserConfig& config = {});

  bool access(std::uint64_t hash);  // true for a hit; a miss inserts
  void resize(std::size_t capacity);

  PolicyKind policy() const { return cache_->kind(); }
  const PolicyChooser& chooser() const { return chooser_; }
  std::size_t entries() const { return cache_->entries(); }
  std::uint64_t evictions() const { return evictions_before_ + cache_->evictions(); }

 private:
  std::unique_ptr<PolicySimulation> cache_;
  PolicyChooser chooser_;
  std::uint64_t evictions_before_ = 0;  // of the caches before the last switch
};

}  // namespace nodetune
