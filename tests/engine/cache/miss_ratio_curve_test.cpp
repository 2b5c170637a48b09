// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/cache/miss_ratio_curve.h"

#include <QtTest>
#include <algorithm>
#include <atomic>
#include <cmath>
#include <functional>
#include <random>
#include <thread>

#include "engine/cache/stack_distance.h"

using namespace nodetune;

namespace {

using Random = std::mt19937_64;
using Next = std::function<std::uint64_t()>;  // the next key of a stream

std::uint64_t hash_of(std::uint64_t key, std::uint64_t seed = 0) {
  auto x = key + (seed + 1) * 0x9E3779B97F4A7C15;  // splitmix64
  x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9;
  x = (x ^ x >> 27) * 0x94D049BB133111EB;
  return x ^ x >> 31;
}

std::uint32_t bytes_of(std::uint64_t key) {
  return static_cast<std::uint32_t>(40 + hash_of(key, 99) % 400);
}

// Key k comes with probability proportional to 1 / (k + 1).
Next zipf(std::uint64_t keys, Random& random) {
  auto sums = std::make_shared<std::vector<double>>();
  double sum = 0;
  for (std::uint64_t key = 0; key < keys; ++key) {
    sum += 1.0 / static_cast<double>(key + 1);
    sums->push_back(sum);
  }
  return [sums, sum, &random] {
    const double at = std::uniform_real_distribution<double>(0, sum)(random);
    return static_cast<std::uint64_t>(std::lower_bound(sums->begin(), sums->end(), at) -
                                      sums->begin());
  };
}

Next loop(std::uint64_t keys) {
  return [keys, i = std::uint64_t{0}]() mutable { return i++ % keys; };
}

Next uniform(std::uint64_t keys, Random& random) {
  return [keys, &random] { return random() % keys; };
}

// Half from a hot set, half keys that never come again.
Next scan(std::uint64_t hot, Random& random) {
  return [hot, &random, i = hot]() mutable { return random() % 2 == 0 ? random() % hot : i++; };
}

void feed(MissRatioCurve& curve, std::uint64_t key, std::uint64_t seed = 0) {
  const auto hash = hash_of(key, seed);
  if (!curve.samples(hash)) return;
  if (key % 2 == 0) {  // both ways that a charge comes
    curve.touch(hash, bytes_of(key));
  } else {
    curve.touch(hash);
    curve.put(hash, bytes_of(key));
  }
}

struct Errors {  // mean absolute ones, over 100 sizes
  double entries = 0;
  double bytes = 0;
};

Errors errors_of(const CurveSnapshot& snapshot, const ExactCurve& exact) {
  Errors errors;
  for (std::uint64_t i = 1; i <= 100; ++i) {
    const auto entries = exact.distinct() * i / 100;
    const auto bytes = exact.bytes_max() * i / 100;
    errors.entries += std::abs(snapshot.miss_ratio_at_entries(static_cast<double>(entries)) -
                               exact.miss_ratio_at_entries(entries)) /
                      100;
    errors.bytes += std::abs(snapshot.miss_ratio_at_bytes(static_cast<double>(bytes)) -
                             exact.miss_ratio_at_bytes(bytes)) /
                    100;
  }
  return errors;
}

bool well_formed(const std::vector<CurvePoint>& points, double CurvePoint::*size) {
  bool fine = !points.empty() && points.front().*size == 0 && points.front().miss_ratio == 1;
  for (std::size_t i = 1; i < points.size(); ++i) {
    const auto& from = points[i - 1];
    const auto& to = points[i];
    fine = fine && to.*size > from.*size && to.miss_ratio <= from.miss_ratio &&
           to.miss_ratio >= 0 && to.entries >= from.entries && to.bytes >= from.bytes;
  }
  return fine;
}

bool well_formed(const CurveSnapshot& snapshot) {
  return well_formed(snapshot.by_entries, &CurvePoint::entries) &&
         well_formed(snapshot.by_bytes, &CurvePoint::bytes);
}

}  // namespace

class MissRatioCurveTest : public QObject {
  Q_OBJECT

 private slots:
  void is_exact_while_every_key_is_watched();
  void is_close_when_keys_are_sampled_data();
  void is_close_when_keys_are_sampled();
  void the_number_of_lookups_corrects_for_frequent_keys();
  void the_ends_of_the_hash_range_are_keys();
  void hostile_hashes_do_no_harm();
  void decay_follows_a_change();
  void far_keys_are_forgotten();
  void sizes_are_shown_in_both_units();
  void what_was_put_in_can_be_hit();
  void nothing_is_known_of_nothing();
  void threads_may_share_it();
};

void MissRatioCurveTest::is_exact_while_every_key_is_watched() {
  const auto seed = std::random_device()();
  qInfo() << "seed" << seed;
  Random random(seed);
  const std::vector<std::function<Next()>> streams = {
      [&] { return zipf(400, random); }, [&] { return loop(300); },
      [&] { return uniform(500, random); }, [&] { return scan(50, random); }};
  for (int round = 0; round < 40; ++round) {
    MissRatioCurve curve({.samples_max = 1'024, .bins = 2'048, .resolution = 0});
    ExactCurve exact;
    const auto next = streams[static_cast<std::size_t>(round) % streams.size()]();
    for (auto left = 1'000 + random() % 1'000; left > 0; --left) {
      const auto key = next();
      exact.touch(key, bytes_of(key));
      feed(curve, key, static_cast<std::uint64_t>(round));
      if (exact.distinct() == 1'024) break;
    }
    curve.add_lookups(exact.lookups());
    const auto snapshot = curve.snapshot();
    QVERIFY(well_formed(snapshot));
    QCOMPARE(snapshot.samples, exact.distinct());
    QCOMPARE(snapshot.sampling_rate, 1.0);
    QCOMPARE(snapshot.lookups, static_cast<double>(exact.lookups()));
    for (std::uint64_t size = 0; size <= exact.distinct() + 1; ++size) {
      const auto estimated = snapshot.miss_ratio_at_entries(static_cast<double>(size));
      QVERIFY2(std::abs(estimated - exact.miss_ratio_at_entries(size)) < 1e-9,
               qPrintable(QString("%1 entries, round %2").arg(size).arg(round)));
    }
    QVERIFY(errors_of(snapshot, exact).bytes < 0.005);  // a bin is a hundredth of an entry or more
  }
}

void MissRatioCurveTest::is_close_when_keys_are_sampled_data() {
  QTest::addColumn<int>("stream");
  QTest::newRow("zipf") << 0;
  QTest::newRow("loop") << 1;
  QTest::newRow("uniform") << 2;
  QTest::newRow("scan") << 3;
}

void MissRatioCurveTest::is_close_when_keys_are_sampled() {
  QFETCH(int, stream);
  Random random(7);
  const Next next = stream == 0   ? zipf(100'000, random)
                    : stream == 1 ? loop(40'000)
                    : stream == 2 ? uniform(50'000, random)
                                  : scan(20'000, random);
  ExactCurve exact;
  std::vector<std::uint64_t> keys;
  for (int i = 0; i < 200'000; ++i) {
    keys.push_back(next());
    exact.touch(keys.back(), bytes_of(keys.back()));
  }
  Errors mean;
  constexpr int kSeeds = 3;
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
    MissRatioCurve curve;
    const auto memory = curve.memory_bytes();
    for (const auto key : keys) feed(curve, key, seed);
    curve.add_lookups(keys.size());
    const auto snapshot = curve.snapshot();
    QVERIFY(well_formed(snapshot));
    QVERIFY(snapshot.sampling_rate < 0.5);
    QVERIFY(snapshot.samples <= 8'192);
    QVERIFY(snapshot.samples > 7'900);
    QCOMPARE(snapshot.memory_bytes, memory);
    const auto errors = errors_of(snapshot, exact);
    mean.entries += errors.entries / kSeeds;
    mean.bytes += errors.bytes / kSeeds;
  }
  qInfo() << "mean absolute error" << mean.entries << "by bytes" << mean.bytes;
  // Where a distance lies is known to 1 part in sqrt(8192), about a hundredth: a loop is one step
  // there, and uniform keys rise by one hundredth a hundredth.
  const double bound = stream == 1 ? 0.02 : stream == 2 ? 0.012 : 0.005;
  QVERIFY(mean.entries < bound);
  QVERIFY(mean.bytes < bound);
}

void MissRatioCurveTest::the_number_of_lookups_corrects_for_frequent_keys() {
  Random random(3);
  const auto next = zipf(100'000, random);
  ExactCurve exact;
  std::vector<std::uint64_t> keys;
  for (int i = 0; i < 150'000; ++i) {
    // Every fifth lookup is of one key: it is among the samples, or it is not.
    keys.push_back(i % 5 == 0 ? 1'000'000 : next());
    exact.touch(keys.back(), bytes_of(keys.back()));
  }
  Errors plain;
  Errors corrected;
  constexpr int kSeeds = 8;
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
    MissRatioCurve curve({.samples_max = 1'024});
    for (const auto key : keys) feed(curve, key, seed);
    plain.entries += errors_of(curve.snapshot(), exact).entries / kSeeds;
    curve.add_lookups(keys.size());
    corrected.entries += errors_of(curve.snapshot(), exact).entries / kSeeds;
  }
  qInfo() << "plain" << plain.entries << "corrected" << corrected.entries;
  QVERIFY(corrected.entries < plain.entries / 4);
}

void MissRatioCurveTest::the_ends_of_the_hash_range_are_keys() {
  constexpr auto kMax = ~std::uint64_t{0};
  MissRatioCurve curve;
  for (const auto hash : {std::uint64_t{0}, kMax, std::uint64_t{0}, kMax, std::uint64_t{0}}) {
    QVERIFY(curve.samples(hash));
    curve.touch(hash);
    curve.put(hash, 10);
  }
  const auto snapshot = curve.snapshot();
  QCOMPARE(snapshot.samples, std::size_t{2});
  QCOMPARE(snapshot.miss_ratio_at_entries(1), 1.0);
  QCOMPARE(snapshot.miss_ratio_at_entries(2), 0.4);
  QCOMPARE(snapshot.miss_ratio_at_bytes(19), 1.0);
  QCOMPARE(snapshot.miss_ratio_at_bytes(20), 0.4);
}

void MissRatioCurveTest::hostile_hashes_do_no_harm() {
  Random random(1);
  const auto spoil = [&](const std::function<std::uint64_t(std::uint64_t)>& make) {
    MissRatioCurve curve({.samples_max = 64, .bins = 64});
    for (std::uint64_t i = 0; i < 20'000; ++i) {
      const auto hash = make(i);
      curve.touch(hash);
      if (i % 3 == 0) curve.put(hash, ~std::uint32_t{0});
      if (i % 1'000 == 0) curve.decay(0.5);
    }
    const auto snapshot = curve.snapshot();
    QVERIFY(well_formed(snapshot));
    QVERIFY(snapshot.samples <= 64);
    QVERIFY(snapshot.sampling_rate > 0);
  };
  spoil([](std::uint64_t i) { return i; });
  spoil([](std::uint64_t i) { return 20'000 - i; });
  spoil([](std::uint64_t i) { return i << 48; });
  spoil([](std::uint64_t i) { return ~i; });
  spoil([&](std::uint64_t) { return random() % 100; });
}

void MissRatioCurveTest::decay_follows_a_change() {
  MissRatioCurve remembering({.samples_max = 1'024});
  MissRatioCurve decaying({.samples_max = 1'024});
  const auto run = [&](Next next, int lookups) {
    for (int i = 0; i < lookups; ++i) {
      const auto key = next();
      feed(remembering, key);
      feed(decaying, key);
      if (i % 1'000 != 999) continue;
      remembering.add_lookups(1'000);
      decaying.add_lookups(1'000);
      decaying.decay(0.5);
    }
  };
  run(loop(800), 20'000);
  QVERIFY(decaying.snapshot().miss_ratio_at_entries(100) > 0.999);
  run(loop(100), 10'000);
  QVERIFY(decaying.snapshot().miss_ratio_at_entries(100) < 0.01);
  QVERIFY(decaying.snapshot().lookups < 1'001);
  QVERIFY(remembering.snapshot().miss_ratio_at_entries(100) > 0.6);
  QCOMPARE(remembering.snapshot().lookups, 30'000.0);
}

void MissRatioCurveTest::far_keys_are_forgotten() {
  Random random(5);
  const auto next = scan(1'000, random);
  MissRatioCurve endless({.samples_max = 1'024});
  MissRatioCurve bounded({.samples_max = 1'024, .largest_bytes = 1'000'000});
  ExactCurve exact;
  for (int i = 0; i < 200'000; ++i) {
    const auto key = next();
    feed(endless, key);
    feed(bounded, key);
    exact.touch(key, bytes_of(key));
  }
  endless.add_lookups(200'000);
  bounded.add_lookups(200'000);
  const auto snapshot = bounded.snapshot();
  QVERIFY(endless.snapshot().sampling_rate < 0.02);
  QVERIFY(snapshot.sampling_rate > 0.15);
  for (std::uint64_t bytes = 50'000; bytes <= 900'000; bytes += 50'000) {
    const auto expected = exact.miss_ratio_at_bytes(bytes);
    QVERIFY(std::abs(snapshot.miss_ratio_at_bytes(static_cast<double>(bytes)) - expected) < 0.03);
  }
  bounded.set_largest_bytes(1'000);
  QVERIFY(bounded.snapshot().samples < 3);
}

void MissRatioCurveTest::sizes_are_shown_in_both_units() {
  MissRatioCurve curve;
  for (int round = 0; round < 5; ++round) {
    for (std::uint64_t key = 0; key < 1'000; ++key) {
      curve.touch(hash_of(key));
      if (round == 0) QVERIFY(curve.snapshot().by_bytes.empty());
    }
  }
  for (const auto& point : curve.snapshot().by_entries) QVERIFY(std::isnan(point.bytes));
  QVERIFY(std::isnan(curve.snapshot().miss_ratio_at_bytes(1)));
  for (std::uint64_t key = 0; key < 1'000; ++key) curve.put(hash_of(key), 100);
  for (std::uint64_t key = 0; key < 1'000; ++key) curve.touch(hash_of(key));
  const auto snapshot = curve.snapshot();
  for (const auto& point : snapshot.by_entries) QCOMPARE(point.bytes, point.entries * 100);
  for (const auto& point : snapshot.by_bytes) QCOMPARE(point.entries * 100, point.bytes);
  curve.put(hash_of(5'000), 100);
  QCOMPARE(curve.snapshot().samples, std::size_t{1'001});
}

// A write-through cache hits what was written and never looked up before.
void MissRatioCurveTest::what_was_put_in_can_be_hit() {
  const auto seed = std::random_device()();
  qInfo() << "seed" << seed;
  Random random(seed);
  MissRatioCurve curve({.samples_max = 1'024, .bins = 2'048, .resolution = 0});
  StackDistance exact;
  std::vector<double> needed;  // by the lookups; 0: their first
  for (int i = 0; i < 20'000; ++i) {
    const auto key = random() % 4 == 0 ? random() % 900 : random() % 60;
    const auto distance = exact.touch(key, 100);
    if (random() % 3 == 0) {
      curve.put(hash_of(key), 100);
    } else {
      curve.touch(hash_of(key));
      curve.put(hash_of(key), 100);  // hit or miss: it is the newest anyway
      needed.push_back(distance ? static_cast<double>(distance->entries) : 0);
    }
  }
  const auto snapshot = curve.snapshot();
  QCOMPARE(snapshot.lookups, static_cast<double>(needed.size()));
  for (int size = 1; size < 900; size += 7) {
    const auto hits = std::count_if(needed.begin(), needed.end(), [size](double entries) {
      return entries > 0 && entries <= size;
    });
    const double expected = 1 - static_cast<double>(hits) / static_cast<double>(needed.size());
    QVERIFY2(std::abs(snapshot.miss_ratio_at_entries(size) - expected) < 1e-9,
             qPrintable(QString("size %1: %2, not %3")
                            .arg(size)
                            .arg(snapshot.miss_ratio_at_entries(size))
                            .arg(expected)));
  }
}

void MissRatioCurveTest::nothing_is_known_of_nothing() {
  MissRatioCurve curve;
  QVERIFY(curve.snapshot().by_entries.empty());
  QVERIFY(std::isnan(curve.snapshot().miss_ratio_at_entries(10)));
  curve.touch(1);
  QCOMPARE(curve.snapshot().miss_ratio_at_entries(10), 1.0);
  curve.decay(0);
  QVERIFY(std::isnan(curve.snapshot().miss_ratio_at_entries(10)));
}

void MissRatioCurveTest::threads_may_share_it() {
  constexpr int kThreads = 4;
  constexpr int kLookups = 20'000;
  MissRatioCurve watched;  // every key
  MissRatioCurve sampled({.samples_max = 128});
  std::atomic<int> malformed = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      Random random(static_cast<std::uint64_t>(t));
      for (int i = 0; i < kLookups; ++i) {
        const auto key = random() % 5'000;
        feed(watched, key);
        feed(sampled, key);
        if (i % 2'000 != 0) continue;
        sampled.add_lookups(2'000);
        sampled.decay(0.9);
        sampled.set_largest_bytes(1'000 * (1 + random() % 1'000));
        if (!well_formed(sampled.snapshot())) ++malformed;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  QCOMPARE(malformed.load(), 0);
  QCOMPARE(watched.snapshot().lookups, double{kThreads * kLookups});
  QCOMPARE(watched.snapshot().samples, std::size_t{5'000});
  QVERIFY(sampled.snapshot().samples <= 128);
}

QTEST_APPLESS_MAIN(MissRatioCurveTest)
#include "miss_ratio_curve_test.moc"
