// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/cache/stack_distance.h"

#include <QtTest>
#include <algorithm>
#include <cmath>
#include <list>
#include <random>

using namespace nodetune;

namespace {

// An LRU stack, written to be obviously right.
class ModelStack {
 public:
  std::optional<StackDistance::Needed> touch(std::uint64_t key, std::uint32_t bytes) {
    StackDistance::Needed needed;
    for (auto entry = stack_.begin(); entry != stack_.end(); ++entry) {
      ++needed.entries;
      needed.bytes += entry->second;
      if (entry->first != key) continue;
      stack_.erase(entry);
      stack_.emplace_front(key, bytes);
      return needed;
    }
    stack_.emplace_front(key, bytes);
    return std::nullopt;
  }

 private:
  std::list<std::pair<std::uint64_t, std::uint32_t>> stack_;
};

}  // namespace

class StackDistanceTest : public QObject {
  Q_OBJECT

 private slots:
  void agrees_with_a_list();
  void a_loop_needs_its_length();
  void the_curve_counts_first_touches_as_misses();
  void nothing_is_known_of_nothing();
};

void StackDistanceTest::agrees_with_a_list() {
  const auto seed = std::random_device()();
  qInfo() << "seed" << seed;
  std::mt19937 random(seed);
  for (int round = 0; round < 30; ++round) {
    StackDistance distances;
    ModelStack model;
    const auto keys = 1u + random() % 400;
    for (int i = 0; i < 3'000; ++i) {  // the tree is rebuilt several times
      // Squared: some keys come often. The largest numbers are keys like any other.
      const auto part = static_cast<double>(random()) / static_cast<double>(random.max());
      const auto key = ~std::uint64_t{0} - static_cast<std::uint64_t>(part * part * keys);
      const auto bytes = static_cast<std::uint32_t>(random());
      const auto found = distances.touch(key, bytes);
      const auto expected = model.touch(key, bytes);
      QCOMPARE(found.has_value(), expected.has_value());
      if (!found) continue;
      QCOMPARE(found->entries, expected->entries);
      QCOMPARE(found->bytes, expected->bytes);
    }
  }
}

void StackDistanceTest::a_loop_needs_its_length() {
  StackDistance distances;
  for (std::uint64_t i = 0; i < 10'000; ++i) {
    const auto needed = distances.touch(i % 1'000, 7);
    QCOMPARE(needed.has_value(), i >= 1'000);
    if (!needed) continue;
    QCOMPARE(needed->entries, std::uint64_t{1'000});
    QCOMPARE(needed->bytes, std::uint64_t{7'000});
  }
  QCOMPARE(distances.distinct(), std::size_t{1'000});
}

void StackDistanceTest::the_curve_counts_first_touches_as_misses() {
  ExactCurve curve;
  for (const std::uint64_t key : {1, 1, 2, 1, 3, 2, 2, 1}) curve.touch(key, 10);
  // Needed: -, 1, -, 2, -, 3, 1, 3
  QCOMPARE(curve.lookups(), std::uint64_t{8});
  const double by_entries[] = {1, 6 / 8.0, 5 / 8.0, 3 / 8.0, 3 / 8.0};
  for (std::uint64_t size = 0; size < std::size(by_entries); ++size) {
    QCOMPARE(curve.miss_ratio_at_entries(size), by_entries[size]);
    QCOMPARE(curve.miss_ratio_at_bytes(10 * size), by_entries[size]);
    QCOMPARE(curve.miss_ratio_at_bytes(10 * size + 9), by_entries[size]);
  }
  QCOMPARE(curve.bytes_max(), std::uint64_t{30});
}

void StackDistanceTest::nothing_is_known_of_nothing() {
  ExactCurve curve;
  QVERIFY(std::isnan(curve.miss_ratio_at_entries(1)));
  QVERIFY(std::isnan(curve.miss_ratio_at_bytes(1)));
  curve.touch(1, 10);
  curve.touch(2);  // of unknown size
  QCOMPARE(curve.miss_ratio_at_entries(1), 1.0);
  QVERIFY(std::isnan(curve.miss_ratio_at_bytes(1)));
}

QTEST_APPLESS_MAIN(StackDistanceTest)
#include "stack_distance_test.moc"
