// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/node/node.h"

#include <array>

namespace nodetune {

std::string_view to_string(OpenWay way) {
  static constexpr std::array<std::string_view, 3> kNames = {"managed", "observed", "recorded"};
  return kNames[static_cast<std::size_t>(way)];
}

std::string_view to_string(WorkloadState state) {
  static constexpr std::array<std::string_view, 8> kNames = {
      "none", "idle", "preparing", "running", "paused", "finished", "stopped", "failed"};
  return kNames[static_cast<std::size_t>(state)];
}

}  // namespace nodetune
