// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <optional>
#include <string_view>

#include "engine/files/log_summary.h"

namespace nodetune {

// "[default] Stalling writes because we have 20 level-0 files rate 16777216", without its time;
// nothing where the message is no such line. A family's name may hold brackets and newlines.
std::optional<LoggedStall> parse_stall(std::string_view message);

}  // namespace nodetune
