// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <QString>
#include <optional>

#include "engine/node/node.h"

namespace nodetune {

// What is said of a node that is recorded on another machine.

bool is_remote(const NodeDescription& description);
// "Connected", "Connection lost: …; trying again in 8 s"; empty of any other node.
QString connection_text(const NodeDescription& description);
bool is_connected(const NodeDescription& description);

// "updated 3.2 s ago"; of a recording that nobody writes, until when it goes.
QString freshness_text(const NodeDescription& description, std::optional<double> age_seconds,
                       bool utc);
// Something should have come by now.
bool is_stale(const NodeDescription& description, std::optional<double> age_seconds);

}  // namespace nodetune
