// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/cache/stack_distance.h"

#include <algorithm>
#include <numeric>

namespace nodetune {
namespace {

constexpr std::size_t kFirstTimes = 1'024;

}  // namespace

std::optional<StackDistance::Needed> StackDistance::touch(std::uint64_t key, std::uint32_t bytes) {
  if (time_ + 1 >= tree_.size()) renumber();
  const auto [found, is_new] = last_.try_emplace(key);
  auto& use = found->second;
  std::optional<Needed> needed;
  if (!is_new) {
    const auto below = until(use.time);
    needed = Needed{total_.entries - below.entries, total_.bytes - below.bytes};
    add(use.time, -1, -std::int64_t{use.bytes});
  }
  use = {time_++, bytes};
  add(use.time, 1, bytes);
  return needed;
}

void StackDistance::add(std::size_t time, std::int64_t entries, std::int64_t bytes) {
  const auto apply = [&](Node& node) {  // modulo 2^64: no sum is negative
    node.entries += static_cast<std::uint64_t>(entries);
    node.bytes += static_cast<std::uint64_t>(bytes);
  };
  apply(total_);
  for (auto i = time + 1; i < tree_.size(); i += i & (~i + 1)) apply(tree_[i]);
}

StackDistance::Node StackDistance::until(std::size_t time) const {
  Node sum;
  for (auto i = time; i > 0; i -= i & (~i + 1)) {
    sum.entries += tree_[i].entries;
    sum.bytes += tree_[i].bytes;
  }
  return sum;
}

// Gives the keys the times 0, 1, 2 … in their order, and room for as many again.
void StackDistance::renumber() {
  std::vector<Use*> uses;
  uses.reserve(last_.size());
  for (auto& [key, use] : last_) uses.push_back(&use);
  std::sort(uses.begin(), uses.end(), [](const Use* a, const Use* b) { return a->time < b->time; });
  tree_.assign(std::max(kFirstTimes, 4 * uses.size()), Node());
  total_ = {};
  time_ = 0;
  for (auto* const use : uses) {
    use->time = time_++;
    add(use->time, 1, use->bytes);
  }
}

void ExactCurve::touch(std::uint64_t key, std::optional<std::uint32_t> bytes) {
  ++lookups_;
  sized_ = sized_ && bytes.has_value();
  const auto needed = distances_.touch(key, bytes.value_or(0));
  if (!needed) return;
  if (hits_by_entries_.size() <= needed->entries) hits_by_entries_.resize(needed->entries + 1);
  ++hits_by_entries_[needed->entries];
  if (!sized_) return;
  bytes_needed_.push_back(needed->bytes);
  bytes_max_ = std::max(bytes_max_, needed->bytes);
  sorted_ = false;
}

double ExactCurve::miss_ratio_at_entries(std::uint64_t entries) const {
  if (lookups_ == 0) return kMissing;
  const auto end = std::min<std::size_t>(hits_by_entries_.size(), entries + 1);
  const auto hits = std::accumulate(hits_by_entries_.begin(),
                                    hits_by_entries_.begin() + static_cast<std::ptrdiff_t>(end),
                                    std::uint64_t{0});
  return 1 - static_cast<double>(hits) / static_cast<double>(lookups_);
}

double ExactCurve::miss_ratio_at_bytes(std::uint64_t bytes) const {
  if (lookups_ == 0 || !sized_) return kMissing;
  if (!sorted_) std::sort(bytes_needed_.begin(), bytes_needed_.end());
  sorted_ = true;
  const auto hits =
      std::upper_bound(bytes_needed_.begin(), bytes_needed_.end(), bytes) - bytes_needed_.begin();
  return 1 - static_cast<double>(hits) / static_cast<double>(lookups_);
}

}  // namespace nodetune
