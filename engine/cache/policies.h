// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include "engine/cache/policy_simulation.h"

// The policies that make_policy_simulation() makes.
namespace nodetune {

class LruSimulation final : public PolicySimulation {
 public:
  explicit LruSimulation(std::uint64_t capacity) : PolicySimulation(capacity) {}

  PolicyKind kind() const override { return PolicyKind::lru; }
  bool contains(std::uint64_t key) const override { return entries_.find(key) != kNone; }
  std::size_t entries() const override { return entries_.count(kAll); }
  std::uint64_t charge() const override { return entries_.charge(kAll); }

 protected:
  bool is_resident(Index) const override { return true; }
  void on_hit(Index index) override;
  Index on_miss(std::uint64_t key, std::uint32_t charge, Index ghost) override;
  void make_room(std::uint64_t extra) override;
  Index place(const PolicyResident& resident) override;

 private:
  enum : std::uint8_t { kAll };
};

// Source: Yang et al., "FIFO queues are all you need for cache eviction", SOSP'23. Sizes are sums
// of charges; with charges of 1 it is the paper's algorithm.
class S3FifoSimulation final : public PolicySimulation {
 public:
  explicit S3FifoSimulation(std::uint64_t capacity) : PolicySimulation(capacity) { on_resize(); }

  PolicyKind kind() const override { return PolicyKind::s3fifo; }
  bool contains(std::uint64_t key) const override;
  std::size_t entries() const override { return entries_.count(kSmall) + entries_.count(kMain); }
  std::uint64_t charge() const override { return entries_.charge(kSmall) + entries_.charge(kMain); }

 protected:
  bool is_resident(Index index) const override { return entries_[index].queue != kGhost; }
  void on_hit(Index) override {}  // its frequency is counted already
  Index on_miss(std::uint64_t key, std::uint32_t charge, Index ghost) override;
  void make_room(std::uint64_t extra) override;
  void on_resize() override;
  Index place(const PolicyResident& resident) override;

 private:
  enum : std::uint8_t { kSmall, kMain, kGhost };

  void evict_from_small();
  void evict_from_main();

  std::uint64_t small_capacity_ = 0;
  std::uint64_t ghost_capacity_ = 0;
};

// Source: Megiddo and Modha, "ARC: a self-tuning, low overhead replacement cache", FAST'03. Sizes
// are sums of charges; with charges of 1 it is the paper's algorithm.
class ArcSimulation final : public PolicySimulation {
 public:
  explicit ArcSimulation(std::uint64_t capacity) : PolicySimulation(capacity) {}

  PolicyKind kind() const override { return PolicyKind::arc; }
  bool contains(std::uint64_t key) const override;
  std::size_t entries() const override { return entries_.count(kRecent) + entries_.count(kOften); }
  std::uint64_t charge() const override {
    return entries_.charge(kRecent) + entries_.charge(kOften);
  }

 protected:
  bool is_resident(Index index) const override { return entries_[index].queue <= kOften; }
  void on_hit(Index index) override { entries_.move_to_newest(index, kOften); }
  Index on_miss(std::uint64_t key, std::uint32_t charge, Index ghost) override;
  void make_room(std::uint64_t extra) override;
  void on_resize() override;
  Index place(const PolicyResident& resident) override;

 private:
  enum : std::uint8_t { kRecent, kOften, kRecentGhost, kOftenGhost };  // T1, T2, B1, B2

  Index on_ghost_hit(std::uint64_t key, std::uint32_t charge, Index ghost);
  void trim_ghosts(std::uint64_t recent, std::uint64_t extra);
  void replace(bool for_often_ghost);

  double recent_target_ = 0;  // p: the charge that T1 should hold, 0 to capacity
};

}  // namespace nodetune
