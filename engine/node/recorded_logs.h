// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "engine/base/status.h"
#include "engine/metrics/history.h"
#include "engine/node/node.h"
#include "engine/observe/logs_alone.h"
#include "engine/tuner/database_tuner.h"

namespace nodetune {

// What a recording holds but for its History.
struct RecordedPast {
  NodeDescription description;
  std::vector<KnobState> knobs;
  std::vector<MemoryPart> memory_parts;
  std::vector<NodeEvent> events;  // ascending, the newest
  std::vector<StorageJob> jobs;   // likewise
  std::vector<Recommendation> recommendations;
  std::shared_ptr<const Snapshot> last;  // the last state; its time is the recording's end
};

// Reads LOG files from their beginning to their end, in bounded memory, and fills `history` with
// what they tell at the times that they tell it. Takes as long as the files are: call it on a
// worker thread. Errors: nothing in them could be read.
Result<RecordedPast> read_past(const LogsAlone& logs, const TunerConfig& tuner, History& history);

// The same files as samples, but for stalled seconds, and jobs: what a recording is filled back
// with.
// `go_on` is asked after every piece, with its bytes; false ends with cancelled. Errors: nothing
// could be read; no line tells the zone, so that their times cannot stand beside live ones.
Status replay_logs(const LogsAlone& logs, const std::function<bool(std::int64_t)>& go_on,
                   const std::function<void(const Snapshot&)>& take,
                   const std::function<void(StorageJob)>& take_job = {});

}  // namespace nodetune
