// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/cache/lru_cache.h"

#include <malloc.h>

#include <QtTest>
#include <algorithm>
#include <barrier>
#include <cmath>
#include <cstring>
#include <list>
#include <map>
#include <random>
#include <thread>

using namespace nodetune;

namespace {

CachedValue value_of(std::size_t bytes, char fill = 'v') {
  return CachedValue(std::string(bytes, fill));
}

std::size_t charge_of(std::string_view key, const CachedValue& value, bool ordered = false) {
  LruCache probe({.capacity_bytes = 64u << 20, .shards = 1, .ordered = ordered});
  probe.insert(key, value);
  return probe.counters().bytes;
}

// A second LRU by bytes, written to be obviously right.
class ModelLru {
 public:
  struct Entry {
    std::string key;
    CachedValue value;
    std::size_t charge;
  };
  explicit ModelLru(std::size_t capacity) { counters.capacity_bytes = capacity; }

  std::optional<CachedValue> find(const std::string& key) {
    const auto at = position(key);
    if (at == entries.end()) return ++counters.misses, std::nullopt;
    ++counters.hits;
    entries.splice(entries.begin(), entries, at);
    return at->value;
  }
  void insert(const std::string& key, const CachedValue& value, std::size_t charge) {
    const bool was_inside = position(key) != entries.end();
    erase(key);
    if (charge > counters.capacity_bytes) return;
    entries.push_front({key, value, charge});
    counters.bytes += charge;
    if (!was_inside) ++counters.insertions;
    evict();
  }
  void erase(const std::string& key) {
    const auto at = position(key);
    if (at == entries.end()) return;
    counters.bytes -= at->charge;
    entries.erase(at);
  }
  void erase_range(const std::string& begin, const std::string& end) {
    std::vector<std::string> keys;
    for (const Entry& entry : entries) {
      if (begin <= entry.key && entry.key < end) keys.push_back(entry.key);
    }
    for (const std::string& key : keys) erase(key);
  }
  void resize(std::size_t capacity) {
    counters.capacity_bytes = capacity;
    evict();
  }

  std::list<Entry> entries;
  CacheCounters counters;  // entries excepted

 private:
  std::list<Entry>::iterator position(const std::string& key) {
    return std::find_if(entries.begin(), entries.end(),
                        [&key](const Entry& entry) { return entry.key == key; });
  }
  void evict() {
    while (counters.bytes > counters.capacity_bytes) {
      counters.bytes -= entries.back().charge;
      entries.pop_back();
      ++counters.evictions;
    }
  }
};

bool agree(const CacheCounters& real, const ModelLru& model) {
  return real.hits == model.counters.hits && real.misses == model.counters.misses &&
         real.insertions == model.counters.insertions &&
         real.evictions == model.counters.evictions && real.bytes == model.counters.bytes &&
         real.capacity_bytes == model.counters.capacity_bytes &&
         real.entries == model.entries.size();
}

// One sequence of random operations on a cache and its model; false at the first difference.
bool run_against_model(std::uint64_t seed, bool ordered, int operations) {
  std::mt19937_64 random(seed);
  const auto below = [&random](std::size_t n) { return static_cast<std::size_t>(random() % n); };
  const std::size_t capacity = below(40'000);
  LruCache cache({.capacity_bytes = capacity, .shards = 1, .ordered = ordered});
  ModelLru model(capacity);
  std::map<std::pair<std::size_t, std::size_t>, std::size_t> charges;
  const auto random_key = [&] {
    return std::string(below(3) * 40, 'k') + std::to_string(below(120));
  };
  for (int i = 0; i < operations; ++i) {
    const std::string key = random_key();
    const std::size_t what = below(100);
    if (what < 45) {
      if (cache.find(key) != model.find(key)) return false;
    } else if (what < 80) {
      const std::size_t bytes = below(20) == 0 ? below(60'000) : below(300);
      const CachedValue value = below(8) == 0 ? nullptr : value_of(bytes);
      std::size_t& charge = charges[{key.size(), value ? value.view().size() : 0}];
      if (charge == 0) charge = charge_of(key, value, ordered);
      cache.insert(key, value);
      model.insert(key, value, charge);
    } else if (what < 92) {
      cache.erase(key);
      model.erase(key);
    } else if (what < 96) {
      const std::string end = random_key();
      cache.erase_range(key, end);
      model.erase_range(key, end);
    } else {
      const std::size_t resized = below(40'000);
      cache.resize(resized);
      model.resize(resized);
    }
    if (!agree(cache.counters(), model)) return false;
  }
  return std::all_of(model.entries.begin(), model.entries.end(), [&cache](const auto& entry) {
    return cache.peek(entry.key) == std::optional(entry.value);
  });
}

}  // namespace

class LruCacheTest : public QObject {
  Q_OBJECT
 private slots:
  void random_operations_agree_with_a_model() {
    const std::uint64_t seed = std::random_device{}();
    qInfo() << "seed" << seed;
    for (std::uint64_t i = 0; i < 1'500; ++i) {
      QVERIFY2(run_against_model(seed + i, i % 2 == 1, 300),
               qPrintable(QString("sequence of seed %1").arg(seed + i)));
    }
  }

  void the_least_recently_used_goes_first() {
    const std::size_t each = charge_of("a", value_of(100));
    LruCache cache({.capacity_bytes = 2 * each, .shards = 1});
    cache.insert("a", value_of(100));
    cache.insert("b", value_of(100));
    QVERIFY(cache.find("a").has_value());
    cache.insert("c", value_of(100));
    QVERIFY(cache.contains("a"));
    QVERIFY(!cache.contains("b"));
    QCOMPARE(cache.counters().evictions, std::uint64_t{1});
    QCOMPARE(cache.counters().bytes, 2 * each);
  }

  void peeking_counts_nothing_and_keeps_the_order() {
    const std::size_t each = charge_of("a", value_of(100));
    LruCache cache({.capacity_bytes = 2 * each, .shards = 1});
    cache.insert("a", value_of(100));
    cache.insert("b", value_of(100));
    QVERIFY(cache.peek("a").has_value());
    QVERIFY(!cache.peek("x").has_value());
    cache.insert("c", value_of(100));
    QVERIFY(!cache.contains("a"));
    QCOMPARE(cache.counters().lookups(), std::uint64_t{0});
  }

  void absence_is_cached_and_charged() {
    LruCache cache({.capacity_bytes = 1u << 20});
    cache.insert("gone", nullptr);
    const auto found = cache.find("gone");
    QVERIFY(found.has_value());
    QVERIFY(*found == nullptr);
    QVERIFY(cache.counters().bytes >= 4 + 64);
  }

  void a_value_bigger_than_the_cache_is_refused_and_the_old_one_is_gone() {
    LruCache cache({.capacity_bytes = 10'000, .shards = 1});
    cache.insert("kept", value_of(10));
    cache.insert("key", value_of(10));
    cache.insert("key", value_of(20'000));
    QVERIFY(!cache.contains("key"));
    QVERIFY(cache.contains("kept"));
    QCOMPARE(cache.counters().evictions, std::uint64_t{0});
    QCOMPARE(cache.counters().entries, std::uint64_t{1});
  }

  void a_cache_of_no_capacity_holds_nothing() {
    LruCache cache({.capacity_bytes = 0});
    cache.insert("a", nullptr);
    QVERIFY(!cache.find("a").has_value());
    QCOMPARE(cache.counters().bytes, std::uint64_t{0});
    cache.resize(10'000);
    cache.insert("a", nullptr);
    QVERIFY(cache.find("a").has_value());
  }

  void empty_and_binary_keys_are_keys() {
    LruCache cache({.capacity_bytes = 1u << 20});
    const std::string binary("a\0b\xff", 4);
    cache.insert("", value_of(1));
    cache.insert(binary, value_of(2));
    QCOMPARE(cache.find("")->view().size(), std::size_t{1});
    QCOMPARE(cache.find(binary)->view().size(), std::size_t{2});
    QVERIFY(!cache.contains("a"));
  }

  void the_charge_is_what_malloc_gives_data() {
    QTest::addColumn<std::size_t>("value_bytes");
    QTest::addColumn<bool>("ordered");
    QTest::newRow("absent") << std::size_t{0} << false;
    QTest::newRow("slot") << std::size_t{9} << false;
    QTest::newRow("trie node") << std::size_t{115} << false;
    QTest::newRow("trie node, ordered") << std::size_t{115} << true;
    QTest::newRow("code") << std::size_t{6'733} << false;
    QTest::newRow("body") << std::size_t{79'348} << true;
  }
  void the_charge_is_what_malloc_gives() {
    QFETCH(std::size_t, value_bytes);
    QFETCH(bool, ordered);
    const int entries = value_bytes > 1'000 ? 1'500 : 60'000;
    LruCache cache({.capacity_bytes = 1u << 30, .shards = 1, .ordered = ordered});
    const auto allocated = [] {
      const auto info = mallinfo2();
      return info.uordblks + info.hblkhd;
    };
    const std::size_t before = allocated();
    for (int i = 0; i < entries; ++i) {
      const std::string key = "a key of thirty-two bytes " + std::to_string(100'000 + i);
      cache.insert(key, value_bytes == 0 ? nullptr : value_of(value_bytes));
    }
    const auto taken = static_cast<double>(allocated() - before);
    if (taken == 0) QSKIP("this build's allocator keeps no statistics");
    const auto charged = static_cast<double>(cache.counters().bytes);
    QCOMPARE(cache.counters().entries, std::uint64_t(entries));
    QVERIFY2(std::abs(charged / taken - 1) < 0.08,
             qPrintable(QString("charged %1, taken %2").arg(charged).arg(taken)));
  }

  void shards_add_up_to_the_capacity_and_keep_it() {
    LruCache cache({.capacity_bytes = 1'000'003, .shards = 8});
    QCOMPARE(cache.shards(), std::size_t{8});
    QCOMPARE(cache.counters().capacity_bytes, std::uint64_t{1'000'003});
    for (int i = 0; i < 20'000; ++i) cache.insert(std::to_string(i), value_of(50));
    QVERIFY(cache.counters().bytes <= 1'000'003);
    QVERIFY(cache.counters().bytes > 990'000);
    cache.resize(77'777);
    QCOMPARE(cache.counters().capacity_bytes, std::uint64_t{77'777});
    QVERIFY(cache.counters().bytes <= 77'777);
    const CacheCounters end = cache.counters();
    QCOMPARE(end.insertions, end.entries + end.evictions);
  }

  void small_caches_have_one_shard() {
    QCOMPARE(LruCache({.capacity_bytes = 8u << 20}).shards(), std::size_t{1});
    QCOMPARE(LruCache({.capacity_bytes = 64u << 20}).shards(), std::size_t{4});
    QCOMPARE(LruCache({.capacity_bytes = 4ull << 30}).shards(), std::size_t{16});
  }

  void threads_lose_no_count() {
    constexpr int kThreads = 4, kRounds = 30'000;
    LruCache cache({.capacity_bytes = 200'000, .shards = 4, .ordered = true});
    std::barrier start(kThreads);
    std::vector<std::thread> threads;
    std::atomic<int> wrong = 0;
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([&cache, &start, &wrong, t] {
        std::mt19937 random(static_cast<unsigned>(t));
        start.arrive_and_wait();
        for (int i = 0; i < kRounds; ++i) {
          const std::string key = std::to_string(random() % 4'000);
          const auto found = cache.find(key);
          if (found && **found != key) ++wrong;
          if (!found) cache.insert(key, CachedValue(key));
          if (i % 100 == 0) cache.erase(key);
          if (i % 500 == 0) cache.erase_range(key, key + "5");
          if (i % 1'000 == 0) cache.resize(100'000 + random() % 200'000);
          if (i % 50 == 0 && cache.counters().bytes > 300'000) ++wrong;
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    QCOMPARE(wrong.load(), 0);
    QCOMPARE(cache.counters().lookups(), std::uint64_t(kThreads * kRounds));
    cache.erase_range("", "\xff");
    QCOMPARE(cache.counters().bytes, std::uint64_t{0});
    QCOMPARE(cache.counters().entries, std::uint64_t{0});
  }

  // FAST'03, Megiddo and Modha: what an exact LRU hits on this trace.
  void arc_oltp_trace_hits_as_published() {
    const QString path = NODETUNE_TEST_DATA "/traces/arc/OLTP.lis.zst";
    if (!QFile::exists(path)) QSKIP("traces/arc is not present");
    QProcess zstd;
    zstd.start("zstd", {"-dcq", path});
    if (!zstd.waitForStarted()) QSKIP("the program zstd is not present");
    QVERIFY(zstd.waitForFinished());
    const QByteArray text = zstd.readAllStandardOutput();

    const std::vector<std::pair<std::size_t, double>> published = {
        {1'000, 32.83}, {2'000, 42.47}, {5'000, 53.65}, {10'000, 60.70}, {15'000, 64.63}};
    const std::size_t each = charge_of(std::string(8, 'k'), nullptr);
    std::vector<std::unique_ptr<LruCache>> caches;
    for (const auto& [pages, percent] : published) {
      caches.push_back(
          std::make_unique<LruCache>(LruCacheConfig{.capacity_bytes = pages * each, .shards = 1}));
    }
    const char* at = text.constData();
    const char* const end = at + text.size();
    while (at < end) {  // "start count ignored request"
      char* next = nullptr;
      const std::uint64_t start = std::strtoull(at, &next, 10);
      if (next == at) break;
      const std::uint64_t count = std::strtoull(next, &next, 10);
      for (std::uint64_t page = start; page < start + count; ++page) {
        char key[8];
        std::memcpy(key, &page, sizeof key);
        for (const auto& cache : caches) {
          if (!cache->find({key, sizeof key})) cache->insert({key, sizeof key}, nullptr);
        }
      }
      at = std::find(static_cast<const char*>(next), end, '\n') + 1;
    }
    for (std::size_t i = 0; i < caches.size(); ++i) {
      const CacheCounters counters = caches[i]->counters();
      QCOMPARE(counters.lookups(), std::uint64_t{914'145});
      QCOMPARE(counters.entries, published[i].first);
      const double percent =
          100.0 * static_cast<double>(counters.hits) / static_cast<double>(counters.lookups());
      QVERIFY2(std::abs(percent - published[i].second) < 0.006,
               qPrintable(QString("%1 pages hit %2 %").arg(published[i].first).arg(percent)));
    }
  }
};

QTEST_GUILESS_MAIN(LruCacheTest)
#include "lru_cache_test.moc"
