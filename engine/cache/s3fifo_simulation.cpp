// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include <algorithm>

#include "engine/cache/policies.h"

namespace nodetune {
namespace {

constexpr std::uint8_t kFrequencyForMain = 2;  // the paper: used more than once while in small

}  // namespace

bool S3FifoSimulation::contains(std::uint64_t key) const {
  const Index index = entries_.find(key);
  return index != kNone && is_resident(index);
}

PolicySimulation::Index S3FifoSimulation::on_miss(std::uint64_t key, std::uint32_t charge,
                                                  Index ghost) {
  if (ghost != kNone) entries_.erase(ghost);
  make_room(charge);
  return entries_.insert(key, charge, ghost != kNone ? kMain : kSmall);
}

void S3FifoSimulation::make_room(std::uint64_t extra) {
  while (charge() + extra > capacity_) {
    const bool small_is_full = entries_.charge(kSmall) >= small_capacity_;
    if (entries_.count(kMain) == 0 || (small_is_full && entries_.count(kSmall) > 0)) {
      evict_from_small();
    } else {
      evict_from_main();
    }
  }
  while (entries_.charge(kGhost) > ghost_capacity_) entries_.erase(entries_.oldest(kGhost));
}

void S3FifoSimulation::on_resize() {
  small_capacity_ = std::max<std::uint64_t>(capacity_ / kS3FifoSmallShare, 1);
  ghost_capacity_ = capacity_ - std::min(small_capacity_, capacity_);
}

PolicySimulation::Index S3FifoSimulation::place(const PolicyResident& resident) {
  return entries_.insert(resident.key, resident.charge, kMain);
}

// One step: the oldest goes to main when it was used again, else it is evicted.
void S3FifoSimulation::evict_from_small() {
  const Index oldest = entries_.oldest(kSmall);
  const bool wanted = entries_[oldest].frequency >= kFrequencyForMain;
  entries_[oldest].frequency = 0;
  entries_.move_to_newest(oldest, wanted ? kMain : kGhost);
  if (!wanted) ++evictions_;
}

// One step: the oldest has another round when it was used, else it is evicted.
void S3FifoSimulation::evict_from_main() {
  const Index oldest = entries_.oldest(kMain);
  auto& frequency = entries_[oldest].frequency;
  if (frequency == 0) return evict(oldest);
  --frequency;
  entries_.move_to_newest(oldest, kMain);
}

}  // namespace nodetune
