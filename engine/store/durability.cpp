// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/store/durability.h"

namespace nodetune {

std::string_view to_string(Durability durability) {
  static constexpr std::array<std::string_view, kDurabilityCount> kNames = {"none", "log",
                                                                            "log_and_fsync"};
  return kNames[index_of(durability)];
}

std::optional<Durability> durability_of(std::string_view name) {
  for (const auto durability : kDurabilities) {
    if (to_string(durability) == name) return durability;
  }
  return std::nullopt;
}

}  // namespace nodetune
