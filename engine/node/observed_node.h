// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <memory>
#include <string>

#include "engine/base/clock.h"
#include "engine/base/status.h"
#include "engine/node/node.h"
#include "engine/tuner/database_tuner.h"

namespace nodetune {

// A RocksDB directory that belongs to somebody else: read from outside by our own parsers. No
// RocksDB handle, no lock, no byte written there. `reason` says why it is not managed. What an
// operator decides about recommendations is kept in the user's state folder. `metrics_url`: where
// the node serves its own metrics; empty: looked for where its client serves them.
// Errors: not a RocksDB directory (the message says what it is), missing, no permission; a
// `metrics_url` that is none.
Result<std::unique_ptr<Node>> open_observed(const std::string& path, std::string reason,
                                            Clock& clock, const TunerConfig& tuner = {},
                                            const std::string& metrics_url = {});

}  // namespace nodetune
