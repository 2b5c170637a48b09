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
// What ages are counted from.
struct LastLook {
  TimePoint time;
  bool is_end = false;  // of a recording
};
std::vector<CellRow> memory_rows(const std::vector<MemoryPart>& parts, const LastLook& look);

}  // namespace nodetune
