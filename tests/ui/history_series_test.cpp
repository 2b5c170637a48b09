// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "ui/bridge/history_series.h"

#include <QtTest>
#include <cmath>

#include "tests/ui/fake_world.h"

using namespace nodetune;

namespace {

constexpr qint64 kSecondUs = 1'000'000;
const TimePoint kStart = TimePoint(std::chrono::seconds(1'700'000'000));

qint64 us(int second) {
  return kStart.time_since_epoch().count() + second * kSecondUs;
}

// One sample a second, in the middle of its step.
Snapshot sample(int second) {
  Snapshot snapshot;
  snapshot.taken_at = kStart + std::chrono::milliseconds(1'000 * second + 500);
  snapshot.interval_seconds = 1;
  return snapshot;
}

void set_rate(Snapshot& snapshot, Metric metric, double rate) {
  snapshot.rates[index_of(metric)] = rate;
}

const Metric kHits = cache_metric(CacheMetric::hits, ObjectKind::account);
const Metric kMisses = cache_metric(CacheMetric::misses, ObjectKind::account);

}  // namespace

class HistorySeriesTest : public QObject {
  Q_OBJECT
 private slots:
  void the_step_that_is_still_filled_is_not_given() {
    History history;
    for (int i = 0; i < 5; ++i) {
      auto snapshot = sample(i);
      snapshot.set(Metric::db_l0_files, i);
      history.add(snapshot);
    }
    const auto points =
        read_series(history, SeriesSource::of(Metric::db_l0_files), us(0), us(60), 100);
    QCOMPARE(points.size(), std::size_t{4});
    QCOMPARE(points.back().time_us, us(4));
    QCOMPARE(points.back().mean, 3.0);
  }
  void reading_in_pieces_gives_what_reading_at_once_gives() {
    History history;
    const auto source = SeriesSource::of(Metric::db_l0_files);
    std::vector<ChartPoint> pieces;
    for (int i = 0; i < 30; ++i) {
      auto snapshot = sample(i);
      snapshot.set(Metric::db_l0_files, i % 7);
      history.add(snapshot);
      const qint64 after = pieces.empty() ? us(0) : pieces.back().time_us;
      const auto more = read_series(history, source, after, us(i + 1), 100);
      pieces.insert(pieces.end(), more.begin(), more.end());
    }
    const auto whole = read_series(history, source, us(0), us(30), 1'000);
    QCOMPARE(pieces.size(), whole.size());
    for (std::size_t i = 0; i < whole.size(); ++i) {
      QCOMPARE(pieces[i].time_us, whole[i].time_us);
      QCOMPARE(pieces[i].mean, whole[i].mean);
      QCOMPARE(pieces[i].gap_before, whole[i].gap_before);
    }
  }
  void a_ratio_is_of_what_was_counted_not_a_mean_of_ratios() {
    History history;
    for (int i = 0; i < 11; ++i) {
      auto snapshot = sample(i);
      set_rate(snapshot, kHits, i == 0 ? 900 : 0);
      set_rate(snapshot, kMisses, i == 0 ? 100 : 10);
      history.add(snapshot);
    }
    // 900 hits of 1,000 + 9 × 10 lookups, not the mean of 0.9 and nine zeros.
    const auto hit_ratio = cache_hit_ratio(ObjectKind::account);
    QCOMPARE(figure_over(history, hit_ratio, kStart, kStart + std::chrono::seconds(10)),
             900.0 / 1'090.0);
  }
  void without_lookups_there_is_no_ratio() {
    History history;
    for (int i = 0; i < 4; ++i) {
      auto snapshot = sample(i);
      set_rate(snapshot, kHits, 0);
      set_rate(snapshot, kMisses, 0);
      history.add(snapshot);
    }
    const auto source = cache_hit_ratio(ObjectKind::account);
    for (const auto& point : read_series(history, source, us(0), us(4), 100)) {
      QVERIFY(std::isnan(point.mean));
    }
    QVERIFY(std::isnan(figure_over(history, source, kStart, kStart + std::chrono::seconds(4))));
  }
  void a_hole_is_a_gap() {
    History history;
    for (const int i : {0, 1, 2, 9, 10, 11}) {
      auto snapshot = sample(i);
      snapshot.set(Metric::db_l0_files, 1);
      history.add(snapshot);
    }
    const auto points =
        read_series(history, SeriesSource::of(Metric::db_l0_files), us(0), us(20), 100);
    QCOMPARE(points.size(), std::size_t{5});
    QVERIFY(!points[2].gap_before);
    QVERIFY(points[3].gap_before);
    QVERIFY(!points[4].gap_before);
  }
  void a_sum_that_lacks_a_part_is_missing() {
    History history;
    for (int i = 0; i < 3; ++i) {
      auto snapshot = sample(i);
      snapshot.set(Metric::db_memtable_bytes, 10);
      if (i == 0) snapshot.set(Metric::db_table_reader_bytes, 5);
      history.add(snapshot);
    }
    const auto source =
        SeriesSource::sum({Metric::db_memtable_bytes, Metric::db_table_reader_bytes});
    const auto points = read_series(history, source, us(0), us(3), 100);
    QCOMPARE(points.size(), std::size_t{2});
    QCOMPARE(points[0].mean, 15.0);
    QVERIFY(std::isnan(points[1].mean));
  }
  void percentiles_are_of_the_column_in_the_metrics_unit() {
    FakeNode node({.past_seconds = 30});
    const auto source = SeriesSource::of(Metric::batch_duration_seconds, Percentile::p99);
    const auto end = node.time();
    const auto points = read_series(node.history(), source,
                                    (end - std::chrono::seconds(20)).time_since_epoch().count(),
                                    end.time_since_epoch().count(), 100);
    QVERIFY(points.size() > 10);
    for (const auto& point : points) QVERIFY(point.mean > 0.001 && point.mean < 10);
  }
};

QTEST_APPLESS_MAIN(HistorySeriesTest)
#include "history_series_test.moc"
