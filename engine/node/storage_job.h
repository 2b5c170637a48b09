// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "engine/base/clock.h"
#include "engine/metrics/catalogue.h"

namespace nodetune {

// A flush or a compaction: what ran when, on which level, how long, how much.
struct StorageJob {
  enum class Kind : std::uint8_t { flush, compaction };

  std::uint64_t sequence = 0;  // 1, 2, … in the order they became known
  Kind kind = Kind::flush;
  std::string family;  // printable
  TimePoint begin{};
  std::optional<TimePoint> end;     // nothing: it runs
  std::optional<int> input_level;   // the lowest number; nothing: a flush, or not known
  std::optional<int> output_level;  // 0 of a flush
  std::optional<std::int64_t> input_bytes;
  std::optional<std::int64_t> output_bytes;
  std::string reason;  // as RocksDB names it
  Source source = Source::measured;
};

}  // namespace nodetune
