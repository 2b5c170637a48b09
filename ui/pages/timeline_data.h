// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <QString>
#include <vector>

#include "engine/node/storage_job.h"
#include "ui/chart/chart_overlay.h"
#include "ui/chart/timeline_layout.h"

namespace nodetune {

class NodeSession;

// From what a node tells to what its timeline shows, of the session's shown window. A node must be
// open.

// Lanes by level, in the order of the tree, with one for flushes; none where there is no job.
TimelineData timeline_data(const std::vector<StorageJob>& jobs, const NodeSession& session);

// What a tooltip says of a job: in the first row what, how much and how long, then the rest.
std::vector<TooltipRow> job_tooltip(const StorageJob& job, TimePoint now, bool utc);

// Whether it would be known that something was flushed or compacted.
bool tells_jobs(const NodeSession& session);
// Why there is no job in the window.
QString why_no_jobs(const NodeSession& session);

}  // namespace nodetune
