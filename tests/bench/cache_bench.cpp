// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
//
// ConcurrentCache beside its peers in one run: a list and a hash map in 16 locked shards, RocksDB's
// LRUCache and HyperClockCache, oneTBB's concurrent_lru_cache.
// Debian's RocksDB is built with assertions: a release build of it is faster than what is seen
// here. All get the same Zipf 0.99 lookups of 4M keys and room for the same number of entries; a
// miss inserts. Ours also counts what entries cost in bytes and keeps within them. To be compared
// within one run only, by ratio: machines and neighbours differ.
#include <benchmark/benchmark.h>
#include <malloc.h>
#include <rocksdb/cache.h>
#define TBB_PREVIEW_CONCURRENT_LRU_CACHE 1
#include <tbb/concurrent_lru_cache.h>

#include <array>
#include <cmath>
#include <cstring>
#include <list>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <unordered_map>
#include <vector>

#include "engine/cache/cache_arena.h"
#include "engine/cache/concurrent_cache.h"

namespace {

using nodetune::CachedValue;
using nodetune::ConcurrentCache;
using nodetune::PolicyKind;

constexpr std::uint64_t kKeys = 4'000'000;
constexpr std::size_t kLookups = 4'000'000;  // of each thread, again and again

// HyperClockCache of RocksDB 7.8 takes keys of 16 bytes only: so do all.
using KeyBytes = std::array<char, 16>;
KeyBytes key_of(std::uint64_t rank) {
  const std::uint64_t mixed = (rank ^ rank >> 31) * 0x9E3779B97F4A7C15ull;
  KeyBytes key;
  std::memcpy(key.data(), &mixed, 8);
  std::memcpy(key.data() + 8, &rank, 8);
  return key;
}
std::string_view view(const KeyBytes& key) {
  return {key.data(), key.size()};
}

// Rejection-inversion: Hörmann and Derflinger, 1996.
std::vector<std::uint32_t> zipf(std::uint64_t seed) {
  constexpr double kExponent = 0.99;
  const auto area = [](double x) { return (std::pow(x, 1 - kExponent) - 1) / (1 - kExponent); };
  const auto inverse = [](double a) {
    return std::pow(1 + a * (1 - kExponent), 1 / (1 - kExponent));
  };
  const double first = area(1.5) - 1, last = area(static_cast<double>(kKeys) + 0.5);
  std::mt19937_64 random(seed);
  std::uniform_real_distribution<double> uniform(first, last);
  std::vector<std::uint32_t> ranks;
  while (ranks.size() < kLookups) {
    const double a = uniform(random);
    const double rank = std::floor(inverse(a) + 0.5);
    if (a >= area(rank + 0.5) - std::pow(rank, -kExponent)) {
      ranks.push_back(static_cast<std::uint32_t>(rank));
    }
  }
  return ranks;
}
const std::vector<std::uint32_t>& trace(int thread) {
  static const std::array<std::vector<std::uint32_t>, 2> made = {zipf(1), zipf(2)};
  return made[static_cast<std::size_t>(thread) % made.size()];
}

template <PolicyKind policy>
class Ours {
 public:
  Ours(std::size_t entries, std::size_t value_bytes)
      : value_(std::string(value_bytes, 'v')),
        cache_({.capacity_bytes =
                    entries * ConcurrentCache({}).charge_of(view(key_of(0)), CachedValue(value_)),
                .partitions = 0,
                .ordered = false,
                .policy = policy}) {}
  bool get_or_insert(const KeyBytes& key) {
    const auto found = cache_.find(view(key));
    if (found) {
      benchmark::DoNotOptimize(found->view()[0]);
      return true;
    }
    cache_.insert(view(key), CachedValue(value_));
    return false;
  }

 private:
  std::string value_;
  ConcurrentCache cache_;
};
using OursLru = Ours<PolicyKind::lru>;
using OursS3Fifo = Ours<PolicyKind::s3fifo>;
using OursArc = Ours<PolicyKind::arc>;

class ListAndMap {
 public:
  ListAndMap(std::size_t entries, std::size_t value_bytes)
      : value_(value_bytes, 'v'), entries_(entries / kShards) {}
  bool get_or_insert(const KeyBytes& key) {
    Shard& shard = shards_[static_cast<unsigned char>(key[7]) % kShards];
    const std::lock_guard lock(shard.mutex);
    const auto found = shard.index.find(view(key));
    if (found != shard.index.end()) {
      shard.list.splice(shard.list.begin(), shard.list, found->second);
      const std::string copy = found->second->second;
      benchmark::DoNotOptimize(copy[0]);
      return true;
    }
    shard.list.emplace_front(std::string(view(key)), value_);
    shard.index[shard.list.front().first] = shard.list.begin();
    if (shard.index.size() > entries_) {
      shard.index.erase(shard.list.back().first);
      shard.list.pop_back();
    }
    return false;
  }

 private:
  using List = std::list<std::pair<std::string, std::string>>;
  static constexpr std::size_t kShards = 16;
  struct alignas(64) Shard {
    std::mutex mutex;
    List list;
    std::unordered_map<std::string_view, List::iterator> index;
  };
  std::string value_;
  std::size_t entries_;
  std::array<Shard, kShards> shards_;
};

template <bool hyper_clock>
class RocksDb {
 public:
  RocksDb(std::size_t entries, std::size_t value_bytes) : value_(value_bytes, 'v') {
    constexpr int kShardBits = 4;
    if constexpr (hyper_clock) {
      rocksdb::HyperClockCacheOptions options(entries, 1, kShardBits);
      options.metadata_charge_policy = rocksdb::kDontChargeCacheMetadata;
      cache_ = options.MakeSharedCache();
    } else {
      cache_ =
          rocksdb::NewLRUCache(entries, kShardBits, false, 0.0, nullptr,
                               rocksdb::kDefaultToAdaptiveMutex, rocksdb::kDontChargeCacheMetadata);
    }
  }
  bool get_or_insert(const KeyBytes& key) {
    const rocksdb::Slice slice(key.data(), key.size());
    if (rocksdb::Cache::Handle* const handle = cache_->Lookup(slice)) {
      const std::string copy = *static_cast<std::string*>(cache_->Value(handle));
      benchmark::DoNotOptimize(copy[0]);
      cache_->Release(handle);
      return true;
    }
    (void)cache_->Insert(slice, new std::string(value_), 1, [](const rocksdb::Slice&, void* value) {
      delete static_cast<std::string*>(value);
    });
    return false;
  }

 private:
  std::string value_;
  std::shared_ptr<rocksdb::Cache> cache_;
};
using RocksDbLru = RocksDb<false>;
using RocksDbHyperClock = RocksDb<true>;

// Has no lookup that does not insert: a miss is what makes a value.
class TbbLru {
 public:
  TbbLru(std::size_t entries, std::size_t value_bytes) : cache_(&make, entries) {
    bytes() = value_bytes;
  }
  bool get_or_insert(const KeyBytes& key) {
    made() = false;
    auto handle = cache_[std::string(view(key))];
    const std::string copy = handle.value();
    benchmark::DoNotOptimize(copy[0]);
    return !made();
  }

 private:
  static std::string make(std::string) {
    made() = true;
    return std::string(bytes(), 'v');
  }
  static bool& made() {
    thread_local bool made = false;
    return made;
  }
  static std::size_t& bytes() {
    static std::size_t bytes = 0;
    return bytes;
  }
  tbb::concurrent_lru_cache<std::string, std::string, std::string (*)(std::string)> cache_;
};

double allocated_bytes() {
  const auto info = mallinfo2();
  return static_cast<double>(info.uordblks + info.hblkhd +
                             nodetune::CacheArena::instance().out_bytes());
}

// Arguments: entries, bytes of a value.
template <typename Cache>
void get_or_insert(benchmark::State& state) {
  static std::unique_ptr<Cache> cache;
  static double bytes_per_entry;
  if (state.thread_index() == 0) {
    const auto entries = static_cast<std::size_t>(state.range(0));
    trace(0);
    const double before = allocated_bytes();
    cache = std::make_unique<Cache>(entries, static_cast<std::size_t>(state.range(1)));
    for (const std::uint32_t rank : trace(0)) cache->get_or_insert(key_of(rank));
    bytes_per_entry = (allocated_bytes() - before) / static_cast<double>(entries);
  }
  std::uint64_t hits = 0;
  std::size_t at = 0;
  const std::vector<std::uint32_t>& ranks = trace(state.thread_index());
  for (auto _ : state) {
    hits += cache->get_or_insert(key_of(ranks[at])) ? 1 : 0;
    if (++at == ranks.size()) at = 0;
  }
  state.SetItemsProcessed(state.iterations());
  state.counters["hit_ratio"] =
      benchmark::Counter(static_cast<double>(hits) / static_cast<double>(state.iterations()),
                         benchmark::Counter::kAvgThreads);
  if (state.thread_index() != 0) return;
  state.counters["bytes_per_entry"] = bytes_per_entry;
  cache.reset();
}

void sizes(benchmark::internal::Benchmark* bench) {
  bench->ArgNames({"entries", "value"});
  bench->Args({400'000, 64})->Args({40'000, 64})->Args({400'000, 9})->Args({40'000, 500});
  bench->ThreadRange(1, 2)->UseRealTime();
}
BENCHMARK(get_or_insert<OursLru>)->Apply(sizes);
BENCHMARK(get_or_insert<OursS3Fifo>)->Apply(sizes);
BENCHMARK(get_or_insert<OursArc>)->Apply(sizes);
BENCHMARK(get_or_insert<ListAndMap>)->Apply(sizes);
BENCHMARK(get_or_insert<RocksDbLru>)->Apply(sizes);
BENCHMARK(get_or_insert<RocksDbHyperClock>)->Apply(sizes);
BENCHMARK(get_or_insert<TbbLru>)->Apply(sizes);

// Arguments: entries (of 64 bytes of value: 112 and their share of index and queue), keys a call.
// All lookups hit, at random.
void multi_find(benchmark::State& state) {
  const auto entries = static_cast<std::uint64_t>(state.range(0));
  const auto batch = static_cast<std::size_t>(state.range(1));
  ConcurrentCache cache({.capacity_bytes = std::size_t{2} << 30});
  const CachedValue value(std::string(64, 'v'));
  for (std::uint64_t i = 0; i < entries; ++i) cache.insert(view(key_of(i)), value);
  std::mt19937_64 random(1);
  std::vector<KeyBytes> keys(1u << 18);
  for (KeyBytes& key : keys) key = key_of(random() % entries);
  std::vector<std::string_view> asked;
  for (const KeyBytes& key : keys) asked.push_back(view(key));
  std::vector<std::optional<CachedValue>> found(batch);
  std::size_t at = 0;
  for (auto _ : state) {
    if (batch == 1) {
      benchmark::DoNotOptimize(cache.find(asked[at]));
    } else {
      benchmark::DoNotOptimize(cache.multi_find(std::span(asked).subspan(at, batch), found));
    }
    at = (at + batch) % asked.size();
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(batch));
}
BENCHMARK(multi_find)
    ->ArgNames({"entries", "batch"})
    ->ArgsProduct({{60'000, 250'000, 1'000'000}, {1, 16, 256}});

// Deletes one key a round by range and puts it back, as pruning one old block does.
void erase_range_of_one(benchmark::State& state) {
  constexpr std::uint64_t kEntries = 200'000;
  ConcurrentCache cache({.capacity_bytes = 256u << 20, .ordered = state.range(0) != 0});
  const CachedValue value(std::string(64, 'v'));
  for (std::uint64_t i = 0; i < kEntries; ++i) cache.insert(view(key_of(i)), value);
  std::uint64_t at = 0;
  for (auto _ : state) {
    const std::string key(view(key_of(at)));
    cache.erase_range(key, key + '\0');
    cache.insert(key, value);
    at = (at + 1) % kEntries;
  }
  state.SetLabel(state.range(0) != 0 ? "ordered" : "scan");
}
BENCHMARK(erase_range_of_one)->Arg(0)->Arg(1);

}  // namespace
