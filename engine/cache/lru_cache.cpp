// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/cache/lru_cache.h"

#include <xxhash.h>

#include <algorithm>
#include <bit>
#include <cassert>
#include <cstring>
#include <mutex>
#include <new>
#include <set>
#include <utility>

#include "engine/cache/heap_size.h"

namespace nodetune {
namespace {

constexpr std::size_t kBytesPerShard = 16u << 20;
constexpr std::size_t kMaxShards = 16;
constexpr std::size_t kMinBuckets = 16;
constexpr std::size_t kBucketBytes = 2 * sizeof(void*);  // load is 1/2 to 1 while growing

// An entry: one allocation, the key's bytes behind it.
struct Node {
  Node* newer = nullptr;  // towards the most recently used
  Node* older = nullptr;
  Node* next_in_bucket = nullptr;
  std::uint64_t hash = 0;
  std::size_t charge = 0;
  CachedValue value;
  std::size_t key_bytes = 0;

  std::string_view key() const { return {reinterpret_cast<const char*>(this + 1), key_bytes}; }

  static Node* make(std::string_view key, std::uint64_t hash, CachedValue value) noexcept {
    void* memory = ::operator new(sizeof(Node) + key.size(), std::nothrow);
    if (memory == nullptr) return nullptr;
    Node* node = ::new (memory) Node;
    node->hash = hash;
    node->value = std::move(value);
    node->key_bytes = key.size();
    if (!key.empty()) std::memcpy(reinterpret_cast<char*>(node + 1), key.data(), key.size());
    return node;
  }
  static void destroy(Node* node) noexcept {
    node->~Node();
    ::operator delete(node);
  }
};

struct KeyLess {
  using is_transparent = void;
  static std::string_view key(const Node* node) { return node->key(); }
  static std::string_view key(std::string_view text) { return text; }
  template <typename A, typename B>
  bool operator()(const A& a, const B& b) const {
    return key(a) < key(b);
  }
};
using Order = std::set<Node*, KeyLess>;
// A tree node: colour, three links, the pointer to the entry.
constexpr std::size_t kOrderNodeBytes = heap_bytes(5 * sizeof(void*));

// Nodes taken out under a lock, to be freed after it: freeing a large value takes long.
class Removed {
 public:
  Removed() = default;
  Removed(const Removed&) = delete;
  Removed& operator=(const Removed&) = delete;
  ~Removed() {
    while (first_ != nullptr) Node::destroy(std::exchange(first_, first_->next_in_bucket));
  }
  void add(Node* node) { node->next_in_bucket = std::exchange(first_, node); }

 private:
  Node* first_ = nullptr;
};

std::uint64_t hash_of(std::string_view key) {
  return XXH3_64bits(key.data(), key.size());
}

std::size_t shards_for(const LruCacheConfig& config) {
  const std::size_t wanted =
      config.shards != 0 ? config.shards : config.capacity_bytes / kBytesPerShard;
  return std::clamp<std::size_t>(std::bit_floor(wanted), 1, kMaxShards);
}

// The shares add up to the capacity exactly.
std::size_t share_of(std::size_t capacity_bytes, std::size_t shards, std::size_t index) {
  return capacity_bytes / shards + (index < capacity_bytes % shards ? 1 : 0);
}

}  // namespace

// A whole LRU with its own lock.
class alignas(64) LruCache::Shard {
 public:
  Shard(std::size_t capacity_bytes, bool ordered)
      : buckets_(kMinBuckets, nullptr), ordered_(ordered) {
    totals_.capacity_bytes = capacity_bytes;
  }
  ~Shard() {
    while (newest_ != nullptr) Node::destroy(std::exchange(newest_, newest_->older));
  }
  Shard(const Shard&) = delete;
  Shard& operator=(const Shard&) = delete;

  std::optional<CachedValue> find(std::string_view key, std::uint64_t hash) {
    const std::lock_guard lock(mutex_);
    Node* const node = *slot_of(key, hash);
    if (node == nullptr) {
      ++totals_.misses;
      return std::nullopt;
    }
    ++totals_.hits;
    make_newest(node);
    return node->value;
  }

  std::optional<CachedValue> peek(std::string_view key, std::uint64_t hash) {
    const std::lock_guard lock(mutex_);
    const Node* const node = *slot_of(key, hash);
    if (node == nullptr) return std::nullopt;
    return node->value;
  }

  void insert(std::string_view key, std::uint64_t hash, CachedValue value) {
    const std::size_t charge = charge_of(key, value);
    Removed removed;  // freed after the lock is released
    const std::lock_guard lock(mutex_);
    Node* node = *slot_of(key, hash);
    if (charge > totals_.capacity_bytes) {
      if (node != nullptr) remove(node, removed);
      return;
    }
    if (node != nullptr) {
      charge_anew(node, charge, removed);
      std::swap(node->value, value);  // the old value is freed by the caller, outside the lock
      return;
    }
    // Before the bytes are added: bytes never pass the capacity, not even within the lock.
    evict_down_to(totals_.capacity_bytes - charge, removed);
    node = Node::make(key, hash, std::move(value));
    if (node == nullptr || !add_to_order(node)) {
      if (node != nullptr) removed.add(node);
      return;
    }
    node->charge = charge;
    grow_if_full();
    Node*& bucket = buckets_[hash & (buckets_.size() - 1)];
    node->next_in_bucket = std::exchange(bucket, node);
    link_newest(node);
    totals_.bytes += charge;
    ++totals_.entries;
    ++totals_.insertions;
  }

  void erase(std::string_view key, std::uint64_t hash) {
    Removed removed;
    const std::lock_guard lock(mutex_);
    Node* const node = *slot_of(key, hash);
    if (node != nullptr) remove(node, removed);
  }

  void erase_range(std::string_view begin, std::string_view end) {
    Removed removed;
    const std::lock_guard lock(mutex_);
    if (ordered_) {
      auto at = order_.lower_bound(begin);
      while (at != order_.end() && (*at)->key() < end) remove(*at++, removed);
      return;
    }
    for (Node* node = newest_; node != nullptr;) {
      Node* const next = node->older;
      const std::string_view key = node->key();
      if (begin <= key && key < end) remove(node, removed);
      node = next;
    }
  }

  void resize(std::size_t capacity_bytes) {
    Removed removed;
    const std::lock_guard lock(mutex_);
    totals_.capacity_bytes = capacity_bytes;
    evict_down_to(capacity_bytes, removed);
  }

  CacheCounters counters() const {
    const std::lock_guard lock(mutex_);
    return totals_;
  }

 private:
  std::size_t charge_of(std::string_view key, const CachedValue& value) const {
    return heap_bytes(sizeof(Node) + key.size()) + value_heap_bytes(value) + kBucketBytes +
           (ordered_ ? kOrderNodeBytes : 0);
  }

  // The pointer that points to the key's node, or to the null at its bucket's end.
  Node** slot_of(std::string_view key, std::uint64_t hash) {
    Node** slot = &buckets_[hash & (buckets_.size() - 1)];
    while (*slot != nullptr && !((*slot)->hash == hash && (*slot)->key() == key)) {
      slot = &(*slot)->next_in_bucket;
    }
    return slot;
  }

  void link_newest(Node* node) {
    node->newer = nullptr;
    node->older = newest_;
    if (newest_ != nullptr) newest_->newer = node;
    newest_ = node;
    if (oldest_ == nullptr) oldest_ = node;
  }
  void unlink(Node* node) {
    (node->newer != nullptr ? node->newer->older : newest_) = node->older;
    (node->older != nullptr ? node->older->newer : oldest_) = node->newer;
  }
  void make_newest(Node* node) {
    if (node == newest_) return;
    unlink(node);
    link_newest(node);
  }

  // Makes room for an entry's new value; the caller puts it in.
  void charge_anew(Node* node, std::size_t charge, Removed& removed) {
    make_newest(node);
    totals_.bytes -= node->charge;
    node->charge = 0;  // it is the newest and fits alone: evicting stops before it
    evict_down_to(totals_.capacity_bytes - charge, removed);
    node->charge = charge;
    totals_.bytes += charge;
  }

  void evict_down_to(std::size_t bytes, Removed& removed) {
    while (totals_.bytes > bytes) {
      assert(oldest_ != nullptr);
      remove(oldest_, removed);
      ++totals_.evictions;
    }
  }

  void remove(Node* node, Removed& removed) {
    if (ordered_) order_.erase(node);
    Node** slot = &buckets_[node->hash & (buckets_.size() - 1)];
    while (*slot != node) slot = &(*slot)->next_in_bucket;
    *slot = node->next_in_bucket;
    unlink(node);
    totals_.bytes -= node->charge;
    --totals_.entries;
    removed.add(node);
    if (buckets_.size() > kMinBuckets && totals_.entries * 4 < buckets_.size()) {
      rehash(buckets_.size() / 2);
    }
  }

  bool add_to_order(Node* node) {
    if (!ordered_) return true;
    try {
      order_.insert(node);
      return true;
    } catch (const std::bad_alloc&) {
      return false;
    }
  }

  void grow_if_full() {
    if (totals_.entries >= buckets_.size()) rehash(buckets_.size() * 2);
  }
  // Without memory for it the old table stays: slower, still right.
  void rehash(std::size_t size) {
    std::vector<Node*> buckets;
    try {
      buckets.assign(size, nullptr);
    } catch (const std::bad_alloc&) {
      return;
    }
    for (Node* node = newest_; node != nullptr; node = node->older) {
      Node*& bucket = buckets[node->hash & (size - 1)];
      node->next_in_bucket = std::exchange(bucket, node);
    }
    buckets_.swap(buckets);
  }

  mutable std::mutex mutex_;    // guards all below
  std::vector<Node*> buckets_;  // a power of two; chains through next_in_bucket
  Node* newest_ = nullptr;
  Node* oldest_ = nullptr;
  CacheCounters totals_;
  const bool ordered_;
  Order order_;  // all nodes by key, if ordered_
};

LruCache::LruCache(const LruCacheConfig& config) {
  const std::size_t count = shards_for(config);
  shards_.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    shards_.push_back(
        std::make_unique<Shard>(share_of(config.capacity_bytes, count, i), config.ordered));
  }
}

LruCache::~LruCache() = default;

// By the high bits: the low ones choose the bucket.
LruCache::Shard& LruCache::shard_of(std::uint64_t hash) const {
  return *shards_[(hash >> 48) & (shards_.size() - 1)];
}

std::optional<CachedValue> LruCache::find(std::string_view key) {
  const std::uint64_t hash = hash_of(key);
  return shard_of(hash).find(key, hash);
}

std::optional<CachedValue> LruCache::peek(std::string_view key) const {
  const std::uint64_t hash = hash_of(key);
  return shard_of(hash).peek(key, hash);
}

void LruCache::insert(std::string_view key, CachedValue value) {
  const std::uint64_t hash = hash_of(key);
  shard_of(hash).insert(key, hash, std::move(value));
}

void LruCache::erase(std::string_view key) {
  const std::uint64_t hash = hash_of(key);
  shard_of(hash).erase(key, hash);
}

void LruCache::erase_range(std::string_view begin, std::string_view end) {
  if (begin >= end) return;
  for (const auto& shard : shards_) shard->erase_range(begin, end);
}

void LruCache::resize(std::size_t capacity_bytes) {
  for (std::size_t i = 0; i < shards_.size(); ++i) {
    shards_[i]->resize(share_of(capacity_bytes, shards_.size(), i));
  }
}

CacheCounters LruCache::counters() const {
  CacheCounters sum;
  for (const auto& shard : shards_) {
    const CacheCounters one = shard->counters();
    sum.hits += one.hits;
    sum.misses += one.misses;
    sum.insertions += one.insertions;
    sum.evictions += one.evictions;
    sum.entries += one.entries;
    sum.bytes += one.bytes;
    sum.capacity_bytes += one.capacity_bytes;
  }
  return sum;
}

}  // namespace nodetune
