// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <limits>

namespace nodetune {

// A figure that nobody could read: never zero.
inline constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

}  // namespace nodetune
