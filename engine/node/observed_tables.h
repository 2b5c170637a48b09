// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <vector>

#include "engine/metrics/snapshot.h"
#include "engine/node/node.h"
#include "engine/observe/observation.h"

namespace nodetune {

// Into the families and levels that are in `snapshot` already: keys, index and filter blocks out of
// the SST files' properties, targets and debt out of the options. A debt that the node itself wrote
// down a moment ago stays; else it is derived, and marked so. Pure functions.
void fill_tables(const Observation& seen, Snapshot& snapshot);

// What the SST files say of themselves, which files nobody names, and where the debt comes from.
void add_table_facts(const Observation& seen, const Snapshot& snapshot, std::vector<Fact>& facts);

// The newest table format that this version of RocksDB reads: "7.8.3" -> 5.
int table_format_max(std::string_view rocksdb_version);

}  // namespace nodetune
