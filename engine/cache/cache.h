// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "engine/cache/cached_value.h"
#include "engine/cache/policy_kind.h"

namespace nodetune {

// Since the cache was made; hits + misses = lookups.
struct CacheCounters {
  std::uint64_t hits = 0;
  std::uint64_t misses = 0;
  std::uint64_t insertions = 0;  // of keys that were not inside
  std::uint64_t evictions = 0;   // thrown out for lack of room; not: erased, replaced or refused
  std::uint64_t entries = 0;     // now
  std::uint64_t bytes = 0;       // now: the true charge of all entries
  std::uint64_t capacity_bytes = 0;

  std::uint64_t lookups() const { return hits + misses; }
};

// A whole cache: what it keeps and what it throws out is its own affair.
//
// Invariant: bytes <= capacity_bytes after every call; bytes is the sum of all entries' charges.
// An entry's charge is its key, its value, and what holding them costs (allocations included).
// Thread: any. Errors: none; a value above capacity, one for which there is no memory, or one that
// is not worth what would have to go for it, is refused silently (it is not inside).
class Cache {
 public:
  virtual ~Cache() = default;

  // Counts a hit or a miss. Nothing: not inside. A null value: known to be absent.
  virtual std::optional<CachedValue> find(std::string_view key) = 0;
  // As find for each key; `values` is as long as `keys`. Gives the number of hits.
  virtual std::size_t multi_find(std::span<const std::string_view> keys,
                                 std::span<std::optional<CachedValue>> values) = 0;
  // As find, but counts nothing and does not make the key look recent.
  virtual std::optional<CachedValue> peek(std::string_view key) const = 0;
  bool contains(std::string_view key) const { return peek(key).has_value(); }
  // Inserts or replaces. When this returns, an older value is not inside, even if the new one was
  // refused.
  virtual void insert(std::string_view key, CachedValue value) = 0;
  virtual void erase(std::string_view key) = 0;
  // All keys of [begin, end); none unless begin < end.
  virtual void erase_range(std::string_view begin, std::string_view end) = 0;
  // Shrinking evicts at once.
  virtual void resize(std::size_t capacity_bytes) = 0;
  virtual CacheCounters counters() const = 0;
  virtual PolicyKind policy() const = 0;
  // From now on; what is inside stays, in order of its last use.
  virtual void set_policy(PolicyKind policy) = 0;
};

}  // namespace nodetune
