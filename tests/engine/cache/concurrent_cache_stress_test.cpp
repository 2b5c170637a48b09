// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
// Eight threads do everything at once; each value says whose it is. Made for ThreadSanitizer.
#include <QtTest>
#include <atomic>
#include <barrier>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "engine/cache/concurrent_cache.h"

using namespace nodetune;

namespace {

constexpr int kThreads = 8;
constexpr int kKeys = 1'500;
constexpr std::size_t kLargest = 200'000;

std::string key_of(std::uint64_t i) {
  return std::string(i % 3 * 30, 'k') + std::to_string(1'000'000 + i);
}

// The key, then one byte again and again: all of it belongs to one write.
CachedValue value_of(const std::string& key, std::uint64_t random) {
  if (random % 16 == 0) return nullptr;
  const std::size_t bytes = random % 64 == 1 ? 5'000 : random % 200;
  return CachedValue(key + std::string(bytes, static_cast<char>('a' + random % 26)));
}

bool belongs(const CachedValue& value, std::string_view key) {
  if (!value) return true;
  std::string_view text = value.view();
  if (!text.starts_with(key)) return false;
  text.remove_prefix(key.size());
  return text.empty() || text.find_first_not_of(text[0]) == std::string_view::npos;
}

struct World {
  ConcurrentCache cache;
  std::atomic<std::uint64_t> wrong = 0, lookups = 0;
};

void look_up_many(World& world, std::mt19937_64& random) {
  std::vector<std::string> keys;
  for (int i = 0; i < 20; ++i) keys.push_back(key_of(random() % kKeys));
  const std::vector<std::string_view> asked(keys.begin(), keys.end());
  std::vector<std::optional<CachedValue>> found(asked.size());
  world.cache.multi_find(asked, found);
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (found[i] && !belongs(*found[i], keys[i])) ++world.wrong;
  }
  world.lookups += keys.size();
}

void do_one(World& world, std::mt19937_64& random, std::vector<CachedValue>& held) {
  const std::string key = key_of(random() % kKeys);
  const std::uint64_t what = random() % 1'000;
  if (what < 600) {
    ++world.lookups;
    const auto found = world.cache.find(key);
    if (!found) {
      world.cache.insert(key, value_of(key, random()));
    } else {
      if (!belongs(*found, key)) ++world.wrong;
      held[random() % held.size()] = *found;  // outlives its entry
    }
  } else if (what < 650) {
    look_up_many(world, random);
  } else if (what < 850) {
    world.cache.insert(key, value_of(key, random()));
  } else if (what < 980) {
    world.cache.erase(key);
  } else if (what < 990) {
    world.cache.erase_range(key, key + "5");
  } else if (what < 994) {
    world.cache.resize(20'000 + random() % (kLargest - 20'000));
  } else if (what < 997) {
    world.cache.set_policy(kPolicyKinds[random() % kPolicyKinds.size()]);
  } else {
    const CacheCounters counters = world.cache.counters();
    if (counters.bytes > kLargest) ++world.wrong;
  }
}

}  // namespace

class ConcurrentCacheStressTest : public QObject {
  Q_OBJECT
 private slots:
  void eight_threads_find_only_whole_values_data() {
    QTest::addColumn<bool>("ordered");
    QTest::addColumn<int>("partitions");
    QTest::addColumn<bool>("in_spans");
    QTest::newRow("one partition") << false << 1 << false;
    QTest::newRow("one partition, entries in spans") << false << 1 << true;
    QTest::newRow("four partitions, ordered") << true << 4 << false;
    QTest::newRow("four partitions, ordered, entries in spans") << true << 4 << true;
  }
  void eight_threads_find_only_whole_values() {
    QFETCH(bool, ordered);
    QFETCH(int, partitions);
    QFETCH(bool, in_spans);
    constexpr int kRounds = 8'000;
    const std::uint64_t seed = std::random_device{}();
    qInfo() << "seed" << seed;
    World world{ConcurrentCache({.capacity_bytes = kLargest,
                                 .partitions = static_cast<std::size_t>(partitions),
                                 .ordered = ordered,
                                 .spans_from_bytes = in_spans ? 0 : 2 * kLargest})};
    std::barrier start(kThreads);
    std::vector<std::thread> threads;
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([&world, &start, seed, t] {
        std::mt19937_64 random(seed + static_cast<std::uint64_t>(t));
        std::vector<CachedValue> held(16);
        start.arrive_and_wait();
        for (int i = 0; i < kRounds; ++i) do_one(world, random, held);
        for (const CachedValue& value : held) {
          if (value && value.view().find_first_of("0123456789") > 60) ++world.wrong;
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    QCOMPARE(world.wrong.load(), std::uint64_t{0});

    const CacheCounters counters = world.cache.counters();
    QCOMPARE(counters.lookups(), world.lookups.load());
    QVERIFY(counters.evictions > 0);
    QVERIFY(counters.bytes <= counters.capacity_bytes);
    std::uint64_t bytes = 0, entries = 0;
    for (std::uint64_t i = 0; i < kKeys; ++i) {
      const std::string key = key_of(i);
      const auto inside = world.cache.peek(key);
      if (!inside) continue;
      QVERIFY(belongs(*inside, key));
      bytes += world.cache.charge_of(key, *inside);
      ++entries;
    }
    QCOMPARE(bytes, counters.bytes);
    QCOMPARE(entries, counters.entries);
    world.cache.erase_range("", "\xff");
    QCOMPARE(world.cache.counters().bytes, std::uint64_t{0});
    QCOMPARE(world.cache.counters().entries, std::uint64_t{0});
  }

  // What one thread wrote before it told, another finds or does not find: never what was before.
  void a_replaced_value_is_never_seen_again() {
    ConcurrentCache cache({.capacity_bytes = 1u << 20,
                           .partitions = 1,
                           .policy = PolicyKind::s3fifo,
                           .spans_from_bytes = 0});
    constexpr std::uint64_t kVersions = 20'000;
    std::atomic<std::uint64_t> done = 0;
    std::atomic<int> stale = 0;
    std::vector<std::thread> readers;
    for (int t = 0; t < 3; ++t) {
      readers.emplace_back([&] {
        while (done.load(std::memory_order_acquire) < kVersions) {
          const std::uint64_t least = done.load(std::memory_order_acquire);
          const auto found = cache.find("key");
          if (found && std::stoull(std::string(**found)) < least) ++stale;
        }
      });
    }
    for (std::uint64_t version = 1; version <= kVersions; ++version) {
      cache.insert("key", CachedValue(std::to_string(version)));
      done.store(version, std::memory_order_release);
      cache.insert("other " + std::to_string(version % 5'000), nullptr);
    }
    for (std::thread& reader : readers) reader.join();
    QCOMPARE(stale.load(), 0);
  }

  // Most entries go, and what is left is moved together while others look.
  void an_entry_is_found_while_it_is_moved() {
    constexpr int kSmall = 20'000, kStays = 16;  // one in so many
    ConcurrentCache cache({.capacity_bytes = 8u << 20, .partitions = 1, .spans_from_bytes = 0});
    std::atomic<bool> done = false;
    std::atomic<int> missing = 0, wrong = 0;
    for (int i = 0; i < kSmall; ++i) {
      const std::string key = key_of(static_cast<std::uint64_t>(i));
      cache.insert(key, CachedValue(key));
    }
    std::vector<std::thread> readers;
    for (int t = 0; t < 3; ++t) {
      readers.emplace_back([&, t] {
        std::mt19937_64 random(static_cast<std::uint64_t>(t));
        while (!done.load(std::memory_order_relaxed)) {
          const std::string key = key_of(random() % (kSmall / kStays) * kStays);
          const auto found = cache.find(key);
          if (!found) {
            ++missing;
          } else if (**found != key) {
            ++wrong;
          }
        }
      });
    }
    for (int i = 0; i < kSmall; ++i) {
      if (i % kStays != 0) cache.erase(key_of(static_cast<std::uint64_t>(i)));
    }
    for (int i = 0; i < kSmall; ++i) cache.insert("moves on", CachedValue(std::to_string(i)));
    done = true;
    for (std::thread& reader : readers) reader.join();
    QCOMPARE(missing.load(), 0);
    QCOMPARE(wrong.load(), 0);
  }
};

QTEST_APPLESS_MAIN(ConcurrentCacheStressTest)
#include "concurrent_cache_stress_test.moc"
