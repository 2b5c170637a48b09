// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <optional>

#include "engine/base/clock.h"
#include "engine/metrics/snapshot.h"
#include "engine/observe/observation.h"

namespace nodetune {

// How fast the live files of a database have grown, between the oldest and the newest size known:
// out of the statistics in its LOG, and out of what was watched since.
//
// Thread: one at a time.
class GrowthWatch {
 public:
  struct Growth {
    double bytes_per_second = 0;
    double window_seconds = 0;
  };

  // The live SST and blob bytes at a time; in any order.
  void add(TimePoint time, double bytes);
  // Nothing while the window is so short that one flush or compaction would decide.
  std::optional<Growth> growth() const;

 private:
  struct Size {
    TimePoint time{};
    double bytes = 0;
  };
  std::optional<Size> oldest_;
  std::optional<Size> newest_;
};

// What compactions may need beside their inputs, which are deleted only when the output is whole:
// as many of the largest kind as run at once, but no more than the largest level holds.
//
// Source: RocksDB's compaction_picker: a leveled compaction takes inputs up to max_compaction_bytes
// (0: 25 times target_file_size_base); a universal one may take the whole family (RocksDB wiki,
// Universal Compaction, "double size issue"). More than that is asked for where the node itself
// says that it has more to rewrite (pending compaction bytes). Missing without a MANIFEST.
double compaction_headroom_bytes(const Observation& seen, double pending_compaction_bytes);

// Sets growth, headroom and the time until the disk is full, (free - headroom) / growth: missing
// while the database does not grow.
// Either may be missing.
void fill_growth(double growth_bytes_per_second, double headroom_bytes, Snapshot& snapshot);

}  // namespace nodetune
