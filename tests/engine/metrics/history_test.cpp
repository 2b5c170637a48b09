// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/metrics/history.h"

#include <QtTest>
#include <algorithm>
#include <cmath>
#include <random>

using namespace nodetune;
using namespace std::chrono_literals;

namespace {

const TimePoint kStart(1'700'000'000s);

// A run of snapshots, one a second, whose counter grows by `gain` each.
class Feed {
 public:
  explicit Feed(History& history) : history_(history) {}

  void tick(double gain, double gauge, Duration step = 1s) {
    Snapshot next;
    time_ += step;
    next.taken_at = time_;
    total_ += gain;
    next.set(Metric::db_bytes_written_total, total_);
    next.set(Metric::db_l0_files, gauge);
    histogram_.record(static_cast<std::uint64_t>(gain));
    next.totals[Metric::batch_duration_seconds] = histogram_.counts();
    next.derive_from(before_);
    history_.add(next);
    before_ = next;
  }

 private:
  History& history_;
  Histogram histogram_;
  Snapshot before_;
  TimePoint time_ = kStart;
  double total_ = 0;
};

}  // namespace

class HistoryTest : public QObject {
  Q_OBJECT
 private slots:
  void rates_divide_by_the_measured_interval() {
    History history;
    Feed feed(history);
    feed.tick(0, 1);
    feed.tick(100, 1, 4s);  // a late sample: 25 a second, not 100
    const auto points = history.range(Metric::db_bytes_written_total, kStart, kStart + 10s, 100);
    QCOMPARE(points.size(), std::size_t{1});
    QCOMPARE(points[0].max, 25.0);
    QCOMPARE(points[0].mean(MetricKind::counter), 25.0);
  }

  void a_few_figures_are_kept_as_a_snapshot_of_them_is() {
    History few;
    History whole;
    std::mt19937 random(5);
    for (int i = 0; i < 2'000; ++i) {
      const auto time = kStart + std::chrono::milliseconds(random() % 20'000'000);
      const double rate = i % 7 == 0 ? kMissing : random() % 100;
      const double gauge = random() % 100;
      Snapshot snapshot;
      snapshot.taken_at = time;
      snapshot.interval_seconds = i % 5 == 0 ? kMissing : 1.5;
      snapshot.rates[index_of(Metric::db_bytes_written_total)] = rate;
      snapshot.set(Metric::db_l0_files, gauge);
      whole.add(snapshot);
      History::Sample sample;
      sample.taken_at = time;
      sample.interval_seconds = snapshot.interval_seconds;
      sample.figures = {{Metric::db_bytes_written_total, rate}, {Metric::db_l0_files, gauge}};
      std::ranges::sort(sample.figures, {}, &std::pair<Metric, double>::first);
      few.add(sample);
    }
    for (const auto metric : {Metric::db_bytes_written_total, Metric::db_l0_files}) {
      for (const auto span : {300s, 3'600s, 20'000s}) {
        const auto one = few.range(metric, kStart + 20'000s - span, kStart + 20'000s, 10'000);
        const auto other = whole.range(metric, kStart + 20'000s - span, kStart + 20'000s, 10'000);
        QVERIFY(!one.empty());
        QCOMPARE(one.size(), other.size());
        for (std::size_t i = 0; i < one.size(); ++i) {
          QVERIFY(one[i].begin == other[i].begin && one[i].count == other[i].count);
          QVERIFY(one[i].min == other[i].min && one[i].max == other[i].max);
          QVERIFY(one[i].sum == other[i].sum && one[i].seconds == other[i].seconds);
        }
      }
    }
  }

  void times_that_go_back_do_not_grow_it() {
    History::Config config;
    for (auto& level : config.levels) level.points = 10;
    History history(config);
    Snapshot sample;
    sample.set(Metric::db_l0_files, 1);
    for (int second = 0; second < 1'000; ++second) {
      sample.taken_at = kStart - std::chrono::seconds(second);
      history.add(sample);
    }
    sample.taken_at = kStart - 5s;  // within what is kept
    sample.set(Metric::db_l0_files, 9);
    history.add(sample);
    const auto points = history.range(Metric::db_l0_files, kStart - 9s, kStart + 1s, 1'000);
    QCOMPARE(points.size(), std::size_t{10});
    QCOMPARE(points[4].max, 9.0);
    QVERIFY(history.range(Metric::db_l0_files, kStart - 1'000s, kStart + 1s, 100'000).size() <=
            100);
  }

  void a_spike_survives_being_merged_into_a_column() {
    History history;
    Feed feed(history);
    for (int second = 0; second < 600; ++second) feed.tick(second == 300 ? 9'000 : 1, second % 7);
    const auto points = history.range(Metric::db_bytes_written_total, kStart, kStart + 601s, 20);
    QVERIFY(points.size() <= 21);
    double highest = 0;
    double sum = 0;
    for (const auto& point : points) {
      highest = std::max(highest, point.max);
      sum += point.sum;
    }
    QCOMPARE(highest, 9'000.0);
    QCOMPARE(sum, 9'000.0 + 598);  // the first snapshot has no interval, hence no rate
  }

  void missing_is_a_gap_and_not_zero() {
    History history;
    Feed feed(history);
    feed.tick(1, 5);
    feed.tick(1, kMissing);
    feed.tick(1, 7);
    const auto points = history.range(Metric::db_l0_files, kStart, kStart + 10s, 100);
    QCOMPARE(points.size(), std::size_t{2});
    QCOMPARE(points[0].min, 5.0);
    QCOMPARE(points[1].min, 7.0);
    QVERIFY(history.range(Metric::db_get_seconds, kStart, kStart + 10s, 100).empty());
  }

  void a_counter_that_went_back_has_no_rate() {
    Snapshot before;
    before.taken_at = kStart;
    before.set(Metric::db_flushes_total, 10);
    Snapshot after;
    after.taken_at = kStart + 1s;
    after.set(Metric::db_flushes_total, 2);
    after.derive_from(before);
    QVERIFY(std::isnan(after.rate(Metric::db_flushes_total)));
  }

  void what_is_older_than_the_finest_level_comes_from_a_coarser_one() {
    History::Config config;
    config.levels[0].points = 60;
    History history(config);
    Feed feed(history);
    for (int second = 0; second < 600; ++second) feed.tick(10, second);
    const auto points = history.range(Metric::db_bytes_written_total, kStart, kStart + 601s, 1'000);
    QVERIFY(points.size() >= 60 && points.size() <= 62);  // steps of 10 s
    QCOMPARE(points[5].mean(MetricKind::counter), 10.0);
    const auto recent =
        history.range(Metric::db_bytes_written_total, kStart + 580s, kStart + 601s, 1'000);
    QCOMPARE(recent.size(), std::size_t{21});  // steps of 1 s
  }

  void percentiles_are_of_the_range_alone() {
    History history;
    Feed feed(history);
    for (int second = 0; second < 100; ++second) feed.tick(1'000'000, 0);
    for (int second = 0; second < 100; ++second) feed.tick(1'000, 0);
    const auto late =
        history.distribution(Metric::batch_duration_seconds, kStart + 110s, kStart + 300s);
    QVERIFY(std::abs(late.percentile(0.99) - 1'000) <= 63);
    const auto points =
        history.percentiles(Metric::batch_duration_seconds, kStart + 110s, kStart + 300s, 10);
    QVERIFY(!points.empty());
    QVERIFY(std::abs(points.back().p99 - 0.001) < 0.0001);  // seconds
  }
};

QTEST_APPLESS_MAIN(HistoryTest)
#include "history_test.moc"
