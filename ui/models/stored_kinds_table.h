// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <QString>
#include <vector>

#include "engine/node/kind_figures.h"
#include "ui/models/cell_model.h"

// What is stored of each kind of object, as rows: pure functions of what the node published.

namespace nodetune {

// One a kind, in the snapshot's order. Walks over the history: not for every frame.
std::vector<KindGrowth> stored_growth(const Node& node, const std::vector<KindFigures>& kinds);

// Kind, size, share, files, keys, growth a day. `growth`: one a kind; may be shorter.
std::vector<CellColumn> stored_kind_columns();
std::vector<CellRow> stored_kind_rows(const std::vector<KindFigures>& kinds,
                                      const std::vector<KindGrowth>& growth);
// What is not told apart and why, what growth is of, and what this client keeps elsewhere.
QString stored_kinds_note(const NodeDescription& description, const std::vector<KindFigures>& kinds,
                          const std::vector<KindGrowth>& growth);
// Of bars and lines: each kind as everywhere, the rest in greys.
int kind_colour(const KindFigures& kind);

}  // namespace nodetune
