// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/base/clock.h"
#include "engine/base/status.h"
#include "engine/batch/write_path.h"
#include "engine/store/durability.h"

namespace nodetune {

// What each path costs on one disk, in seconds. The defaults are those of a cheap disk: they stand
// where nothing could be measured.
struct PathCosts {
  double seconds_per_operation_plain = 4e-6;
  double seconds_per_operation_sorted = 3e-6;
  double seconds_per_operation_ingested = 0.8e-6;
  double seconds_per_operation_flushed = 1.5e-6;  // of a memtable, later, by another thread
  double seconds_per_commit = 20e-6;              // of a write batch, whatever it holds
  double seconds_per_ingestion = 4e-3;            // whatever it holds: the MANIFEST, its fsync
  double seconds_per_ingested_file = 1.5e-3;      // one a family
  double seconds_per_fsync = 2e-3;                // of the write-ahead log
  std::string device;         // "8:1": that it was measured on; empty: the defaults
  TimePoint calibrated_at{};  // of the last measurement

  bool measured() const { return !device.empty(); }
  std::string encode() const;  // JSON, for Family::own
  static Result<PathCosts> decode(std::string_view text);
};

// What decides the path of a commit.
struct CommitShape {
  std::uint64_t operations = 0;
  std::uint64_t bytes = 0;     // keys and values
  std::uint32_t families = 0;  // those touched, NodeTune's own included: bit index_of(family)
  Durability durability = Durability::log;
  bool bulk = false;  // throughput counts: what is left to other threads, too
};

struct PathLimits {
  // An ingested file lies in level 0 until a compaction takes it. Smaller ones come faster than
  // they go, and each compaction rewrites much of level 1 for little.
  std::uint64_t ingested_file_bytes_min = 1 << 20;  // the mean of a commit's files
  std::uint64_t sorted_operations_min = 8;          // with fewer there is nothing to sort
};

// Picks the path on which a commit is expected to be done soonest; in bulk, the one that costs
// least in all.
//
// Thread: any; it does not change.
class PathChooser {
 public:
  explicit PathChooser(const PathCosts& costs = {}, const PathLimits& limits = {})
      : costs_(costs), limits_(limits) {}

  WritePath choose(const CommitShape& shape) const;
  double expected_seconds(const CommitShape& shape, WritePath path) const;

  // For display: the fewest operations for which the path is taken, by a commit of so many
  // families and so many bytes an operation; nothing: never.
  std::optional<std::uint64_t> threshold(WritePath path, std::size_t families,
                                         double bytes_per_operation, Durability durability,
                                         bool bulk = false) const;

  const PathCosts& costs() const { return costs_; }

 private:
  PathCosts costs_;
  PathLimits limits_;
};

}  // namespace nodetune
