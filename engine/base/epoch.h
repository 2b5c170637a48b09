// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

namespace nodetune {

inline constexpr double kEpochSecondsMax = 1e11;  // year 5138: beyond it, microseconds do not fit

}  // namespace nodetune
