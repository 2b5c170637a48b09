// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "engine/cache/policy_entries.h"
#include "engine/cache/policy_kind.h"

namespace nodetune {

// What a switch of policies takes along.
struct PolicyResident {
  std::uint64_t key = 0;
  std::uint32_t charge = 0;
  std::uint32_t age = 0;       // accesses since its last use
  std::uint8_t frequency = 0;  // 0 to PolicyEntries::kMaxFrequency
};

// A cache without values that follows a policy exactly: what a trace, or a sample of a live cache's
// lookups, would hit and miss under it. A miss inserts.
//
// Invariant: charge() <= capacity(). Charges are bytes, or 1 each to count entries; 0 counts as 1,
// more than 4 GiB as 4 GiB. What is larger than the whole capacity is not kept.
// Thread: one.
class PolicySimulation {
 public:
  virtual ~PolicySimulation() = default;
  PolicySimulation(const PolicySimulation&) = delete;
  PolicySimulation& operator=(const PolicySimulation&) = delete;

  // True for a hit. The entry takes this charge, also when it had another.
  bool access(std::uint64_t key, std::uint64_t charge = 1);
  // Evicts at once what no longer fits.
  void resize(std::uint64_t capacity);
  // Takes the place of all entries and ghosts. Oldest use first; what does not fit is evicted.
  void adopt(std::span<const PolicyResident> residents);
  // Oldest use first.
  std::vector<PolicyResident> residents() const;

  virtual PolicyKind kind() const = 0;
  virtual bool contains(std::uint64_t key) const = 0;
  virtual std::size_t entries() const = 0;
  virtual std::uint64_t charge() const = 0;
  std::uint64_t capacity() const { return capacity_; }
  std::uint64_t evictions() const { return evictions_; }
  std::size_t memory_bytes() const { return entries_.memory_bytes(); }

 protected:
  using Index = PolicyEntries::Index;
  static constexpr Index kNone = PolicyEntries::kNone;

  explicit PolicySimulation(std::uint64_t capacity) : capacity_(capacity) {}

  virtual bool is_resident(Index index) const = 0;
  virtual void on_hit(Index index) = 0;
  // Makes room, then inserts. `ghost` is the key's entry among the ghosts, or kNone.
  virtual Index on_miss(std::uint64_t key, std::uint32_t charge, Index ghost) = 0;
  // Evicts until charge() + `extra` <= capacity(), and trims the ghosts.
  virtual void make_room(std::uint64_t extra) = 0;
  virtual void on_resize() {}
  // Puts one more entry in, newer than those before; room is made afterwards.
  virtual Index place(const PolicyResident& resident) = 0;
  void evict(Index index);

  PolicyEntries entries_;
  std::uint64_t capacity_;
  std::uint64_t evictions_ = 0;

 private:
  std::uint32_t clock_ = 0;
};

// `capacity` in the unit of the charges.
std::unique_ptr<PolicySimulation> make_policy_simulation(PolicyKind policy, std::uint64_t capacity);

}  // namespace nodetune
