// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include "engine/node/command.h"
#include "engine/tuner/database_tuner.h"

namespace nodetune {

// The front end's command in the tuner's terms.
Decision to_decision(const DecideRecommendation& command);

}  // namespace nodetune
