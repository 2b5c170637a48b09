// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <string>
#include <vector>

#include "engine/base/clock.h"
#include "engine/node/node.h"

namespace nodetune {

struct LiveScreenStyle {
  int columns = 80;
  int rows = 24;
  bool colour = false;  // ANSI sequences
  bool unicode = true;  // else ASCII alone, for a terminal without UTF-8
  bool paused = false;
  Duration span = std::chrono::minutes(5);  // of the small charts and of what happened
  std::string keys = {};                    // what the last line says of them
};

// What a node does, as a screen of text: who it is, health in one sentence, the figures that matter
// with their past, the tree, why writes stalled, what happened last. What is not known is "–".
//
// Invariant: at most `rows` lines, none wider than `columns`; foreign names come without control
// bytes. A pure function of what the node published. `now` gives ages; of a recording it is its
// end.
std::vector<std::string> live_screen(const Node& node, const LiveScreenStyle& style, TimePoint now);

}  // namespace nodetune
