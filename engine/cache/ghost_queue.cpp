// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/cache/ghost_queue.h"

#include <algorithm>
#include <new>

#include "engine/cache/cache_entry.h"

namespace nodetune {
namespace {

constexpr std::size_t kSmallestRing = 16;

}  // namespace

std::uint64_t GhostQueue::charge() const {
  return charge_units_ * CacheEntry::kChargeUnit;
}

void GhostQueue::trim_to(std::uint64_t limit) {
  while (charge() > limit) pop_oldest();
}

std::uint32_t& GhostQueue::place_of(std::uint64_t hash) {
  const std::size_t mask = table_.size() - 1;
  std::size_t at = hash & mask;
  while (table_[at] != 0 && ring_[table_[at] - 1].hash != hash) at = (at + 1) & mask;
  return table_[at];
}

void GhostQueue::push(std::uint64_t hash, std::uint32_t charge_units) noexcept {
  if (next_ - oldest_ == ring_.size()) {
    try {
      // Half of them forgotten already: the same size will do.
      remake(live_ * 2 > ring_.size() || ring_.empty() ? std::max(kSmallestRing, ring_.size() * 2)
                                                       : ring_.size());
    } catch (const std::bad_alloc&) {
      if (ring_.empty()) return;
      while (next_ - oldest_ == ring_.size()) pop_oldest();
    }
  }
  std::uint32_t& place = place_of(hash);
  if (place != 0) {  // there already: it becomes the newest
    Record& old = ring_[place - 1];
    old.live = false;
    charge_units_ -= old.charge_units;
    --live_;
  }
  const std::size_t at = next_++ & (ring_.size() - 1);
  ring_[at] = {hash, charge_units, true};
  place = static_cast<std::uint32_t>(at + 1);
  ++live_;
  charge_units_ += charge_units;
}

// Out of the table; what was pushed behind it by a collision moves up.
void GhostQueue::forget(std::uint64_t hash) {
  const std::size_t mask = table_.size() - 1;
  std::size_t hole = static_cast<std::size_t>(&place_of(hash) - table_.data());
  Record& record = ring_[table_[hole] - 1];
  record.live = false;
  charge_units_ -= record.charge_units;
  --live_;
  for (std::size_t at = (hole + 1) & mask; table_[at] != 0; at = (at + 1) & mask) {
    const std::size_t home = ring_[table_[at] - 1].hash & mask;
    if (((at - home) & mask) < ((at - hole) & mask)) continue;
    table_[hole] = table_[at];
    hole = at;
  }
  table_[hole] = 0;
}

bool GhostQueue::take(std::uint64_t hash) {
  if (live_ == 0 || place_of(hash) == 0) return false;
  forget(hash);
  return true;
}

bool GhostQueue::pop_oldest() {
  while (oldest_ != next_) {
    const Record record = ring_[oldest_ & (ring_.size() - 1)];
    if (record.live) forget(record.hash);
    ++oldest_;
    if (record.live) return true;
  }
  return false;
}

void GhostQueue::clear() {
  *this = GhostQueue();
}

void GhostQueue::remake(std::size_t size) {
  std::vector<Record> ring(size);
  std::vector<std::uint32_t> table(size * 2, 0);
  std::uint64_t count = 0;
  for (std::uint64_t i = oldest_; i != next_; ++i) {
    const Record& record = ring_[i & (ring_.size() - 1)];
    if (record.live) ring[count++] = record;
  }
  ring_.swap(ring);
  table_.swap(table);
  oldest_ = 0;
  next_ = count;
  for (std::uint64_t i = 0; i < count; ++i) {
    place_of(ring_[i].hash) = static_cast<std::uint32_t>(i + 1);
  }
}

}  // namespace nodetune
