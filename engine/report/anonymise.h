// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <string>
#include <vector>

#include "engine/report/report.h"

namespace nodetune {

// Names that must not leave this machine.
struct Identity {
  std::vector<std::string> hosts;
  std::vector<std::string> users;
};
Identity this_machine();

// The same report without paths, host and user names, network addresses, and without the names of
// column families that are neither ours nor a known client's: they become <path>, <host>, <user>,
// <address>, family-1.
//
// Pure. Names that everybody has ("root", "localhost") stay: they tell nothing and would take
// ordinary words with them.
Report anonymised(const Report& report, const Identity& identity);

}  // namespace nodetune
