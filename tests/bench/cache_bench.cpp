// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
//
// LruCache against the plain thing: a list and a hash map behind one mutex, without accounting.
#include <benchmark/benchmark.h>

#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "engine/cache/lru_cache.h"

namespace {

using nodetune::CachedValue;
using nodetune::LruCache;

constexpr std::size_t kEntries = 200'000;

class PlainLru {
 public:
  explicit PlainLru(std::size_t entries) : capacity_(entries) {}

  std::optional<CachedValue> find(const std::string& key) {
    const std::lock_guard lock(mutex_);
    const auto found = index_.find(key);
    if (found == index_.end()) return std::nullopt;
    entries_.splice(entries_.begin(), entries_, found->second);
    return found->second->second;
  }
  void insert(const std::string& key, CachedValue value) {
    const std::lock_guard lock(mutex_);
    entries_.emplace_front(key, std::move(value));
    index_[key] = entries_.begin();
    if (index_.size() <= capacity_) return;
    index_.erase(entries_.back().first);
    entries_.pop_back();
  }

 private:
  std::mutex mutex_;
  std::size_t capacity_;
  std::list<std::pair<std::string, CachedValue>> entries_;
  std::unordered_map<std::string, decltype(entries_)::iterator> index_;
};

const std::vector<std::string>& keys() {
  static const std::vector<std::string> made = [] {
    std::vector<std::string> all;
    for (std::size_t i = 0; i < 2 * kEntries; ++i) {
      std::string key(32, '\0');
      for (std::size_t j = 0; j < key.size(); ++j) {
        key[j] = static_cast<char>((i + 1) * 0x9E3779B97F4A7C15ull >> (8 * (j % 8)));
      }
      all.push_back(std::move(key));
    }
    return all;
  }();
  return made;
}

CachedValue value() {
  return CachedValue(std::string(64, 'v'));
}

// Holds kEntries of the benchmark's keys and values, whatever an entry is charged.
std::size_t lru_capacity(bool ordered) {
  LruCache probe({.capacity_bytes = 1u << 20, .shards = 1, .ordered = ordered});
  probe.insert(keys()[0], value());
  return probe.counters().bytes * kEntries;
}

template <typename Cache>
std::unique_ptr<Cache> filled(bool ordered = false) {
  std::unique_ptr<Cache> cache;
  if constexpr (std::is_same_v<Cache, PlainLru>) {
    cache = std::make_unique<PlainLru>(kEntries);
  } else {
    cache = std::make_unique<LruCache>(
        nodetune::LruCacheConfig{.capacity_bytes = lru_capacity(ordered), .ordered = ordered});
  }
  for (std::size_t i = 0; i < kEntries; ++i) cache->insert(keys()[i], value());
  return cache;
}

template <typename Cache>
void find_hit(benchmark::State& state) {
  static std::unique_ptr<Cache> cache;
  if (state.thread_index() == 0) cache = filled<Cache>();
  std::size_t at = 7'919 * static_cast<std::size_t>(state.thread_index() + 1);
  for (auto _ : state) {
    at = (at + 104'729) % (kEntries / 2) + kEntries / 2;  // what every shard still holds
    benchmark::DoNotOptimize(cache->find(keys()[at]));
  }
  state.SetItemsProcessed(state.iterations());
}

template <typename Cache>
void insert_evict(benchmark::State& state) {
  static std::unique_ptr<Cache> cache;
  if (state.thread_index() == 0) cache = filled<Cache>();
  // Threads take turns through all keys, so that what they insert has long been evicted.
  const auto threads = static_cast<std::size_t>(state.threads());
  std::size_t at = kEntries + static_cast<std::size_t>(state.thread_index());
  for (auto _ : state) {
    cache->insert(keys()[at], value());
    at = (at + threads) % keys().size();
  }
  state.SetItemsProcessed(state.iterations());
}

// Deletes one key a round by range and puts it back, as pruning one old block does.
void erase_range_of_one(benchmark::State& state) {
  const auto cache = filled<LruCache>(state.range(0) != 0);
  std::size_t at = 0;
  for (auto _ : state) {
    const std::string& key = keys()[at];
    cache->erase_range(key, key + '\0');
    cache->insert(key, value());
    at = (at + 1) % kEntries;
  }
  state.SetLabel(state.range(0) != 0 ? "ordered" : "scan");
}

BENCHMARK(find_hit<LruCache>)->ThreadRange(1, 2)->UseRealTime();
BENCHMARK(find_hit<PlainLru>)->ThreadRange(1, 2)->UseRealTime();
BENCHMARK(insert_evict<LruCache>)->ThreadRange(1, 2)->UseRealTime();
BENCHMARK(insert_evict<PlainLru>)->ThreadRange(1, 2)->UseRealTime();
BENCHMARK(erase_range_of_one)->Arg(0)->Arg(1);

}  // namespace
