// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <cstdint>
#include <deque>
#include <optional>

#include "engine/base/clock.h"
#include "engine/base/missing.h"

namespace nodetune {

// How far an import has come. Blocks and bytes are those of this run.
struct ImportProgress {
  std::uint64_t blocks = 0;            // handed over to be committed
  std::uint64_t bytes = 0;             // of their headers, bodies and receipts, decoded
  std::optional<std::uint64_t> first;  // numbers; nothing before the first block
  std::optional<std::uint64_t> last;
  double done_ratio = 0;  // of all that is wanted, what was stored before too
};

// The same with how fast it goes.
struct ImportFigures : ImportProgress {
  double blocks_per_second = kMissing;  // over the last seconds
  double bytes_per_second = kMissing;
  double seconds_left = kMissing;  // at the speed of the last seconds
};

// Derives rates from what is observed now and then.
//
// Thread: one. Rates are over kWindow; missing until two observations lie apart, and while nothing
// moves.
class ImportRate {
 public:
  static constexpr Duration kWindow = std::chrono::seconds(10);

  ImportFigures observe(SteadyTime now, const ImportProgress& progress);
  void forget() { seen_.clear(); }  // after a pause

 private:
  struct Seen {
    SteadyTime at{};
    ImportProgress progress;
  };
  std::deque<Seen> seen_;  // oldest first, within the window
};

}  // namespace nodetune
