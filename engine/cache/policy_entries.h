// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace nodetune {

// The entries of a simulated cache and its ghosts: found by key, kept in a few queues.
//
// One array of 32-byte entries linked by index, and an array of buckets: no allocation but when the
// arrays grow, by doubling. They do not shrink.
// Thread: one.
class PolicyEntries {
 public:
  using Index = std::uint32_t;
  static constexpr Index kNone = 0xffff'ffff;
  static constexpr std::size_t kQueues = 4;
  static constexpr std::uint8_t kMaxFrequency = 3;

  struct Entry {
    std::uint64_t key = 0;
    std::uint32_t charge = 0;
    std::uint32_t last_use = 0;  // counts accesses, modulo 2^32
    Index newer = kNone;         // neighbours in the queue
    Index older = kNone;
    Index chain = kNone;  // next in the bucket, or in the list of free entries
    std::uint8_t queue = 0;
    std::uint8_t frequency = 0;  // 0 to kMaxFrequency, as the policy counts it
  };

  PolicyEntries();

  Index find(std::uint64_t key) const;
  // A new entry as its queue's newest. The key must not be there yet.
  Index insert(std::uint64_t key, std::uint32_t charge, std::size_t queue);
  void erase(Index index);
  void move_to_newest(Index index, std::size_t queue);
  void set_charge(Index index, std::uint32_t charge);
  void clear();

  Entry& operator[](Index index) { return entries_[index]; }
  const Entry& operator[](Index index) const { return entries_[index]; }
  Index newest(std::size_t queue) const { return queues_[queue].newest; }
  Index oldest(std::size_t queue) const { return queues_[queue].oldest; }
  std::size_t count(std::size_t queue) const { return queues_[queue].count; }
  std::uint64_t charge(std::size_t queue) const { return queues_[queue].charge; }
  std::size_t memory_bytes() const;

 private:
  struct Queue {
    Index newest = kNone;
    Index oldest = kNone;
    std::size_t count = 0;
    std::uint64_t charge = 0;
  };

  std::size_t bucket_of(std::uint64_t key) const;
  void link(Index index, std::size_t queue);
  void unlink(Index index);
  void grow_buckets();

  std::vector<Entry> entries_;
  std::vector<Index> buckets_;  // a power of two
  std::array<Queue, kQueues> queues_{};
  Index free_ = kNone;
  std::size_t used_ = 0;
};

}  // namespace nodetune
