// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/metrics/snapshot.h"
#include "engine/node/node.h"
#include "engine/recording/recording_format.h"

namespace nodetune {

// A recording's documents: JSON, one object each.
//
// What a document of somebody else's does not hold, or holds as something else, stays as it is in
// an empty value; nothing here fails.
namespace document {
inline constexpr std::string_view kDescription = "description";
inline constexpr std::string_view kKnobs = "knobs";
inline constexpr std::string_view kState = "state";
}  // namespace document

std::string description_json(const NodeDescription& description);
NodeDescription description_from_json(std::string_view json);

std::string knob_states_json(const std::vector<KnobState>& knobs);
// Whatever they say, none can be set.
std::vector<KnobState> knob_states_from_json(std::string_view json);

// The whole of a snapshot but for histograms: values, levels, families, kinds,
// stalls.
std::string state_json(const Snapshot& snapshot);
Snapshot state_from_json(std::string_view json);

RecordedEvent to_recorded(const NodeEvent& event);
NodeEvent from_recorded(const RecordedEvent& event);

}  // namespace nodetune
