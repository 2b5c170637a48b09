// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <cstdint>
#include <vector>

namespace nodetune {

// Which of a growing population (slots, accounts) each block of the synthetic chain touches.
//
// Members are numbered as they come to be: those stored before the first block, then each block's
// new ones. Touch i of block n is new, or old and long untouched, or a touch of an earlier block
// again, at a distance drawn as mainnet's access lists have it: a reference to touch j of block
// n - d, which is followed until it ends. So every block follows from the seed and its number
// alone: nothing is remembered, and a reopened chain goes on at once.
// Thread: any.
class TouchStream {
 public:
  struct Config {
    std::uint64_t seed = 1;
    std::uint64_t stored_before = 0;  // members before the first block
    std::uint64_t limit = 0;          // members alive at most; 0: no limit
    int created = 0;                  // a block's new ones while there is room
    int created_at_limit = 0;         // then, and as many of the oldest go
    int fresh = 0;                    // touches not seen within the window: new, gone or cold
    int reused = 0;                   // the others
  };
  struct Touches {
    std::vector<std::uint64_t> created;
    std::vector<std::uint64_t> cold;    // old, not seen for a while
    std::vector<std::uint64_t> reused;  // seen within the window
    std::vector<std::uint64_t> gone;    // deleted for good: never touched again
  };

  explicit TouchStream(const Config& config) : config_(config) {}

  // `block` counts from 0. Each member is touched once.
  Touches block(std::uint64_t block) const;
  std::uint64_t stored_before() const { return config_.stored_before; }
  bool at_limit(std::uint64_t block) const;

 private:
  std::int64_t created_until(std::int64_t block) const;  // members that came before it
  std::int64_t gone_until(std::int64_t block) const;
  std::int64_t first_at_limit() const;
  int created_in(std::int64_t block) const;
  std::int64_t first_reused(std::int64_t block) const;
  std::int64_t ring_members(std::int64_t block) const;
  std::int64_t cold_member(std::int64_t block, std::int64_t index) const;
  std::uint64_t resolve(std::int64_t block, std::int64_t index) const;

  Config config_;
};

}  // namespace nodetune
