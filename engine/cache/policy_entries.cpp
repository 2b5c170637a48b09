// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/cache/policy_entries.h"

#include <bit>

namespace nodetune {
namespace {

constexpr std::size_t kFirstBuckets = 64;

}  // namespace

PolicyEntries::PolicyEntries() : buckets_(kFirstBuckets, kNone) {}

// Keys may be page numbers as well as hashes: multiplying spreads both (Knuth's golden ratio).
std::size_t PolicyEntries::bucket_of(std::uint64_t key) const {
  const int bits = std::countr_zero(buckets_.size());
  return static_cast<std::size_t>((key * 0x9e37'79b9'7f4a'7c15u) >> (64 - bits));
}

PolicyEntries::Index PolicyEntries::find(std::uint64_t key) const {
  Index index = buckets_[bucket_of(key)];
  while (index != kNone && entries_[index].key != key) index = entries_[index].chain;
  return index;
}

PolicyEntries::Index PolicyEntries::insert(std::uint64_t key, std::uint32_t charge,
                                           std::size_t queue) {
  if (used_ == buckets_.size()) grow_buckets();
  Index index = free_;
  if (index != kNone) {
    free_ = entries_[index].chain;
  } else {
    index = static_cast<Index>(entries_.size());
    entries_.emplace_back();
  }
  Entry& entry = entries_[index];
  entry = Entry{};
  entry.key = key;
  entry.charge = charge;
  Index& bucket = buckets_[bucket_of(key)];
  entry.chain = bucket;
  bucket = index;
  link(index, queue);
  ++used_;
  return index;
}

void PolicyEntries::erase(Index index) {
  unlink(index);
  Index* at = &buckets_[bucket_of(entries_[index].key)];
  while (*at != index) at = &entries_[*at].chain;
  *at = entries_[index].chain;
  entries_[index].chain = free_;
  free_ = index;
  --used_;
}

void PolicyEntries::move_to_newest(Index index, std::size_t queue) {
  unlink(index);
  link(index, queue);
}

void PolicyEntries::set_charge(Index index, std::uint32_t charge) {
  Entry& entry = entries_[index];
  queues_[entry.queue].charge += charge;
  queues_[entry.queue].charge -= entry.charge;
  entry.charge = charge;
}

void PolicyEntries::clear() {
  entries_.clear();
  buckets_.assign(buckets_.size(), kNone);
  queues_ = {};
  free_ = kNone;
  used_ = 0;
}

std::size_t PolicyEntries::memory_bytes() const {
  return sizeof *this + entries_.capacity() * sizeof(Entry) + buckets_.capacity() * sizeof(Index);
}

void PolicyEntries::link(Index index, std::size_t queue) {
  Queue& into = queues_[queue];
  Entry& entry = entries_[index];
  entry.queue = static_cast<std::uint8_t>(queue);
  entry.newer = kNone;
  entry.older = into.newest;
  if (into.newest != kNone) entries_[into.newest].newer = index;
  into.newest = index;
  if (into.oldest == kNone) into.oldest = index;
  ++into.count;
  into.charge += entry.charge;
}

void PolicyEntries::unlink(Index index) {
  const Entry& entry = entries_[index];
  Queue& from = queues_[entry.queue];
  (entry.newer != kNone ? entries_[entry.newer].older : from.newest) = entry.older;
  (entry.older != kNone ? entries_[entry.older].newer : from.oldest) = entry.newer;
  --from.count;
  from.charge -= entry.charge;
}

void PolicyEntries::grow_buckets() {
  std::vector<Index> old(buckets_.size() * 2, kNone);
  old.swap(buckets_);
  for (Index index : old) {
    while (index != kNone) {
      const Index next = entries_[index].chain;
      Index& bucket = buckets_[bucket_of(entries_[index].key)];
      entries_[index].chain = bucket;
      bucket = index;
      index = next;
    }
  }
}

}  // namespace nodetune
