// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <string>

#include "engine/metrics/snapshot.h"
#include "engine/node/observed_views.h"
#include "engine/observe/observation.h"

namespace nodetune {

// What a restart of the node costs its storage: how long it took to open, what there is to replay,
// which caches are cold afterwards. One sentence, each figure with where it was found; what is not
// known is said.
std::string restart_price(const Observation& seen, const ObservedLog& log,
                          const Snapshot& snapshot);

}  // namespace nodetune
