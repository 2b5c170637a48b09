// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <optional>

#include "engine/base/clock.h"
#include "engine/base/status.h"
#include "engine/batch/batch_processor.h"
#include "engine/node/managed_settings.h"
#include "engine/store/database.h"

namespace nodetune {

// What somebody asks of the committer; nothing: as the directory was left.
struct BatchSettings {
  std::optional<BatchSizeMode> mode = std::nullopt;
  std::optional<double> commit_seconds_max = std::nullopt;  // of the adaptive mode
  std::optional<int> size = std::nullopt;                   // operations, by hand
  std::optional<Durability> durability = std::nullopt;
};

// The committer's settings, as a managed directory keeps them: put in force, then saved for the
// next open.
//
// Thread: the commander's. Lifetime: settings and processor outlive it.
class ManagedBatches {
 public:
  ManagedBatches(SettingsTable& settings, BatchProcessor& batches)
      : settings_(settings), batches_(batches) {}

  // Behind ManagedTargets::restore(), which brings a size that was set by hand. What was saved and
  // is not valid any more is left out and named (invalid_argument).
  Status restore();
  // Paths are chosen by what they cost on this disk: measured at the first open, half a second.
  // Not ok: the costs of a usual disk stand.
  Status calibrate(Database& database, Clock& clock);
  // What is asked for wins over what was saved, and is saved.
  Status apply(const BatchSettings& asked);
  Status set_size_mode(BatchSizeMode mode, double commit_seconds_max);
  Status set_durability(Durability durability);
  // A size was set by hand.
  Status remember_fixed();

 private:
  SettingsTable& settings_;
  BatchProcessor& batches_;
};

}  // namespace nodetune
