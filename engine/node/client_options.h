// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <string>
#include <vector>

#include "engine/node/node.h"
#include "engine/observe/observation.h"

namespace nodetune {

// What an operator of this client can set, then what is hard-coded in it: the eight knobs and the
// client's further settings, with the values in force. Empty where the client is not known. Pure.
std::vector<ClientOption> client_options(const Observation& seen,
                                         const std::vector<KnobState>& knobs);

// Of several databases of one node: the same lines, with the value that all of them have.
std::vector<ClientOption> client_options_of_all(
    const std::vector<std::vector<ClientOption>>& databases);

// "set --metrics-…, or …": what makes this client tell more of its database; empty: nothing does.
std::string how_to_see_more(const Observation& seen);

}  // namespace nodetune
