// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/cache/policy_simulation.h"

#include <algorithm>
#include <limits>

#include "engine/cache/policies.h"

namespace nodetune {

bool PolicySimulation::access(std::uint64_t key, std::uint64_t charge) {
  ++clock_;
  const auto charged = static_cast<std::uint32_t>(
      std::clamp<std::uint64_t>(charge, 1, std::numeric_limits<std::uint32_t>::max()));
  Index index = entries_.find(key);
  const bool hit = index != kNone && is_resident(index);
  if (charged > capacity_) {
    if (hit) evict(index);
    return hit;
  }
  if (!hit) {
    index = on_miss(key, charged, index);
    entries_[index].last_use = clock_;
    return false;
  }
  PolicyEntries::Entry& entry = entries_[index];
  entry.last_use = clock_;
  if (entry.frequency < PolicyEntries::kMaxFrequency) ++entry.frequency;
  on_hit(index);
  if (entry.charge != charged) {
    entries_.set_charge(index, charged);
    make_room(0);
  }
  return true;
}

void PolicySimulation::resize(std::uint64_t capacity) {
  capacity_ = capacity;
  on_resize();
  make_room(0);
}

void PolicySimulation::adopt(std::span<const PolicyResident> residents) {
  entries_.clear();
  on_resize();
  for (const auto& resident : residents) {
    const Index index = place(resident);
    entries_[index].last_use = clock_ - resident.age;
  }
  make_room(0);
}

std::vector<PolicyResident> PolicySimulation::residents() const {
  std::vector<PolicyResident> found;
  found.reserve(entries());
  for (std::size_t queue = 0; queue < PolicyEntries::kQueues; ++queue) {
    for (Index index = entries_.oldest(queue); index != kNone; index = entries_[index].newer) {
      if (!is_resident(index)) break;  // a queue holds residents or ghosts
      const auto& entry = entries_[index];
      found.push_back({entry.key, entry.charge, clock_ - entry.last_use, entry.frequency});
    }
  }
  std::stable_sort(found.begin(), found.end(),
                   [](const auto& a, const auto& b) { return a.age > b.age; });
  return found;
}

void PolicySimulation::evict(Index index) {
  entries_.erase(index);
  ++evictions_;
}

std::unique_ptr<PolicySimulation> make_policy_simulation(PolicyKind policy,
                                                         std::uint64_t capacity) {
  switch (policy) {
    case PolicyKind::lru:
      return std::make_unique<LruSimulation>(capacity);
    case PolicyKind::s3fifo:
      return std::make_unique<S3FifoSimulation>(capacity);
    case PolicyKind::arc:
      return std::make_unique<ArcSimulation>(capacity);
  }
  return nullptr;
}

}  // namespace nodetune
