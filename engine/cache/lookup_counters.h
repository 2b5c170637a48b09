// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include "engine/cache/epoch.h"

namespace nodetune {

// Hits and misses, counted by each thread in a cache line of its own.
//
// Thread: any. A sum taken while others count is of some moment within the call for each thread.
class LookupCounters {
 public:
  struct Sum {
    std::uint64_t hits = 0;
    std::uint64_t misses = 0;
  };

  void add(const epoch::ThreadSlot& thread, std::uint64_t hits, std::uint64_t misses) {
    if (thread.number < kOwnLines) {
      // Nobody else writes here: no locked instruction is needed.
      Line& own = lines_[thread.number];
      if (hits != 0) bump(own.hits, hits);
      if (misses != 0) bump(own.misses, misses);
    } else {
      Line& shared = lines_[kOwnLines];
      shared.hits.fetch_add(hits, std::memory_order_relaxed);
      shared.misses.fetch_add(misses, std::memory_order_relaxed);
    }
  }
  Sum sum() const {
    Sum all;
    for (const Line& line : lines_) {
      all.hits += line.hits.load(std::memory_order_relaxed);
      all.misses += line.misses.load(std::memory_order_relaxed);
    }
    return all;
  }

 private:
  static constexpr std::size_t kOwnLines = 31;
  struct alignas(128) Line {  // lines are fetched in pairs
    std::atomic<std::uint64_t> hits{0};
    std::atomic<std::uint64_t> misses{0};
  };
  static void bump(std::atomic<std::uint64_t>& count, std::uint64_t by) {
    count.store(count.load(std::memory_order_relaxed) + by, std::memory_order_relaxed);
  }

  std::array<Line, kOwnLines + 1> lines_;
};

}  // namespace nodetune
