// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <QString>
#include <optional>
#include <vector>

#include "engine/base/missing.h"
#include "engine/node/storage_job.h"
#include "ui/models/cell_model.h"

// Flushes and compactions as texts and rows: pure functions of what the node told.

namespace nodetune {

QString job_kind(const StorageJob& job);  // "Flush"
// "L0 → L1", "Flush → L0"; "?" where a level is not known.
QString job_levels(const StorageJob& job);
// Of one that runs until `now`.
double job_seconds(const StorageJob& job, TimePoint now);
// "14 s", "runs for 14 s".
QString job_took(const StorageJob& job, TimePoint now);
// "1.2 GiB → 1.1 GiB"; "–" for what is not known.
QString job_bytes(const StorageJob& job);

struct JobTimes {
  TimePoint now{};
  bool utc = false;
  bool with_date = false;
};
// Begin, took, what, family, levels, in, out, out per second, reason. The key is the job's
// sequence number.
std::vector<CellColumn> job_columns();
std::vector<CellRow> job_rows(const std::vector<StorageJob>& jobs, const JobTimes& times);
QString job_key(const StorageJob& job);

// Of a window. Bytes are of those jobs that tell theirs.
struct JobSummary {
  int flushes = 0;
  int compactions = 0;
  int running = 0;  // of both
  double input_bytes = kMissing;
  double output_bytes = kMissing;
  double busy_share = 0;              // of the window: at least one job ran
  std::optional<StorageJob> longest;  // nothing: there is none
};
// `jobs` ascend by begin.
JobSummary summarise_jobs(const std::vector<StorageJob>& jobs, TimePoint begin, TimePoint end);

}  // namespace nodetune
