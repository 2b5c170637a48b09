// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/cache/cache_sizing.h"

#include <QtTest>
#include <array>
#include <limits>

using namespace nodetune;

namespace {

using All = std::array<CacheCounters, kObjectKindCount>;
constexpr std::size_t kMebibyte = 1u << 20;

CacheCounters of(std::uint64_t hits, std::uint64_t misses, std::uint64_t evictions,
                 std::size_t capacity_bytes = 100 * kMebibyte) {
  CacheCounters counters;
  counters.hits = hits;
  counters.misses = misses;
  counters.evictions = evictions;
  counters.capacity_bytes = capacity_bytes;
  return counters;
}

// All seven idle at 100 MiB, but `kind`.
All only(ObjectKind kind, const CacheCounters& counters) {
  All all;
  all.fill(of(0, 0, 0));
  all[index_of(kind)] = counters;
  return all;
}

}  // namespace

class CacheSizingTest : public QObject {
  Q_OBJECT
 private slots:
  void rules_fire_and_are_silent_data() {
    QTest::addColumn<double>("memory_ratio");
    QTest::addColumn<int>("hits");
    QTest::addColumn<int>("misses");
    QTest::addColumn<int>("evictions");
    QTest::addColumn<double>("factor");  // 0: silent
    QTest::newRow("pressure shrinks") << 0.91 << 4'000 << 6'000 << 0 << 0.8;
    QTest::newRow("at the threshold is no pressure") << 0.90 << 4'000 << 6'000 << 0 << 0.0;
    QTest::newRow("hits well, evicts much: grows") << 0.5 << 9'600 << 400 << 1'100 << 1.2;
    QTest::newRow("at the hit threshold: silent") << 0.5 << 9'500 << 500 << 1'100 << 0.0;
    QTest::newRow("at the eviction threshold: silent") << 0.5 << 9'600 << 400 << 1'000 << 0.0;
    QTest::newRow("never grows under pressure") << 0.95 << 9'600 << 400 << 1'100 << 0.8;
    QTest::newRow("never asked: silent") << 0.95 << 0 << 0 << 50 << 0.0;
    QTest::newRow("hardly asked: silent") << 0.95 << 400 << 599 << 0 << 0.0;
    QTest::newRow("just enough asked") << 0.95 << 400 << 600 << 0 << 0.8;
    QTest::newRow("memory unknown: silent")
        << std::numeric_limits<double>::quiet_NaN() << 9'600 << 400 << 1'100 << 0.0;
  }
  void rules_fire_and_are_silent() {
    QFETCH(double, memory_ratio);
    QFETCH(int, hits);
    QFETCH(int, misses);
    QFETCH(int, evictions);
    QFETCH(double, factor);
    for (const ObjectKind kind : kObjectKinds) {
      const All before = only(kind, of(7, 3, 5));
      const All now = only(kind, of(7 + std::uint64_t(hits), 3 + std::uint64_t(misses),
                                    5 + std::uint64_t(evictions)));
      const auto resizes = decide_cache_sizes(before, now, memory_ratio, {});
      if (factor == 0) {
        QVERIFY(resizes.empty());
        continue;
      }
      QCOMPARE(resizes.size(), std::size_t{1});
      QVERIFY(resizes[0].kind == kind);
      QCOMPARE(resizes[0].from_bytes, 100 * kMebibyte);
      QCOMPARE(resizes[0].to_bytes, std::size_t(100.0 * kMebibyte * factor));
      QVERIFY(!resizes[0].reason.empty());
    }
  }

  void pressure_shrinks_one_cache_the_one_with_the_lowest_hit_ratio() {
    All now;
    now.fill(of(9'000, 1'000, 0));
    now[index_of(ObjectKind::storage)] = of(2'000, 8'000, 0);
    now[index_of(ObjectKind::receipt)] = of(9'900, 100, 5'000);  // would grow without pressure
    const auto resizes = decide_cache_sizes(All{}, now, 0.97, {});
    QCOMPARE(resizes.size(), std::size_t{1});
    QVERIFY(resizes[0].kind == ObjectKind::storage);
  }

  void of_equals_the_largest_shrinks_then_the_first() {
    All now;
    now.fill(of(5'000, 5'000, 0));
    QVERIFY(decide_cache_sizes(All{}, now, 0.97, {}).at(0).kind == ObjectKind::block);
    now[index_of(ObjectKind::account)].capacity_bytes = 200 * kMebibyte;
    QVERIFY(decide_cache_sizes(All{}, now, 0.97, {}).at(0).kind == ObjectKind::account);
  }

  void floor_and_ceiling_hold() {
    CacheSizingConfig config;
    config.min_capacity_bytes = 90 * kMebibyte;
    config.max_capacity_bytes = 110 * kMebibyte;
    const All bad = only(ObjectKind::account, of(1'000, 9'000, 0));
    QCOMPARE(decide_cache_sizes(All{}, bad, 0.97, config).at(0).to_bytes, 90 * kMebibyte);
    const All good = only(ObjectKind::account, of(9'900, 100, 5'000));
    QCOMPARE(decide_cache_sizes(All{}, good, 0.5, config).at(0).to_bytes, 110 * kMebibyte);

    // At its floor a cache is passed over for the next worst; at its ceiling it stays.
    All now = only(ObjectKind::account, of(1'000, 9'000, 0, 90 * kMebibyte));
    now[index_of(ObjectKind::header)] = of(5'000, 5'000, 0);
    QVERIFY(decide_cache_sizes(All{}, now, 0.97, config).at(0).kind == ObjectKind::header);
    now = only(ObjectKind::account, of(9'900, 100, 5'000, 110 * kMebibyte));
    QVERIFY(decide_cache_sizes(All{}, now, 0.5, config).empty());
  }

  void several_grow_in_one_round() {
    All now;
    now.fill(of(9'900, 100, 5'000));
    QCOMPARE(decide_cache_sizes(All{}, now, 0.5, {}).size(), kObjectKindCount);
  }

  void counters_that_went_back_say_nothing() {
    const All before = only(ObjectKind::account, of(50'000, 50'000, 0));
    const All now = only(ObjectKind::account, of(1'000, 9'000, 0));
    QVERIFY(decide_cache_sizes(before, now, 0.97, {}).empty());
  }
};

QTEST_APPLESS_MAIN(CacheSizingTest)
#include "cache_sizing_test.moc"
