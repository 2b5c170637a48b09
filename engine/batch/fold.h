// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "engine/batch/write_group.h"

namespace nodetune {

enum class FoldFor : std::uint8_t {
  write_batch,  // its operations take effect one after another
  table_file,   // all of its operations have one age: no more than one a key
};

// The net effect of groups that are applied one after another, moved out of them: for each family
// in turn the deleted ranges, disjoint and sorted, then at most one operation a key, sorted.
//
// What a later range covers vanishes, and a point operation after a range survives it: applied as
// ordered, or as a table file (whose ranges do not touch its points), the result leaves what the
// operations one by one leave. Merges are summed, into the put below them where there is one.
//
// A single delete removes one put, and RocksDB forgets a plain delete below such a pair: so one
// stays one, also below a new put (write_batch), or becomes a range of one key (table_file, which
// knows no single deletes). Else what it removed would come back with the next one.
//
// Strong guarantee: when it throws, the groups are as they were.
std::vector<WriteOperation> fold(std::span<WriteGroup> groups, FoldFor purpose);

}  // namespace nodetune
