// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <optional>

#include "engine/base/stall_cause.h"
#include "engine/node/node_event.h"

namespace nodetune {

// What a message about a stall says: writes are held up from now on. None says when that ends.
struct StallMessage {
  StallCause cause = StallCause::memtables;
  bool stopped = false;  // not only slowed down
};

// Nothing: the event speaks of something else, or does not say why. (Recordings keep an event's
// text alone, so that it is read back from there.)
std::optional<StallMessage> stall_message(const NodeEvent& event);

}  // namespace nodetune
