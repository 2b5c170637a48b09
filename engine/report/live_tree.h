// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <vector>

#include "engine/metrics/history.h"
#include "engine/metrics/snapshot.h"
#include "engine/report/text_line.h"

namespace nodetune {

// The levels of all families together, and how often each of RocksDB's stall conditions was entered
// between the two times: side by side where `columns` allow it, else the stalls first.
std::vector<TextLine> tree_lines(const Snapshot& snapshot, const History& history, TimePoint begin,
                                 TimePoint end, int columns);

}  // namespace nodetune
