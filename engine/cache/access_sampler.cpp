// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/cache/access_sampler.h"

#include <algorithm>

namespace nodetune {

AccessSampler::AccessSampler(const Config& config)
    : curve_(config.curve), chooser_(config.chooser) {
  update_threshold();
}

void AccessSampler::on_lookup(std::uint64_t hash, bool hit, std::uint32_t charge) {
  const std::lock_guard lock(mutex_);
  if (curve_.samples(hash)) curve_.touch(hash, hit ? charge : 0);
  if (chooser_.samples(hash)) chooser_.touch(hash, hit);
  update_threshold();
}

void AccessSampler::on_insert(std::uint64_t hash, std::uint32_t charge) {
  const std::lock_guard lock(mutex_);
  if (curve_.samples(hash)) curve_.put(hash, charge);
  if (chooser_.samples(hash)) chooser_.insert(hash);
}

void AccessSampler::set_capacity(std::size_t entries) {
  const std::lock_guard lock(mutex_);
  chooser_.set_capacity(entries);
  update_threshold();
}

AccessSampler::Choice AccessSampler::choice() const {
  const std::lock_guard lock(mutex_);
  return {chooser_.choice(), chooser_.reason(), chooser_.switches()};
}

double AccessSampler::miss_ratio(PolicyKind policy) const {
  const std::lock_guard lock(mutex_);
  return chooser_.miss_ratio(policy);
}

std::size_t AccessSampler::memory_bytes() const {
  const std::lock_guard lock(mutex_);
  return sizeof(*this) + curve_.memory_bytes() + chooser_.memory_bytes();
}

// Writes only what changed: every lookup reads that line.
void AccessSampler::update_threshold() {
  auto threshold = curve_.threshold();
  if (chooser_.samples(0)) threshold = std::max(threshold, chooser_.threshold());
  if (threshold == told_) return;
  told_ = threshold;
  set_threshold(threshold);
}

}  // namespace nodetune
