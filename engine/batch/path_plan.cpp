// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/batch/path_plan.h"

#include <bit>

namespace nodetune {
namespace {

constexpr std::uint64_t kLookEvery = 64;  // commits: their shape changes slowly
constexpr double kOperationBytesSmoothing = 1.0 / 16;

}  // namespace

PathPlan::PathPlan(const BatchConfig& config)
    : always_(config.path),
      operations_max_(config.max_batch_size),
      durability_(config.durability) {}

WritePath PathPlan::choose(const CommitShape& shape) const {
  if (always_) return *always_;
  auto asked = shape;
  asked.bulk = bulk_;
  return chooser_.choose(asked);
}

bool PathPlan::observe(std::uint64_t operations, std::uint64_t bytes, std::uint32_t families) {
  if (operations == 0) return false;
  // NodeTune's own family takes part in each commit: it has the sequence.
  families_ = static_cast<std::uint32_t>(std::popcount(families | 1U << index_of(Family::own)));
  const double each = static_cast<double>(bytes) / static_cast<double>(operations);
  operation_bytes_ += (each - operation_bytes_) * (commits_ == 0 ? 1 : kOperationBytesSmoothing);
  if (commits_++ % kLookEvery != 0) return false;
  find_thresholds();
  return true;
}

void PathPlan::set_chooser(const PathChooser& chooser) {
  chooser_ = chooser;
  commits_ = 0;  // the next commit finds the thresholds
}

void PathPlan::set_durability(Durability durability) {
  durability_ = durability;
  commits_ = 0;
}

void PathPlan::set_bulk(bool bulk) {
  bulk_ = bulk;
  commits_ = 0;
}

void PathPlan::find_thresholds() {
  thresholds_ = {};
  for (const auto path : kWritePaths) {
    if (always_) {
      if (path == *always_) thresholds_[index_of(path)] = 0;
    } else {
      thresholds_[index_of(path)] =
          chooser_.threshold(path, families_, operation_bytes_, durability_, bulk_);
    }
  }
}

std::optional<int> PathPlan::ingest_from() const {
  const auto& threshold = thresholds_[index_of(WritePath::ingested)];
  if (!threshold || *threshold > static_cast<std::uint64_t>(operations_max_)) return std::nullopt;
  return static_cast<int>(*threshold);
}

CommitCost PathPlan::ingestion_cost() const {
  const auto& costs = chooser_.costs();
  return {costs.seconds_per_ingestion + costs.seconds_per_ingested_file * families_,
          costs.seconds_per_operation_ingested};
}

void PathPlan::fill(BatchFigures& figures) const {
  figures.path_costs = chooser_.costs();
  figures.path_thresholds = thresholds_;
  figures.bulk = bulk_;
  if (commits_ == 0) return;
  figures.usual_families = families_;
  figures.usual_operation_bytes = operation_bytes_;
}

}  // namespace nodetune
