// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

namespace nodetune {

// A small LRU stack that answers how many members, and how many bytes, lie above one.
//
// Members stand in slots in the order of their last use; a used one moves to a new slot at the top,
// and when slots run out the living are moved together. Sums are kept for blocks of 64 slots and
// for groups of 16 blocks, so that a question costs some 30 additions and a change three: below a
// thousand blocks that beats a Fenwick tree's walks. Members are named by numbers of the caller.
// Allocates in the constructor only. Thread: one at a time.
class RecencyStack {
 public:
  using Member = std::uint16_t;
  static constexpr std::size_t kMembersMax = std::numeric_limits<Member>::max();

  struct Depth {
    std::uint32_t entries = 0;
    std::uint64_t bytes = 0;
  };

  explicit RecencyStack(std::size_t members_max);

  bool full() const { return next_ == members_.size(); }  // then compact() before push()
  // Returns the slot.
  std::uint32_t push(Member member, std::uint32_t bytes);
  // Returns its bytes.
  std::uint32_t remove(std::uint32_t slot);
  std::uint32_t bytes(std::uint32_t slot) const { return charges_[slot]; }
  void set_bytes(std::uint32_t slot, std::uint32_t bytes);
  Depth above(std::uint32_t slot) const;  // without the slot itself
  const Depth& total() const { return total_; }
  Member oldest();  // demands total().entries > 0

  // Moves the living together; calls moved(member, new_slot) for each.
  template <typename Moved>
  void compact(Moved moved) {
    std::uint32_t to = 0;
    for (std::uint32_t from = 0; from < next_; ++from) {
      if (!alive(from)) continue;
      members_[to] = members_[from];
      charges_[to] = charges_[from];
      moved(members_[to], to);
      ++to;
    }
    rebuild(to);
  }
  // Calls see(bytes) for each, the one used last first.
  template <typename See>
  void from_top(See see) const {
    for (std::uint32_t slot = next_; slot > 0; --slot) {
      if (alive(slot - 1)) see(charges_[slot - 1]);
    }
  }
  std::size_t memory_bytes() const;

 private:
  static constexpr std::uint32_t kBlockSlots = 64;
  static constexpr std::uint32_t kGroupBlocks = 16;

  bool alive(std::uint32_t slot) const {
    return (alive_[slot / kBlockSlots] >> (slot % kBlockSlots) & 1) != 0;
  }
  void rebuild(std::uint32_t living);

  std::vector<Member> members_;         // by slot
  std::vector<std::uint32_t> charges_;  // by slot; 0 where nobody lives
  std::vector<std::uint64_t> alive_;    // a bit for each slot
  std::vector<std::uint64_t> block_bytes_;
  std::vector<Depth> groups_;
  Depth total_;
  std::uint32_t next_ = 0;    // the first slot above the top
  std::uint32_t oldest_ = 0;  // nobody lives below it
};

}  // namespace nodetune
