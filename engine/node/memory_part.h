// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "engine/base/clock.h"
#include "engine/base/missing.h"
#include "engine/metrics/catalogue.h"

namespace nodetune {

// One use of a foreign node's memory, as far as it can be known from outside.
struct MemoryPart {
  enum class Kind : std::uint8_t {
    block_cache,
    memtables,
    index_blocks,
    filter_blocks,
    process,  // all that the node's process holds
    limit,    // what it may hold
  };

  Kind kind = Kind::block_cache;
  std::string name;             // "RocksDB block cache"
  double bytes = kMissing;      // now
  double bytes_max = kMissing;  // what its options allow it
  std::string note;             // "1 GiB in each of 8 families; whether they share one is unknown"
  std::string origin;           // "LOG", "OPTIONS-000123", "/proc/4711/status"
  Source source = Source::measured;
  std::optional<TimePoint> as_of = std::nullopt;  // nothing: at the last look
};

}  // namespace nodetune
