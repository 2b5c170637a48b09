// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

#include "engine/cache/curve_snapshot.h"

namespace nodetune {

// How large an LRU cache must be for a request to hit: exactly, for traces and tests.
//
// A tree of counts over the times of last use (Olken 1981, as a Fenwick tree): O(log n) a request,
// and memory for every key there ever was; for a running cache there is MissRatioCurve.
// Thread: one at a time.
class StackDistance {
 public:
  // Both include the object itself: an LRU cache of that size, or larger, hits.
  struct Needed {
    std::uint64_t entries = 0;
    std::uint64_t bytes = 0;
  };

  // Nothing for a key's first request. A key's size is the one that it was last given.
  std::optional<Needed> touch(std::uint64_t key, std::uint32_t bytes = 0);
  std::size_t distinct() const { return last_.size(); }

 private:
  struct Node {
    std::uint64_t entries = 0;
    std::uint64_t bytes = 0;
  };
  struct Use {
    std::size_t time = 0;
    std::uint32_t bytes = 0;
  };

  void add(std::size_t time, std::int64_t entries, std::int64_t bytes);
  Node until(std::size_t time) const;  // sums of [0, time)
  void renumber();

  std::unordered_map<std::uint64_t, Use> last_;
  std::vector<Node> tree_{1};
  std::size_t time_ = 0;  // of the next request
  Node total_;
};

// The exact miss-ratio curve of the requests it was given.
class ExactCurve {
 public:
  void touch(std::uint64_t key, std::optional<std::uint32_t> bytes = {});
  std::uint64_t lookups() const { return lookups_; }
  std::size_t distinct() const { return distances_.distinct(); }

  // Of an LRU cache of that size; kMissing before the first request, and by bytes unless every
  // request had a size.
  double miss_ratio_at_entries(std::uint64_t entries) const;
  double miss_ratio_at_bytes(std::uint64_t bytes) const;
  std::uint64_t bytes_max() const { return bytes_max_; }  // the size from which on nothing changes

 private:
  StackDistance distances_;
  std::uint64_t lookups_ = 0;
  bool sized_ = true;  // every request so far
  std::uint64_t bytes_max_ = 0;
  std::vector<std::uint64_t> hits_by_entries_;       // by size needed
  mutable std::vector<std::uint64_t> bytes_needed_;  // by each hit
  mutable bool sorted_ = true;
};

}  // namespace nodetune
