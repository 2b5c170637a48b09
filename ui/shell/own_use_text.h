// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <QString>

#include "engine/metrics/snapshot.h"
#include "engine/node/node.h"

namespace nodetune {

// What looking costs the node: "bytes read 12.3 MiB · bytes written 0 · locks 0". Empty unless the
// node is observed.
QString own_use_text(const NodeDescription& description, const Snapshot& snapshot);
// What the figures stand on.
QString own_use_tip();

}  // namespace nodetune
