// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/workload/touch_stream.h"

#include <algorithm>
#include <array>
#include <limits>
#include <numeric>
#include <unordered_set>

#include "engine/workload/synthetic_bytes.h"

namespace nodetune {
namespace {

// What has not been touched for so many blocks counts as never seen.
constexpr std::int64_t kWindowBlocks = 50;

// Far enough for any chain, and no sum with it overflows.
constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max() / 4;

// How far back a touch looks, fitted so that the measured distances (a member may also have been
// touched more recently than where the draw found it) come out as in mainnet's access lists of
// August 2024, with their habits of coming back after three and eleven blocks: 9 % at distance 1,
// 24 % to 3, 37 % to 10, 50 % to 24, 55 % within the window.
struct Distance {
  double weight;
  std::int64_t first;
  std::int64_t last;
};
constexpr std::array<Distance, 9> kDistances = {{{0.1180, 1, 1},
                                                 {0.0740, 2, 2},
                                                 {0.1520, 3, 3},
                                                 {0.1034, 4, 6},
                                                 {0.0698, 7, 10},
                                                 {0.0705, 11, 11},
                                                 {0.0675, 12, 13},
                                                 {0.1394, 14, 24},
                                                 {0.2054, 25, 49}}};

std::int64_t draw_distance(RandomStream& random) {
  double pick = random.unit();
  for (const auto& range : kDistances) {
    if (pick < range.weight) {
      return range.first + static_cast<std::int64_t>(random.below(
                               static_cast<std::uint64_t>(range.last - range.first + 1)));
    }
    pick -= range.weight;
  }
  return kDistances.back().last;
}

// Spreads a counter evenly over [0, span): Weyl's golden-ratio walk.
std::int64_t spread(std::uint64_t counter, std::int64_t span) {
  __extension__ using Wide = unsigned __int128;
  return static_cast<std::int64_t>(
      Wide(counter * 0x9e3779b97f4a7c15) * static_cast<std::uint64_t>(span) >> 64);
}

// The same on a ring: `members` counters that follow each other lead to as many members.
std::uint64_t walk(std::uint64_t counter, std::uint64_t members) {
  auto step = std::max<std::uint64_t>(1, members * 618 / 1'000);
  while (std::gcd(step, members) != 1) ++step;
  return counter % members * step % members;
}

}  // namespace

std::int64_t TouchStream::first_at_limit() const {
  if (config_.limit == 0) return kNever;
  const auto room =
      static_cast<std::int64_t>(config_.limit) - static_cast<std::int64_t>(config_.stored_before);
  return room <= 0 || config_.created == 0 ? 0 : (room + config_.created - 1) / config_.created;
}

bool TouchStream::at_limit(std::uint64_t block) const {
  return static_cast<std::int64_t>(block) >= first_at_limit();
}

int TouchStream::created_in(std::int64_t block) const {
  return block < first_at_limit() ? config_.created : config_.created_at_limit;
}

std::int64_t TouchStream::created_until(std::int64_t block) const {
  const auto growing = std::min(block, first_at_limit());
  return static_cast<std::int64_t>(config_.stored_before) + growing * config_.created +
         (block - growing) * config_.created_at_limit;
}

std::int64_t TouchStream::gone_until(std::int64_t block) const {
  return std::max<std::int64_t>(0, block - first_at_limit()) * config_.created_at_limit;
}

// A block's touches in order: new, cold, reused; those that are gone stand apart.
std::int64_t TouchStream::first_reused(std::int64_t block) const {
  return config_.fresh - (gone_until(block + 1) - gone_until(block));
}

// The old members are a ring that is walked around, so that none comes again within the window
// however few there are; those that came since are picked evenly, as many as is their share.
std::int64_t TouchStream::cold_member(std::int64_t block, std::int64_t index) const {
  const auto first = gone_until(block + 1);
  const auto until = created_until(block - kWindowBlocks);
  const auto ring = ring_members(block);
  const auto cold_in_block = std::max<std::int64_t>(1, first_reused(block) - created_in(block));
  const auto counter =
      static_cast<std::uint64_t>(block * cold_in_block + (index - created_in(block)));
  const auto younger = std::max<std::int64_t>(0, until - first - ring);
  RandomStream random(mix_bits(config_.seed, counter));
  if (random.below(static_cast<std::uint64_t>(ring + younger)) <
      static_cast<std::uint64_t>(younger)) {
    return first + ring + spread(counter, younger);
  }
  const auto place = static_cast<std::int64_t>(walk(counter, static_cast<std::uint64_t>(ring)));
  return first + (place - first % ring + ring) % ring;
}

// How many members have been there for longer than the window, whenever it is asked while the
// chain grows, and whenever it is asked at the limit.
std::int64_t TouchStream::ring_members(std::int64_t block) const {
  const bool limited = block >= first_at_limit();
  const auto all = static_cast<std::int64_t>(limited ? config_.limit : config_.stored_before);
  const auto young = kWindowBlocks * config_.created + config_.created_at_limit;
  return std::max<std::int64_t>(1, all > young ? all - young : all);
}

// Follows references to the touch that is none. Blocks before the first count as if they had been.
std::uint64_t TouchStream::resolve(std::int64_t block, std::int64_t index) const {
  const auto asked_block = block;
  const auto asked_index = index;
  std::int64_t member = -1;
  while (member < 0) {
    const int created = created_in(block);
    if (index < created) {
      member = created_until(block) + index;
      if (member < 0) member = cold_member(asked_block, asked_index);
    } else if (index < first_reused(block)) {
      member = cold_member(block, index);
    } else {
      RandomStream random(mix_bits(mix_bits(config_.seed, static_cast<std::uint64_t>(block)),
                                   static_cast<std::uint64_t>(index)));
      block -= draw_distance(random);
      index = static_cast<std::int64_t>(
          random.below(static_cast<std::uint64_t>(first_reused(block) + config_.reused)));
    }
  }
  if (member < gone_until(asked_block + 1)) member = cold_member(asked_block, asked_index);
  return static_cast<std::uint64_t>(member);
}

TouchStream::Touches TouchStream::block(std::uint64_t number) const {
  const auto block = static_cast<std::int64_t>(number);
  Touches touches;
  for (auto member = gone_until(block); member < gone_until(block + 1); ++member) {
    touches.gone.push_back(static_cast<std::uint64_t>(member));
  }
  std::unordered_set<std::uint64_t> seen;
  const int created = created_in(block);
  const auto first = first_reused(block);
  for (std::int64_t i = 0; i < first; ++i) {
    const auto member = resolve(block, i);
    if (!seen.insert(member).second) continue;
    (i < created ? touches.created : touches.cold).push_back(member);
  }
  // Two references may lead to one member: further ones fill up, for as long as that can work.
  for (std::int64_t i = first; i < first + 4 * config_.reused; ++i) {
    if (touches.reused.size() == static_cast<std::size_t>(config_.reused)) break;
    const auto member = resolve(block, i);
    if (seen.insert(member).second) touches.reused.push_back(member);
  }
  return touches;
}

}  // namespace nodetune
