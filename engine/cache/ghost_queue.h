// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace nodetune {

// The keys that were thrown out lately, by hash: oldest first, found and forgotten in O(1).
//
// Memory: 20 to 48 bytes a key. Without memory to grow, older keys are forgotten instead.
// Thread: one.
class GhostQueue {
 public:
  // Forgets the oldest keys while their charges add up to more than `charge`.
  void trim_to(std::uint64_t charge);
  void push(std::uint64_t hash, std::uint32_t charge_units) noexcept;
  // Forgets the key; true if it was there.
  bool take(std::uint64_t hash);
  bool pop_oldest();
  void clear();

  std::uint64_t charge() const;
  std::size_t size() const { return live_; }

 private:
  struct Record {
    std::uint64_t hash;
    std::uint32_t charge_units;
    bool live;
  };
  std::uint32_t& place_of(std::uint64_t hash);  // its record's number + 1, or the 0 at its place
  void forget(std::uint64_t hash);
  void remake(std::size_t size);

  std::vector<Record> ring_;          // a power of two, or empty
  std::vector<std::uint32_t> table_;  // twice as long: linear probing
  std::uint64_t oldest_ = 0;          // records oldest_ to next_ - 1, modulo the ring's size
  std::uint64_t next_ = 0;
  std::size_t live_ = 0;
  std::uint64_t charge_units_ = 0;
};

}  // namespace nodetune
