// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <string>

#include "engine/base/status.h"
#include "engine/node/node.h"

namespace nodetune {

// Of a node that holds several databases the one with that name, or the only one whose name ends
// with it ("state" for "mainnet/state"). Empty: the node itself, which is all of them.
// Errors: no such database, or several (the message names those there are).
Result<Node*> choose_database(Node& node, const std::string& name);

}  // namespace nodetune
