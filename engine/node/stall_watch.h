// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "engine/base/clock.h"
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

// Follows the database's stall conditions: its listener says which family is held up since when,
// its counters say why.
//
// Thread: whoever holds it: the sampler.
class StallWatch {
 public:
  void observe(const DatabaseEvent& event);
  void observe(const Snapshot& snapshot);
  // Events were lost: who was held up is not known any more.
  void forget() { held_up_.clear(); }
  WriteStall stall(TimePoint now) const;

 private:
  struct HeldUp {
    bool stopped = false;
    TimePoint since{};
  };
  std::map<std::string, HeldUp> held_up_;  // by family
  std::array<std::uint64_t, kStallCauses.size()> counts_{};
  std::optional<StallCause> newest_cause_;  // whose counter grew last
};

}  // namespace nodetune
