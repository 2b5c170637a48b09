// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <deque>

#include "engine/files/log_summary.h"
#include "engine/metrics/history.h"

namespace nodetune {

// Puts the stalled seconds of the past into a history that holds nothing newer: each of the
// statistics that the node wrote tells what its interval held.
//
// Times are UTC: call it only where the LOG's zone is known; a figure at the wrong hour is worse
// than none.
void fill_back(const std::deque<LoggedDump>& dumps, History& history);

}  // namespace nodetune
