// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <array>
#include <cstdint>

#include "engine/batch/batch_figures.h"
#include "engine/batch/recent_quantile.h"

namespace nodetune {

// One commit that succeeded, as measured.
struct MeasuredCommit {
  std::uint64_t operations = 0;
  double seconds = 0;       // the wait for the disk included
  double sync_seconds = 0;  // that wait; 0: there was none of its own
  WritePath path = WritePath::sorted;
  Durability durability = Durability::log;
};

// Commits by path and by durability.
//
// Thread: whoever holds it.
class CommitMeter {
 public:
  CommitMeter();

  void record(const MeasuredCommit& commit);
  void fill(BatchFigures& figures) const;

 private:
  struct UnderDurability {
    std::uint64_t commits = 0;
    RecentQuantile seconds;
    double mean_operations = 0;

    UnderDurability();
  };

  std::array<PathFigures, kWritePathCount> paths_{};
  std::array<UnderDurability, kDurabilityCount> durabilities_{};
  RecentQuantile syncs_;
};

}  // namespace nodetune
