// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/base/status.h"

namespace nodetune {

// What the audits share: the end of every scan, and how they say what is wrong with a block.
inline const std::string kBehindEverything(80, '\xff');  // longer than any key

inline Status damaged(std::uint64_t number, std::string_view what) {
  return {StatusCode::corrupt, fmt::format("block {} is not whole: {}", number, what)};
}

}  // namespace nodetune
