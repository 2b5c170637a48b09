// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/cache/concurrent_cache.h"
#include "engine/cache/cache_arena.h"

#include <malloc.h>

#include <QtTest>
#include <algorithm>
#include <cmath>
#include <map>
#include <random>
#include <string>
#include <vector>

using namespace nodetune;

namespace {

CachedValue value_of(std::size_t bytes, char fill = 'v') {
  return CachedValue(std::string(bytes, fill));
}

ConcurrentCacheConfig of(std::size_t capacity, PolicyKind policy = PolicyKind::lru,
                         bool ordered = false, std::size_t partitions = 1) {
  return {
      .capacity_bytes = capacity, .partitions = partitions, .ordered = ordered, .policy = policy};
}

std::size_t charge_of(std::string_view key, const CachedValue& value, bool ordered = false) {
  ConcurrentCache probe(of(64u << 20, PolicyKind::lru, ordered));
  probe.insert(key, value);
  return probe.counters().bytes;
}

// What may be inside: a cache may forget, it must not invent. Every key that the sequence uses is
// looked at, so that the charges of what is inside can be summed.
class Model {
 public:
  explicit Model(ConcurrentCache& cache) : cache_(cache) {}

  std::string check(const std::vector<std::string>& keys) const {
    const CacheCounters counters = cache_.counters();
    std::uint64_t bytes = 0, entries = 0;
    for (const std::string& key : keys) {
      const auto inside = cache_.peek(key);
      if (!inside) continue;
      ++entries;
      bytes += cache_.charge_of(key, *inside);
      const auto known = latest.find(key);
      if (known == latest.end()) return "holds the erased key " + key;
      if (*inside != known->second) return "holds another value of " + key;
    }
    if (bytes != counters.bytes) return "the charges' sum is not the reported bytes";
    if (entries != counters.entries) return "counts other entries than it holds";
    if (counters.bytes > counters.capacity_bytes) return "holds more than its capacity";
    if (counters.capacity_bytes != capacity) return "has another capacity";
    if (counters.hits != hits || counters.misses != misses) return "counts lookups wrongly";
    return {};
  }

  std::map<std::string, CachedValue> latest;
  std::uint64_t hits = 0, misses = 0;
  std::size_t capacity = 0;

 private:
  ConcurrentCache& cache_;
};

// One sequence of random operations on a cache; what was wrong first, or nothing.
std::string run_random(std::uint64_t seed, PolicyKind policy, int operations) {
  std::mt19937_64 random(seed);
  const auto below = [&random](std::size_t n) { return static_cast<std::size_t>(random() % n); };
  const std::size_t capacity = below(40'000);
  ConcurrentCacheConfig config = of(capacity, policy, below(2) == 0, std::size_t{1} << below(3));
  config.spans_from_bytes = below(2) * 20'000;  // resizes cross it
  ConcurrentCache cache(config);
  Model model(cache);
  model.capacity = capacity;
  std::vector<std::string> keys;
  for (int i = 0; i < 120; ++i) keys.push_back(std::string(below(3) * 40, 'k') + std::to_string(i));
  keys[0].clear();
  const auto any_key = [&]() -> const std::string& { return keys[below(keys.size())]; };
  const auto look = [&](const std::string& key, const std::optional<CachedValue>& found) {
    ++(found ? model.hits : model.misses);
    return !found || (model.latest.contains(key) && *found == model.latest[key]);
  };
  for (int i = 0; i < operations; ++i) {
    const std::string& key = any_key();
    const std::size_t what = below(100);
    if (what < 35) {
      if (!look(key, cache.find(key))) return "a lookup gave another value of " + key;
    } else if (what < 40) {
      std::vector<std::string_view> asked;
      for (std::size_t n = below(40); n > 0; --n) asked.push_back(any_key());
      std::vector<std::optional<CachedValue>> found(asked.size());
      const std::uint64_t before = model.hits;
      const std::size_t hits = cache.multi_find(asked, found);
      for (std::size_t n = 0; n < asked.size(); ++n) {
        if (!look(std::string(asked[n]), found[n])) return "a batch gave another value";
      }
      if (hits != model.hits - before) return "a batch counts its hits wrongly";
    } else if (what < 78) {
      const std::size_t bytes = below(20) == 0 ? below(60'000) : below(300);
      const CachedValue value =
          below(8) == 0 ? nullptr : value_of(bytes, static_cast<char>('a' + below(26)));
      cache.insert(key, value);
      model.latest[key] = value;
    } else if (what < 90) {
      cache.erase(key);
      model.latest.erase(key);
    } else if (what < 94) {
      const std::string& end = any_key();
      cache.erase_range(key, end);
      std::erase_if(model.latest,
                    [&](const auto& one) { return key <= one.first && one.first < end; });
    } else if (what < 97) {
      cache.resize(model.capacity = below(40'000));
    } else {
      cache.set_policy(kPolicyKinds[below(kPolicyKinds.size())]);
    }
    if (std::string wrong = model.check(keys); !wrong.empty()) return wrong;
  }
  return {};
}

}  // namespace

class ConcurrentCacheTest : public QObject {
  Q_OBJECT
 private slots:
  void every_policy_data() {
    QTest::addColumn<int>("policy");
    for (const PolicyKind policy : kPolicyKinds) {
      QTest::newRow(std::string(name(policy)).c_str()) << static_cast<int>(policy);
    }
  }

  void random_operations_agree_with_a_model_data() { every_policy_data(); }
  void random_operations_agree_with_a_model() {
    QFETCH(int, policy);
    const std::uint64_t seed = std::random_device{}();
    qInfo() << "seed" << seed;
    for (std::uint64_t i = 0; i < 200; ++i) {
      const std::string wrong = run_random(seed + i, PolicyKind(policy), 250);
      QVERIFY2(wrong.empty(),
               qPrintable(
                   QString("sequence of seed %1: the cache %2").arg(seed + i).arg(wrong.c_str())));
    }
  }

  void what_fits_stays_data() { every_policy_data(); }
  void what_fits_stays() {
    QFETCH(int, policy);
    constexpr int kKeys = 1'000;
    ConcurrentCache cache(of(1u << 20, PolicyKind(policy)));
    for (int round = 0; round < 3; ++round) {
      for (int i = 0; i < kKeys; ++i) {
        const std::string key = std::to_string(i);
        if (!cache.find(key)) cache.insert(key, CachedValue(key));
      }
    }
    const CacheCounters counters = cache.counters();
    QCOMPARE(counters.hits, std::uint64_t{2 * kKeys});
    QCOMPARE(counters.entries, std::uint64_t{kKeys});
    QCOMPARE(counters.evictions, std::uint64_t{0});
    QVERIFY(cache.policy() == PolicyKind(policy));
  }

  void the_least_recently_used_goes_first() {
    const std::size_t each = charge_of("a", value_of(100));
    ConcurrentCache cache(of(2 * each));
    cache.insert("a", value_of(100));
    cache.insert("b", value_of(100));
    QVERIFY(cache.find("a").has_value());
    cache.insert("c", value_of(100));
    QVERIFY(cache.contains("a"));
    QVERIFY(!cache.contains("b"));
    QCOMPARE(cache.counters().evictions, std::uint64_t{1});
    QCOMPARE(cache.counters().bytes, std::uint64_t{2 * each});
  }

  void peeking_counts_nothing_and_keeps_the_order() {
    const std::size_t each = charge_of("a", value_of(100));
    ConcurrentCache cache(of(2 * each));
    cache.insert("a", value_of(100));
    cache.insert("b", value_of(100));
    QVERIFY(cache.peek("a").has_value());
    QVERIFY(!cache.peek("x").has_value());
    cache.insert("c", value_of(100));
    QVERIFY(!cache.contains("a"));
    QCOMPARE(cache.counters().lookups(), std::uint64_t{0});
  }

  void absence_is_cached_and_charged() {
    ConcurrentCache cache(of(1u << 20));
    cache.insert("gone", nullptr);
    const auto found = cache.find("gone");
    QVERIFY(found.has_value());
    QVERIFY(*found == nullptr);
    QVERIFY(cache.counters().bytes >= 4 + 40);
    cache.insert("empty", CachedValue(""));
    QVERIFY(*cache.find("empty") != nullptr);
    QVERIFY(cache.find("empty")->view().empty());
  }

  void a_value_bigger_than_the_cache_is_refused_and_the_old_one_is_gone() {
    ConcurrentCache cache(of(10'000));
    cache.insert("kept", value_of(10));
    cache.insert("key", value_of(10));
    cache.insert("key", value_of(20'000));
    QVERIFY(!cache.contains("key"));
    QVERIFY(cache.contains("kept"));
    QCOMPARE(cache.counters().evictions, std::uint64_t{0});
    QCOMPARE(cache.counters().entries, std::uint64_t{1});
  }

  void values_of_all_sizes_come_back_whole() {
    ConcurrentCache cache(of(64u << 20));
    std::vector<CachedValue> held;
    for (const std::size_t bytes : {0, 1, 32, 118, 119, 120, 121, 500, 6'733, 79'348, 5 << 20}) {
      const std::string key = "key of " + std::to_string(bytes);
      const std::string text(bytes, static_cast<char>('a' + bytes % 26));
      cache.insert(key, CachedValue(text));
      const auto found = cache.find(key);
      QVERIFY(found.has_value());
      QVERIFY(**found == text);
      held.push_back(*found);
    }
    cache.resize(0);  // who holds a value keeps it
    QCOMPARE(held.back().view().size(), std::size_t{5 << 20});
    QVERIFY(held.back().view().find_first_not_of(held.back().view()[0]) == std::string::npos);
  }

  void one_large_value_does_not_throw_out_thousands_of_small_ones_data() { every_policy_data(); }
  void one_large_value_does_not_throw_out_thousands_of_small_ones() {
    QFETCH(int, policy);
    constexpr int kSmall = 8'000;
    const std::size_t each = charge_of("1000", value_of(64));
    ConcurrentCache cache(of(kSmall * each, PolicyKind(policy)));
    const auto touch_small = [&] {
      int hits = 0;
      for (int i = 0; i < kSmall; ++i) {
        const std::string key = std::to_string(1'000 + i);
        if (cache.find(key)) {
          ++hits;
        } else {
          cache.insert(key, value_of(64));
        }
      }
      return hits;
    };
    touch_small();
    for (int body = 0; body < 20; ++body) {
      cache.insert("body " + std::to_string(body), value_of(500'000));
      if (body % 5 == 0) touch_small();
    }
    QVERIFY(touch_small() > kSmall - 100);

    // One that is asked for again and again while nobody asks for the small ones comes in.
    int asked = 0;
    while (!cache.find("wanted") && ++asked < 50) cache.insert("wanted", value_of(500'000));
    QVERIFY2(asked < 10, qPrintable(QString("asked %1 times").arg(asked)));
  }

  void large_values_among_their_like_are_cached_at_once() {
    ConcurrentCache cache(of(4u << 20));
    for (int i = 0; i < 200; ++i) cache.insert(std::to_string(i), value_of(80'000));
    QVERIFY(cache.contains("199"));
    QVERIFY(cache.counters().entries > 40);
    QVERIFY(cache.counters().evictions > 100);
  }

  void a_cache_of_no_capacity_holds_nothing() {
    ConcurrentCache cache(of(0));
    cache.insert("a", nullptr);
    QVERIFY(!cache.find("a").has_value());
    QCOMPARE(cache.counters().bytes, std::uint64_t{0});
    cache.resize(10'000);
    cache.insert("a", nullptr);
    QVERIFY(cache.find("a").has_value());
  }

  void empty_binary_and_huge_keys_are_keys() {
    ConcurrentCache cache(of(64u << 20));
    const std::string binary("a\0b\xff", 4);
    const std::string huge(1u << 20, 'k');
    cache.insert("", value_of(1));
    cache.insert(binary, value_of(2));
    cache.insert(huge, value_of(3));
    QCOMPARE(cache.find("")->view().size(), std::size_t{1});
    QCOMPARE(cache.find(binary)->view().size(), std::size_t{2});
    QCOMPARE(cache.find(huge)->view().size(), std::size_t{3});
    QVERIFY(!cache.contains("a"));
    QVERIFY(!cache.contains(huge + "k"));
  }

  void the_charge_is_what_an_entry_takes_data() {
    QTest::addColumn<std::size_t>("value_bytes");
    QTest::addColumn<bool>("ordered");
    QTest::addColumn<bool>("in_spans");
    for (const bool in_spans : {false, true}) {
      const char* const where = in_spans ? "in spans" : "on the heap";
      QTest::addRow("absent, %s", where) << std::size_t{0} << false << in_spans;
      QTest::addRow("slot, %s", where) << std::size_t{9} << false << in_spans;
      QTest::addRow("trie node, %s", where) << std::size_t{115} << false << in_spans;
      QTest::addRow("trie node, ordered, %s", where) << std::size_t{115} << true << in_spans;
      QTest::addRow("code, %s", where) << std::size_t{6'733} << false << in_spans;
      QTest::addRow("body, %s", where) << std::size_t{79'348} << true << in_spans;
    }
  }
  void the_charge_is_what_an_entry_takes() {
    QFETCH(std::size_t, value_bytes);
    QFETCH(bool, ordered);
    QFETCH(bool, in_spans);
    const int entries = value_bytes > 1'000 ? 1'500 : 60'000;
    ConcurrentCacheConfig config = of(1u << 30, PolicyKind::lru, ordered);
    config.spans_from_bytes = in_spans ? 0 : 2u << 30;
    ConcurrentCache cache(config);
    const auto allocated = [] {
      const auto info = mallinfo2();
      return info.uordblks + info.hblkhd;
    };
    const std::size_t on_heap = allocated(), in_arena = CacheArena::instance().out_bytes();
    for (int i = 0; i < entries; ++i) {
      const std::string key = "a key of thirty-two bytes " + std::to_string(100'000 + i);
      cache.insert(key, value_bytes == 0 ? nullptr : value_of(value_bytes));
    }
    if (allocated() == on_heap) QSKIP("this build's allocator keeps no statistics");
    const auto taken =
        static_cast<double>(allocated() - on_heap + CacheArena::instance().out_bytes() - in_arena);
    const auto charged = static_cast<double>(cache.counters().bytes);
    QCOMPARE(cache.counters().entries, std::uint64_t(entries));
    // A cell has no header of the heap's: 8 bytes of an entry's 112 or more.
    const double most = in_spans ? 0.16 : 0.08;
    QVERIFY2(charged / taken > 0.92 && charged / taken < 1 + most,
             qPrintable(QString("charged %1, taken %2").arg(charged).arg(taken)));
  }

  void partitions_add_up_to_the_capacity_and_keep_it() {
    ConcurrentCache cache(of(1'000'003, PolicyKind::lru, false, 8));
    QCOMPARE(cache.partitions(), std::size_t{8});
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

  void small_caches_have_one_partition() {
    QCOMPARE(ConcurrentCache({.capacity_bytes = 4u << 20}).partitions(), std::size_t{1});
    QCOMPARE(ConcurrentCache({.capacity_bytes = 64u << 20}).partitions(), std::size_t{8});
    QCOMPARE(ConcurrentCache({.capacity_bytes = 4ull << 30}).partitions(), std::size_t{16});
  }

  void a_change_of_policy_keeps_what_is_inside_and_its_order() {
    const std::size_t each = charge_of("10", value_of(10));
    for (const PolicyKind from : kPolicyKinds) {
      for (const PolicyKind to : kPolicyKinds) {
        ConcurrentCache cache(of(64 * each, from));
        for (int i = 0; i < 64; ++i) cache.insert(std::to_string(10 + i), value_of(10));
        for (int i = 0; i < 16; ++i) QVERIFY(cache.find(std::to_string(10 + i)));
        cache.set_policy(to);
        QVERIFY(cache.policy() == to);
        QCOMPARE(cache.counters().entries, std::uint64_t{64});
        QCOMPARE(cache.counters().bytes, std::uint64_t{64 * each});
        for (int i = 0; i < 16; ++i) cache.insert("x" + std::to_string(i), value_of(10));
        int kept = 0;
        for (int i = 0; i < 16; ++i) kept += cache.contains(std::to_string(10 + i)) ? 1 : 0;
        QVERIFY2(kept == 16 || from == to, qPrintable(QString("%1 to %2 kept %3 of 16 used entries")
                                                          .arg(int(from))
                                                          .arg(int(to))
                                                          .arg(kept)));
      }
    }
  }

  void a_probe_sees_the_sampled_lookups_and_no_others() {
    struct Probe final : AccessProbe {
      Probe() { set_threshold(~std::uint64_t{0} / 4); }
      void on_lookup(std::uint64_t hash, bool hit, std::uint32_t charge) override {
        outside += samples(hash) ? 0 : 1;
        ++(hit ? hits : misses);
        wrong += hit != (charge > 0) ? 1 : 0;
      }
      void on_insert(std::uint64_t hash, std::uint32_t charge) override {
        outside += samples(hash) ? 0 : 1;
        ++insertions;
        wrong += charge > 0 ? 0 : 1;
      }
      int hits = 0, misses = 0, insertions = 0, outside = 0, wrong = 0;
    } probe;
    ConcurrentCache cache(of(64u << 20));
    cache.set_probe(&probe);
    int sampled = 0;
    std::vector<std::string> keys;
    for (int i = 0; i < 4'000; ++i) {
      keys.push_back(std::to_string(i));
      sampled += probe.samples(ConcurrentCache::hash_of(keys.back())) ? 1 : 0;
    }
    for (const std::string& key : keys) {
      QVERIFY(!cache.find(key));
      cache.insert(key, value_of(5));
      QVERIFY(cache.peek(key));
    }
    const std::vector<std::string_view> asked(keys.begin(), keys.end());
    std::vector<std::optional<CachedValue>> found(asked.size());
    QCOMPARE(cache.multi_find(asked, found), keys.size());
    QVERIFY(sampled > 800 && sampled < 1'200);
    QCOMPARE(probe.misses, sampled);
    QCOMPARE(probe.insertions, sampled);
    QCOMPARE(probe.hits, sampled);
    QCOMPARE(probe.outside + probe.wrong, 0);
    cache.set_probe(nullptr);
    QVERIFY(cache.find("1"));
    QCOMPARE(probe.hits, sampled);
  }
};

QTEST_GUILESS_MAIN(ConcurrentCacheTest)
#include "concurrent_cache_test.moc"
