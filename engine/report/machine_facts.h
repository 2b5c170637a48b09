// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <string>
#include <vector>

#include "engine/node/node.h"

namespace nodetune {

// Processor, memory, control group, kernel, distribution, and the disk that holds `directory`.
//
// Reads /proc, /sys and /etc/os-release; what they do not tell is not in the list. `root` stands
// before these paths, for tests.
// Thread: any.
std::vector<Fact> machine_facts(const std::string& directory, const std::string& root = "");

}  // namespace nodetune
