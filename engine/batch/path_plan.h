// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "engine/batch/batch_config.h"
#include "engine/batch/batch_figures.h"
#include "engine/batch/path_costs.h"

namespace nodetune {

// The path of each commit, and from which size on which path is taken by commits like the last
// ones: for those who choose sizes, and for display.
//
// Thread: whoever holds it.
class PathPlan {
 public:
  explicit PathPlan(const BatchConfig& config);

  WritePath choose(const CommitShape& shape) const;
  // A commit was made. True: the thresholds may have moved.
  bool observe(std::uint64_t operations, std::uint64_t bytes, std::uint32_t families);
  void set_chooser(const PathChooser& chooser);
  void set_durability(Durability durability);
  void set_bulk(bool bulk);

  // Nothing: commits like the last ones are never ingested.
  std::optional<int> ingest_from() const;
  CommitCost ingestion_cost() const;
  void fill(BatchFigures& figures) const;

 private:
  void find_thresholds();

  PathChooser chooser_;
  const std::optional<WritePath> always_;
  const int operations_max_;
  Durability durability_;
  bool bulk_ = false;
  std::uint64_t commits_ = 0;
  std::uint32_t families_ = 1;  // of the last commits
  double operation_bytes_ = 0;  // mean, of the last commits
  std::array<std::optional<std::uint64_t>, kWritePathCount> thresholds_{};
};

}  // namespace nodetune
