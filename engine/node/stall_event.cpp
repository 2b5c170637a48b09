// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/node/stall_event.h"

#include <string_view>

namespace nodetune {

std::optional<StallMessage> stall_message(const NodeEvent& event) {
  if (event.category != EventCategory::stall) return std::nullopt;
  const std::string_view text = event.text;
  const bool stopped = text.starts_with("Writes stopped: ");
  if (!stopped && !text.starts_with("Writes slowed down: ")) return std::nullopt;
  for (const auto cause : kStallCauses) {
    if (text.find(display_name(cause)) != std::string_view::npos) {
      return StallMessage{cause, stopped};
    }
  }
  return std::nullopt;
}

}  // namespace nodetune
