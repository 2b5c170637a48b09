// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <QString>
#include <array>
#include <vector>

#include "engine/metrics/snapshot.h"
#include "engine/metrics/stall_conditions.h"
#include "engine/node/node.h"
#include "ui/models/cell_model.h"

// The tables of the Database page as rows: pure functions of what the node published.

namespace nodetune {

// Level, files, size, target, debt, score, write amplification, read, written. `family` empty: all
// families together, level by level, with the worst score, and a line for the whole tree.
std::vector<CellColumn> level_columns();
std::vector<CellRow> level_rows(const Snapshot& snapshot, const QString& family);

std::vector<CellColumn> family_columns();
std::vector<CellRow> family_rows(const Snapshot& snapshot);

// How often each condition was entered: in the shown window, by kStallConditions, and since open.
using StallGains = std::array<double, kStallConditions.size()>;
std::vector<CellColumn> stall_columns();
std::vector<CellRow> stall_rows(const Snapshot& snapshot, const StallGains& window);

// What is known of the directory, with where it was found.
std::vector<CellColumn> fact_columns();
// `now`: for the age of what is older than the last look.
std::vector<CellRow> fact_rows(const NodeDescription& description, TimePoint now);

}  // namespace nodetune
