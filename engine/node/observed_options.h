// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <string_view>
#include <vector>

#include "engine/node/node.h"
#include "engine/node/observed_views.h"
#include "engine/observe/option_history.h"

namespace nodetune {

// The fact that says how many opens the options are known of, and from when on.
inline constexpr std::string_view kOpensFact = "Opens whose options are known";

// False where there is no default to compare with.
bool differs_from_default(const OptionRow& row);

// Options in force with the defaults of the release that wrote them, what can be set in this
// client, and a fact for each thing that its options hide from us. Pure.
void describe_options(const Observation& seen, const ObservedLog& log,
                      const std::vector<KnobState>& knobs, NodeDescription& node);

// What was changed at restarts and between them. Times are UTC, and nothing where the LOG's zone is
// not known; with `local_times` those of LOGs stay as they stand. Pure.
void describe_history(const OptionHistory& history, const Observation& seen,
                      const LogSummary& story, bool local_times, NodeDescription& node);

}  // namespace nodetune
