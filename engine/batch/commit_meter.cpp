// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/batch/commit_meter.h"

#include <algorithm>

namespace nodetune {
CommitMeter::UnderDurability::UnderDurability() : seconds(kRecentCommits) {}

CommitMeter::CommitMeter() : syncs_(kRecentCommits) {}

void CommitMeter::record(const MeasuredCommit& commit) {
  auto& path = paths_[index_of(commit.path)];
  path.commits += 1;
  path.operations += commit.operations;
  path.seconds += commit.seconds;

  auto& under = durabilities_[index_of(commit.durability)];
  under.commits += 1;
  under.seconds.add(commit.seconds);
  const auto counted = static_cast<double>(std::min<std::uint64_t>(under.commits, kRecentCommits));
  under.mean_operations +=
      (static_cast<double>(commit.operations) - under.mean_operations) / counted;
  if (commit.sync_seconds > 0) syncs_.add(commit.sync_seconds);
}

void CommitMeter::fill(BatchFigures& figures) const {
  figures.paths = paths_;
  for (const auto durability : kDurabilities) {
    const auto& under = durabilities_[index_of(durability)];
    auto& shown = figures.durabilities[index_of(durability)];
    shown.commits = under.commits;
    if (under.commits == 0) continue;
    shown.median_seconds = under.seconds.quantile(0.5);
    shown.mean_operations = under.mean_operations;
  }
  figures.median_sync_seconds = syncs_.quantile(0.5);
}

}  // namespace nodetune
