// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/cache/recency_stack.h"

#include <algorithm>
#include <cassert>

namespace nodetune {

RecencyStack::RecencyStack(std::size_t members_max) {
  assert(members_max > 0 && members_max <= kMembersMax);
  // Twice as many slots as members: moving them together is paid by as many pushes.
  constexpr std::size_t kGroupSlots = kBlockSlots * kGroupBlocks;
  const auto groups = (2 * members_max + kGroupSlots - 1) / kGroupSlots;
  members_.resize(groups * kGroupSlots);
  charges_.resize(groups * kGroupSlots);
  alive_.resize(groups * kGroupBlocks);
  block_bytes_.resize(groups * kGroupBlocks);
  groups_.resize(groups);
}

std::uint32_t RecencyStack::push(Member member, std::uint32_t bytes) {
  assert(!full());
  const auto slot = next_++;
  members_[slot] = member;
  alive_[slot / kBlockSlots] |= std::uint64_t{1} << slot % kBlockSlots;
  ++groups_[slot / kBlockSlots / kGroupBlocks].entries;
  ++total_.entries;
  set_bytes(slot, bytes);
  return slot;
}

std::uint32_t RecencyStack::remove(std::uint32_t slot) {
  assert(alive(slot));
  const auto bytes = charges_[slot];
  set_bytes(slot, 0);
  alive_[slot / kBlockSlots] &= ~(std::uint64_t{1} << slot % kBlockSlots);
  --groups_[slot / kBlockSlots / kGroupBlocks].entries;
  --total_.entries;
  return bytes;
}

void RecencyStack::set_bytes(std::uint32_t slot, std::uint32_t bytes) {
  const auto change = std::uint64_t{bytes} - charges_[slot];  // modulo 2^64
  charges_[slot] = bytes;
  block_bytes_[slot / kBlockSlots] += change;
  groups_[slot / kBlockSlots / kGroupBlocks].bytes += change;
  total_.bytes += change;
}

RecencyStack::Depth RecencyStack::above(std::uint32_t slot) const {
  const auto block = slot / kBlockSlots;
  const auto group = block / kGroupBlocks;
  Depth depth;
  // Two shifts: one by 64 would be undefined.
  depth.entries =
      static_cast<std::uint32_t>(std::popcount(alive_[block] >> (slot % kBlockSlots) >> 1));
  for (auto i = slot + 1; i < (block + 1) * kBlockSlots; ++i) depth.bytes += charges_[i];
  for (auto i = block + 1; i < (group + 1) * kGroupBlocks; ++i) {
    depth.entries += static_cast<std::uint32_t>(std::popcount(alive_[i]));
    depth.bytes += block_bytes_[i];
  }
  for (std::size_t i = group + 1; i < groups_.size(); ++i) {
    depth.entries += groups_[i].entries;
    depth.bytes += groups_[i].bytes;
  }
  return depth;
}

RecencyStack::Member RecencyStack::oldest() {
  assert(total_.entries > 0);
  auto block = oldest_ / kBlockSlots;
  while (alive_[block] == 0) ++block;
  oldest_ = block * kBlockSlots + static_cast<std::uint32_t>(std::countr_zero(alive_[block]));
  return members_[oldest_];
}

void RecencyStack::rebuild(std::uint32_t living) {
  next_ = living;
  oldest_ = 0;
  std::fill(charges_.begin() + living, charges_.end(), 0);
  std::fill(alive_.begin(), alive_.end(), 0);
  std::fill(block_bytes_.begin(), block_bytes_.end(), 0);
  std::fill(groups_.begin(), groups_.end(), Depth());
  for (std::uint32_t slot = 0; slot < living; ++slot) {
    const auto block = slot / kBlockSlots;
    alive_[block] |= std::uint64_t{1} << slot % kBlockSlots;
    block_bytes_[block] += charges_[slot];
    ++groups_[block / kGroupBlocks].entries;
    groups_[block / kGroupBlocks].bytes += charges_[slot];
  }
}

std::size_t RecencyStack::memory_bytes() const {
  return members_.size() * (sizeof(Member) + sizeof(std::uint32_t)) +
         alive_.size() * 2 * sizeof(std::uint64_t) + groups_.size() * sizeof(Depth);
}

}  // namespace nodetune
