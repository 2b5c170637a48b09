// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <array>
#include <cstdint>

namespace nodetune {

// Says whether a large value is worth the many small ones that would go for it.
//
// A value whose place costs kCheapVictims average entries or fewer always comes in, and so does any
// value while there is room. A larger one has to be asked for again, and it comes in once
//   its requests x (1 + charge / 64 KiB) >= victims x hits that an average entry had since / 8:
// reading it back costs about one read and its transfer (64 KiB take as long as a small read
// costs), and the entries at the cold end, which would go, are hit about an eighth as often as the
// average (Zipf 0.99 with a tenth of the keys cached: a twelfth). In a cache whose entries are not
// asked for any more the second request is enough. Memory: the last kRemembered such keys. Thread:
// under the partition's lock.
class LargeValueGate {
 public:
  static constexpr std::uint64_t kCheapVictims = 8;

  struct Cache {
    std::uint64_t hits = 0;     // since it was made
    std::uint64_t entries = 0;  // > 0
    std::uint64_t bytes = 0;
  };
  // One more request for the value, to which there is no room now.
  bool admit(std::uint64_t hash, std::uint64_t charge, const Cache& cache);
  static std::uint64_t victims(std::uint64_t charge, const Cache& cache) {
    return charge * cache.entries / (cache.bytes + 1);
  }

 private:
  static constexpr std::size_t kRemembered = 64;
  struct Record {
    std::uint64_t hash = 0;
    std::uint64_t hits_before = 0;  // of the cache
    std::uint64_t requests = 0;     // 0: empty
  };
  std::array<Record, kRemembered> records_;
};

}  // namespace nodetune
