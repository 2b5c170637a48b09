// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <vector>

#include "engine/node/memory_part.h"
#include "ui/models/cell_model.h"

// The table of the Memory page: pure functions of what the node published.

namespace nodetune {

// Part, now, at most, what is to be said, found in, age.
std::vector<CellColumn> memory_columns();
inline constexpr int kMemoryNoteColumn = 3;
// `now`: for the age of what is older than the last look.
std::vector<CellRow> memory_rows(const std::vector<MemoryPart>& parts, TimePoint now);

}  // namespace nodetune
