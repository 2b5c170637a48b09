// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/cache/arbiter_mode.h"

namespace nodetune {

std::string_view to_string(ArbiterMode mode) {
  switch (mode) {
    case ArbiterMode::off:
      return "off";
    case ArbiterMode::specification:
      return "specification";
    case ArbiterMode::curves:
      return "curves";
  }
  return "";
}

std::optional<ArbiterMode> arbiter_mode_from(std::string_view name) {
  for (const auto mode : {ArbiterMode::off, ArbiterMode::specification, ArbiterMode::curves}) {
    if (to_string(mode) == name) return mode;
  }
  return std::nullopt;
}

}  // namespace nodetune
