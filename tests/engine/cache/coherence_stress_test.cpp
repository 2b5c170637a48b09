// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include <QtTest>
#include <atomic>
#include <mutex>
#include <random>
#include <thread>

#include "engine/cache/cache_manager.h"

using namespace nodetune;

namespace {

constexpr ObjectKind kKind = ObjectKind::storage;
constexpr int kKeys = 40;

std::string key_of(int i) {
  return {'k', static_cast<char>('0' + i / 10), static_cast<char>('0' + i % 10)};
}

// A database of versions: each key's value is the number of the write that made it.
//
// floor[key] is the write that was last told to the caches: whoever starts to read afterwards must
// see it or a later one.
struct Versions {
  struct Entry {
    std::mutex mutex;
    std::uint64_t version = 0;  // guarded by mutex
    bool absent = false;        // guarded by mutex
    std::atomic<std::uint64_t> floor{0};
  };
  std::array<Entry, kKeys> entries;

  CachedValue read(int i) {
    const std::lock_guard lock(entries[std::size_t(i)].mutex);
    const Entry& entry = entries[std::size_t(i)];
    if (entry.absent) return nullptr;
    return CachedValue(std::to_string(entry.version));
  }
};

struct World {
  CacheManager caches;
  Versions database;
  std::atomic<bool> done{false};
  std::atomic<int> stale{0};
  std::atomic<std::uint64_t> lookups{0};
  std::atomic<std::uint64_t> failures{0};

  static CacheConfig small_caches() {
    CacheConfig config;
    config.capacity_bytes.fill(1'500);  // about 20 of the 40 keys: evictions happen
    return config;
  }
  World() : caches(small_caches()) {}
};

int index_of_key(std::string_view key) {
  return (key[1] - '0') * 10 + (key[2] - '0');
}

void check(World& world, const CachedValue& value, std::uint64_t floor) {
  if (value && std::stoull(std::string(*value)) < floor) ++world.stale;
}

void read_one(World& world, std::mt19937_64& random) {
  const int i = int(random() % kKeys);
  const std::uint64_t floor = world.database.entries[std::size_t(i)].floor.load();
  const bool fails = random() % 50 == 0;
  const auto load = [&](std::string_view) -> Result<CachedValue> {
    if (fails) return Status(StatusCode::io_error, "meant to fail");
    CachedValue value = world.database.read(i);
    if (random() % 4 == 0) std::this_thread::yield();
    return value;
  };
  ++world.lookups;
  const auto result = world.caches.get_or_load(kKind, key_of(i), load);
  if (result) {
    check(world, *result, floor);
  } else {
    ++world.failures;
  }
}

void read_many(World& world, std::mt19937_64& random, bool prefetch) {
  std::vector<std::string> keys;
  std::vector<std::uint64_t> floors;
  for (int n = 0; n < 6; ++n) {
    const int i = int(random() % kKeys);
    keys.push_back(key_of(i));
    floors.push_back(world.database.entries[std::size_t(i)].floor.load());
  }
  const std::vector<std::string_view> views(keys.begin(), keys.end());
  const auto load =
      [&](std::span<const std::string_view> asked) -> Result<std::vector<CachedValue>> {
    std::vector<CachedValue> values;
    for (const std::string_view key : asked) {
      values.push_back(world.database.read(index_of_key(key)));
    }
    if (random() % 4 == 0) std::this_thread::yield();
    return values;
  };
  if (prefetch) {
    if (!world.caches.prefetch(kKind, views, load)) ++world.failures;
    return;
  }
  world.lookups += views.size();
  const auto values = world.caches.multi_get_or_load(kKind, views, load);
  if (!values) {
    ++world.failures;
    return;
  }
  for (std::size_t n = 0; n < views.size(); ++n) check(world, (*values)[n], floors[n]);
}

// One committer, as in the engine: database first, then the caches.
void commit(World& world, std::mt19937_64& random, std::uint64_t version) {
  const int first = int(random() % kKeys);
  const auto what = random() % 10;
  const int last = what == 9 ? std::min(first + 8, kKeys) : first + 1;
  for (int i = first; i < last; ++i) {
    auto& entry = world.database.entries[std::size_t(i)];
    const std::lock_guard lock(entry.mutex);
    entry.version = version;
    entry.absent = what >= 8;
  }
  const std::string key = key_of(first);
  if (what < 6) {
    world.caches.on_written(kKind, key, CachedValue(std::to_string(version)));
  } else if (what < 8) {
    world.caches.on_changed(kKind, key);
  } else if (what == 8) {
    world.caches.on_written(kKind, key, nullptr);
  } else {
    world.caches.on_range_deleted(kKind, key, key_of(last));
  }
  for (int i = first; i < last; ++i) world.database.entries[std::size_t(i)].floor.store(version);
}

}  // namespace

class CoherenceStressTest : public QObject {
  Q_OBJECT
 private slots:
  void no_read_is_older_than_the_last_write_told_before_it() {
    const std::uint64_t seed = std::random_device{}();
    qInfo() << "seed" << seed;
    World world;
    std::vector<std::thread> readers;
    for (std::uint64_t t = 0; t < 4; ++t) {
      readers.emplace_back([&world, seed, t] {
        std::mt19937_64 random(seed + t);
        while (!world.done.load()) {
          const auto what = random() % 10;
          if (what < 6) {
            read_one(world, random);
          } else {
            read_many(world, random, what == 9);
          }
        }
      });
    }
    std::mt19937_64 random(seed + 100);
    for (std::uint64_t version = 1; version <= 60'000; ++version) {
      commit(world, random, version);
      if (version % 1'000 == 0) world.caches.resize(kKind, 700 + random() % 2'000);
      if (version % 8 == 0) std::this_thread::yield();
    }
    world.done.store(true);
    for (std::thread& reader : readers) reader.join();

    QCOMPARE(world.stale.load(), 0);
    const CacheCounters counters = world.caches.counters(kKind);
    QCOMPARE(counters.lookups(), world.lookups.load());
    QVERIFY(counters.bytes <= counters.capacity_bytes);
    QVERIFY(counters.evictions > 0);
    QVERIFY(counters.hits > 0);
    QVERIFY(world.failures.load() < world.lookups.load() / 5);

    // At rest the caches say what the database says, key by key.
    for (int i = 0; i < kKeys; ++i) {
      const auto load = [&](std::string_view) -> Result<CachedValue> {
        return world.database.read(i);
      };
      const auto cached = world.caches.get_or_load(kKind, key_of(i), load);
      const CachedValue stored = world.database.read(i);
      QVERIFY(cached.is_ok());
      QVERIFY((*cached == nullptr) == (stored == nullptr));
      if (stored) QVERIFY(**cached == *stored);
    }
  }
};

QTEST_APPLESS_MAIN(CoherenceStressTest)
#include "coherence_stress_test.moc"
