// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include <algorithm>

#include "engine/cache/policies.h"

namespace nodetune {

bool ArcSimulation::contains(std::uint64_t key) const {
  const Index index = entries_.find(key);
  return index != kNone && is_resident(index);
}

// Case IV of the paper: the key is new.
PolicySimulation::Index ArcSimulation::on_miss(std::uint64_t key, std::uint32_t charge,
                                               Index ghost) {
  if (ghost != kNone) return on_ghost_hit(key, charge, ghost);
  // T1 and its ghosts take no more than the capacity, all four no more than twice that.
  while (entries_.charge(kRecent) + entries_.charge(kRecentGhost) + charge > capacity_) {
    if (entries_.count(kRecentGhost) > 0 && entries_.charge(kRecent) < capacity_) {
      entries_.erase(entries_.oldest(kRecentGhost));
    } else {
      evict(entries_.oldest(kRecent));
    }
  }
  make_room(charge);
  return entries_.insert(key, charge, kRecent);
}

// Cases II and III: the ghosts say which part should be larger.
PolicySimulation::Index ArcSimulation::on_ghost_hit(std::uint64_t key, std::uint32_t charge,
                                                    Index ghost) {
  const bool often = entries_[ghost].queue == kOftenGhost;
  const auto recent_ghosts = static_cast<double>(entries_.charge(kRecentGhost));
  const auto often_ghosts = static_cast<double>(entries_.charge(kOftenGhost));
  if (often) {
    recent_target_ -= charge * std::max(recent_ghosts / often_ghosts, 1.0);
  } else {
    recent_target_ += charge * std::max(often_ghosts / recent_ghosts, 1.0);
  }
  recent_target_ = std::clamp(recent_target_, 0.0, static_cast<double>(capacity_));
  entries_.erase(ghost);
  while (this->charge() + charge > capacity_) replace(often);
  trim_ghosts(0, charge);  // where charges differ, more may have become a ghost than came back
  return entries_.insert(key, charge, kOften);
}

void ArcSimulation::make_room(std::uint64_t extra) {
  while (charge() + extra > capacity_) replace(false);
  trim_ghosts(extra, extra);
}

// For what comes into T1, and into all.
void ArcSimulation::trim_ghosts(std::uint64_t recent, std::uint64_t extra) {
  const auto ghosts = [this] {
    return entries_.charge(kRecentGhost) + entries_.charge(kOftenGhost);
  };
  while (entries_.count(kRecentGhost) > 0 &&
         entries_.charge(kRecent) + entries_.charge(kRecentGhost) + recent > capacity_) {
    entries_.erase(entries_.oldest(kRecentGhost));
  }
  while (entries_.count(kOftenGhost) > 0 && charge() + ghosts() + extra > 2 * capacity_) {
    entries_.erase(entries_.oldest(kOftenGhost));
  }
}

void ArcSimulation::on_resize() {
  recent_target_ = std::min(recent_target_, static_cast<double>(capacity_));
}

PolicySimulation::Index ArcSimulation::place(const PolicyResident& resident) {
  return entries_.insert(resident.key, resident.charge, resident.frequency > 0 ? kOften : kRecent);
}

// REPLACE of the paper: the oldest of T1 or T2 becomes a ghost.
void ArcSimulation::replace(bool for_often_ghost) {
  const auto recent = static_cast<double>(entries_.charge(kRecent));
  const bool from_recent =
      entries_.count(kRecent) > 0 &&
      (recent > recent_target_ || (for_often_ghost && recent >= recent_target_) ||
       entries_.count(kOften) == 0);
  const Index oldest = entries_.oldest(from_recent ? kRecent : kOften);
  entries_.move_to_newest(oldest, from_recent ? kRecentGhost : kOftenGhost);
  ++evictions_;
}

}  // namespace nodetune
