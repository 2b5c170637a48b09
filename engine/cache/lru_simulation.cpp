// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/cache/policies.h"

namespace nodetune {

void LruSimulation::on_hit(Index index) {
  entries_.move_to_newest(index, kAll);
}

PolicySimulation::Index LruSimulation::on_miss(std::uint64_t key, std::uint32_t charge, Index) {
  make_room(charge);
  return entries_.insert(key, charge, kAll);
}

void LruSimulation::make_room(std::uint64_t extra) {
  while (entries_.charge(kAll) + extra > capacity_) evict(entries_.oldest(kAll));
}

PolicySimulation::Index LruSimulation::place(const PolicyResident& resident) {
  const Index index = entries_.insert(resident.key, resident.charge, kAll);
  entries_[index].frequency = resident.frequency;
  return index;
}

}  // namespace nodetune
