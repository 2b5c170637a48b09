// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/node/decision.h"

namespace nodetune {

Decision to_decision(const DecideRecommendation& command) {
  Decision decision;
  switch (command.decision) {
    case DecideRecommendation::Decision::approve:
      decision.kind = Decision::Kind::approve;
      break;
    case DecideRecommendation::Decision::override_value:
      decision.kind = Decision::Kind::override_value;
      decision.value = command.value;
      break;
    case DecideRecommendation::Decision::reject:
      decision.kind = Decision::Kind::reject;
      break;
  }
  return decision;
}

}  // namespace nodetune
