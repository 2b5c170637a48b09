// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace nodetune {

// Who shares the memory among the caches.
enum class ArbiterMode : std::uint8_t {
  off,            // nobody moves memory
  specification,  // the two rules of seed 8.1
  curves,         // by miss-ratio curves; the two rules while these are cold
};
std::string_view to_string(ArbiterMode mode);  // "curves"
std::optional<ArbiterMode> arbiter_mode_from(std::string_view name);

}  // namespace nodetune
