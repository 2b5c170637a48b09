// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "engine/cache/cache.h"

namespace nodetune {

struct LruCacheConfig {
  std::size_t capacity_bytes = 8u << 20;
  // Fixed for the cache's life. 0: one for each 16 MiB of capacity, rounded down to a power of two,
  // 1 to 16.
  std::size_t shards = 0;
  // Keeps the keys in order as well, so that erase_range() costs what it erases instead of a scan
  // of all entries. Costs 48 bytes an entry and a tree insertion: for kinds pruned by range.
  bool ordered = false;
};

// Throws out what was used least recently.
//
// Keys are spread over shards by hash, each with its lock and an equal share of the capacity. One
// shard is an exact LRU by bytes. With more, an entry can be thrown out a little before its turn,
// and a value must fit into one share (capacity / shards) to be cached.
// An entry is charged for what malloc takes for it: the node with the key in it, the value
// (also while others hold it), two bucket pointers, and the order's tree node if there is one.
// The empty buckets of a cache that was once fuller are not charged (at most 32 bytes an entry).
// Thread: any. Values are freed outside the locks. erase_range() without `ordered` scans all
// entries: about 10 ms for 100,000.
class LruCache final : public Cache {
 public:
  explicit LruCache(const LruCacheConfig& config);
  ~LruCache() override;
  LruCache(const LruCache&) = delete;
  LruCache& operator=(const LruCache&) = delete;

  std::optional<CachedValue> find(std::string_view key) override;
  std::optional<CachedValue> peek(std::string_view key) const override;
  void insert(std::string_view key, CachedValue value) override;
  void erase(std::string_view key) override;
  void erase_range(std::string_view begin, std::string_view end) override;
  void resize(std::size_t capacity_bytes) override;
  CacheCounters counters() const override;
  std::string_view policy() const override { return "lru"; }

  std::size_t shards() const { return shards_.size(); }

 private:
  class Shard;
  Shard& shard_of(std::uint64_t hash) const;

  std::vector<std::unique_ptr<Shard>> shards_;  // a power of two
};

}  // namespace nodetune
