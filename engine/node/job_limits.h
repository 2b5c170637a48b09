// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "engine/base/clock.h"

namespace nodetune {

// What a file may claim of a job; it may be anybody's. Times beyond would run over when they are
// reckoned with.
inline constexpr TimePoint kJobTimeMax{std::chrono::hours(24 * 365 * 200)};
inline constexpr std::int64_t kJobLevelMax = 1'000;

inline std::optional<int> job_level(const std::optional<std::int64_t>& claimed) {
  if (!claimed || *claimed < 0 || *claimed > kJobLevelMax) return std::nullopt;
  return static_cast<int>(*claimed);
}

}  // namespace nodetune
