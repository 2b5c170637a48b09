// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <memory>
#include <string>

#include "engine/base/status.h"
#include "engine/node/managed_settings.h"
#include "engine/node/open_node.h"

namespace nodetune {

// Which chain a directory holds: the one asked for, checked against what it was driven by before
// (two chains in one directory would be neither); else that one; else the synthetic default.
Result<WorkloadSpec> choose_workload(SettingsTable& settings,
                                     const std::optional<WorkloadSpec>& asked);
// For the next open.
Status remember_workload(SettingsTable& settings, const WorkloadSpec& spec);
bool wants_hints(const WorkloadSpec& spec);
Result<std::unique_ptr<Workload>> make_workload(const WorkloadSpec& spec);

}  // namespace nodetune
