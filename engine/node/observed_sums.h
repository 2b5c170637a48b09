// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/metrics/snapshot.h"
#include "engine/node/node.h"
#include "engine/node/observed_views.h"

namespace nodetune {

// What one database of several brings into what is shown of all.
struct GroupPart {
  std::string name;  // printable
  std::shared_ptr<const Snapshot> snapshot;
  std::shared_ptr<const ObservedView> view;  // its options are not looked at
};

// Bytes, files and counters are added, L0 files and stalls are those of the worst; levels and
// families carry the database's name in front. A figure that one of them does not know is missing:
// a sum without a part would look like good news. The machine's figures stay as they are in
// `snapshot`.
void sum_up(const std::vector<GroupPart>& parts, Snapshot& snapshot);

// "Flushes, Compactions: not known of peers", where some databases know a figure and others do not.
std::vector<std::string> missing_parts(const std::vector<GroupPart>& parts);

// The facts of each, in one row; what they share in fields of their own. `path`, `reason` and
// `databases` are for the caller.
NodeDescription describe_all(const std::vector<GroupPart>& parts);

// One value where all have the same, else which has what.
std::vector<KnobState> knobs_of_all(const std::vector<GroupPart>& parts);

// "state · default"; the database's name alone where there is no family.
std::string in_database(const std::string& database, const std::string& family);

}  // namespace nodetune
