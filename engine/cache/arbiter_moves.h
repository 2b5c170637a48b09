// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <span>
#include <string>
#include <vector>

#include "engine/cache/arbiter.h"
#include "engine/cache/memory_share.h"

// How the arbiter gets from the present sizes to a plan. For arbiter.cpp alone.
namespace nodetune::arbiter {

// The next sizes on the way from `present` to `plan`: growing by `step_bytes` in sum at most, who
// gains most a byte first; taken from free memory first, then from who loses least a byte.
std::vector<double> step_towards(std::span<const ShareCandidate> candidates,
                                 std::span<const double> present, std::span<const double> plan,
                                 double free_bytes, double step_bytes);

// Who hands what to whom between the two, largest moves first, with words; `plan` says what a move
// that gains nothing yet makes room for.
std::vector<CacheMove> pair_moves(std::span<const ArbiterConsumer> consumers,
                                  std::span<const ShareCandidate> candidates,
                                  std::span<const double> present, std::span<const double> next,
                                  std::span<const double> plan);

}  // namespace nodetune::arbiter
