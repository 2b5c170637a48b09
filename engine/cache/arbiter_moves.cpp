// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/cache/arbiter_moves.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "engine/base/format.h"

namespace nodetune::arbiter {
namespace {

struct Side {
  std::size_t owner = 0;
  double bytes = 0;           // that it is to gain, or to give
  double seconds_a_byte = 0;  // what each gains, or costs
};

// Who grows (or, reversed, shrinks) from the one to the other.
std::vector<Side> sides(std::span<const ShareCandidate> candidates, std::span<const double> small,
                        std::span<const double> large) {
  std::vector<Side> found;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    const double bytes = large[i] - small[i];
    if (!(bytes > 0)) continue;
    const double seconds = candidates[i].cost(small[i]) - candidates[i].cost(large[i]);
    found.push_back({i, bytes, seconds / bytes});
  }
  return found;
}

double bytes_of(const std::vector<Side>& all) {
  double total = 0;
  for (const Side& side : all) total += side.bytes;
  return total;
}

std::string move_text(std::span<const ArbiterConsumer> consumers, const CacheMove& move,
                      double planned_bytes, double planned_seconds) {
  const auto bytes = format_bytes(static_cast<double>(move.bytes));
  if (move.to == CacheMove::kNobody) {
    return fmt::format("{} −{}: the caches together had more than the budget",
                       consumers[move.from].name, bytes);
  }
  const auto from =
      move.from == CacheMove::kNobody ? "free memory" : std::string_view(consumers[move.from].name);
  const auto what = fmt::format("{} +{} from {}", consumers[move.to].name, bytes, from);
  constexpr double kSayable = 1e-9;  // seconds
  if (move.saved_seconds_per_block >= kSayable) {
    return fmt::format("{}: about {} a block less", what,
                       format_seconds(move.saved_seconds_per_block));
  }
  if (planned_bytes > static_cast<double>(move.bytes) && planned_seconds >= kSayable) {
    return fmt::format("{}, on the way to +{}: then about {} a block less", what,
                       format_bytes(planned_bytes), format_seconds(planned_seconds));
  }
  return fmt::format("{}: nobody else would gain by it", what);
}

}  // namespace

std::vector<double> step_towards(std::span<const ShareCandidate> candidates,
                                 std::span<const double> present, std::span<const double> plan,
                                 double free_bytes, double step_bytes) {
  auto takers = sides(candidates, present, plan);
  auto givers = sides(candidates, plan, present);
  std::ranges::stable_sort(takers, std::greater(), &Side::seconds_a_byte);
  std::ranges::stable_sort(givers, std::less(), &Side::seconds_a_byte);
  // Rounding aside, what is taken is given.
  double left =
      std::min({step_bytes, bytes_of(takers), std::max(0.0, free_bytes) + bytes_of(givers)});
  double to_find = left - std::max(0.0, free_bytes);
  std::vector<double> next(present.begin(), present.end());
  for (const Side& taker : takers) {
    const double taken = std::min(left, taker.bytes);
    next[taker.owner] += taken;
    left -= taken;
  }
  for (const Side& giver : givers) {
    const double given = std::clamp(to_find, 0.0, giver.bytes);
    next[giver.owner] -= given;
    to_find -= given;
  }
  return next;
}

std::vector<CacheMove> pair_moves(std::span<const ArbiterConsumer> consumers,
                                  std::span<const ShareCandidate> candidates,
                                  std::span<const double> present, std::span<const double> next,
                                  std::span<const double> plan) {
  auto takers = sides(candidates, present, next);
  auto givers = sides(candidates, next, present);
  const double taken = bytes_of(takers);
  const double given = bytes_of(givers);
  if (taken > given) givers.push_back({CacheMove::kNobody, taken - given, 0});
  if (given > taken) takers.push_back({CacheMove::kNobody, given - taken, 0});
  std::ranges::stable_sort(takers, std::greater(), &Side::bytes);
  std::ranges::stable_sort(givers, std::greater(), &Side::bytes);

  std::vector<CacheMove> moves;
  std::vector<double> now(present.begin(), present.end());
  const auto cost = [&](std::size_t who) {
    return who == CacheMove::kNobody ? 0.0 : candidates[who].cost(now[who]);
  };
  for (auto taker = takers.begin(), giver = givers.begin();
       taker != takers.end() && giver != givers.end();) {
    const double bytes = std::min(taker->bytes, giver->bytes);
    const double before = cost(taker->owner) + cost(giver->owner);
    if (taker->owner != CacheMove::kNobody) now[taker->owner] += bytes;
    if (giver->owner != CacheMove::kNobody) now[giver->owner] -= bytes;
    CacheMove move;
    move.to = taker->owner;
    move.from = giver->owner;
    move.bytes = static_cast<std::uint64_t>(std::llround(bytes));
    move.saved_seconds_per_block = before - cost(taker->owner) - cost(giver->owner);
    double planned_bytes = 0;
    double planned_seconds = 0;
    if (move.to != CacheMove::kNobody) {
      planned_bytes = plan[move.to] - present[move.to];
      planned_seconds = cost_of(candidates, present) - cost_of(candidates, plan);
    }
    move.text = move_text(consumers, move, planned_bytes, planned_seconds);
    if (move.bytes > 0) moves.push_back(std::move(move));
    // Equal amounts end both; what differs by a rounding error is no move.
    taker->bytes -= bytes;
    giver->bytes -= bytes;
    if (taker->bytes < 1) ++taker;
    if (giver != givers.end() && giver->bytes < 1) ++giver;
  }
  return moves;
}

}  // namespace nodetune::arbiter
