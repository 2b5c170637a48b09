// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <QString>
#include <vector>

#include "engine/node/node.h"
#include "ui/models/cell_model.h"

// The tables of the Options tab as rows: pure functions of what the node published.

namespace nodetune {

// What is as RocksDB has it anyhow stands back.
std::vector<CellColumn> option_columns();
std::vector<CellRow> option_rows(const NodeDescription& description);
// Those that are not the default, what several families have in common as one row.
std::vector<CellRow> differing_option_rows(const NodeDescription& description);
int count_differing(const NodeDescription& description);

// `utc`: how the window shows times.
std::vector<CellColumn> option_change_columns();
std::vector<CellRow> option_change_rows(const NodeDescription& description, bool utc);
// What stands there while nothing changed; empty: no open is known.
QString no_option_change(const NodeDescription& description);

// What can be set in the client, or what is hard-coded in it. The key is the line to be copied.
std::vector<CellColumn> client_option_columns();
std::vector<CellRow> client_option_rows(const NodeDescription& description);
std::vector<CellColumn> hard_coded_columns();
std::vector<CellRow> hard_coded_rows(const NodeDescription& description);

}  // namespace nodetune
