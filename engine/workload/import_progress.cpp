// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/workload/import_progress.h"

namespace nodetune {

ImportFigures ImportRate::observe(SteadyTime now, const ImportProgress& progress) {
  ImportFigures figures;
  static_cast<ImportProgress&>(figures) = progress;
  if (!seen_.empty() && progress.blocks < seen_.back().progress.blocks) seen_.clear();  // anew
  seen_.push_back({now, progress});
  while (seen_.size() > 2 && now - seen_[1].at >= kWindow) seen_.pop_front();
  const auto& before = seen_.front();
  const double seconds = to_seconds(now - before.at);
  if (seconds <= 0 || progress.blocks == before.progress.blocks) return figures;
  figures.blocks_per_second =
      static_cast<double>(progress.blocks - before.progress.blocks) / seconds;
  figures.bytes_per_second = static_cast<double>(progress.bytes - before.progress.bytes) / seconds;
  const double done = progress.done_ratio - before.progress.done_ratio;
  if (done > 0) figures.seconds_left = (1 - progress.done_ratio) / done * seconds;
  return figures;
}

}  // namespace nodetune
