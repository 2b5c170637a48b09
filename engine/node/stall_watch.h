// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <set>
#include <string>

#include "engine/base/clock.h"
#include "engine/base/missing.h"
#include "engine/base/stall_cause.h"
#include "engine/metrics/snapshot.h"
#include "engine/store/database.h"

namespace nodetune {

// What RocksDB does to writes at one moment.
struct WriteStall {
  enum class Level : std::uint8_t { none, slowed, stopped };
  Level level = Level::none;
  std::string families;             // printable: "storage, state_nodes"
  std::optional<StallCause> cause;  // nothing: not known
  double seconds = 0;               // for how long by now
};

// Follows how the database holds writes up: whether and since when by what it says at each look,
// why by its counters, whom by its listener. (Told conditions may come in the wrong order, from
// several of RocksDB's threads: they are not asked whether writes flow.)
//
// Thread: whoever holds it: the sampler.
class StallWatch {
 public:
  void observe(const DatabaseEvent& event);
  void observe(const Snapshot& snapshot);
  // Events were lost: who was held up is not known any more.
  void forget() { held_up_.clear(); }
  // As of the last snapshot.
  WriteStall stall() const;

 private:
  std::set<std::string> held_up_;  // families
  std::array<std::uint64_t, kStallCauses.size()> counts_{};
  std::optional<StallCause> newest_cause_;  // whose counter grew last
  double stalled_seconds_ = kMissing;       // since open
  WriteStall::Level level_ = WriteStall::Level::none;
  TimePoint since_{};
  TimePoint looked_{};
};

}  // namespace nodetune
