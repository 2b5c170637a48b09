// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/node/observed_history.h"

#include <QtTest>
#include <cmath>

using namespace nodetune;

namespace {

const TimePoint kNoon(std::chrono::seconds(1'700'000'000));

// `minutes` after noon: in the interval before it, `stalled` seconds; since the open, `total`.
LoggedDump dump(int minutes, double interval, double stalled, double total) {
  LoggedDump each;
  each.time = kNoon + std::chrono::minutes(minutes);
  each.interval_seconds = interval;
  each.interval_stall_seconds = stalled;
  each.cumulative_stall_seconds = total;
  return each;
}

HistoryPoint sum_of(const History& history, TimePoint begin, TimePoint end) {
  HistoryPoint all;
  for (const auto& point : history.range(Metric::db_stall_seconds_total, begin, end, 100'000)) {
    all.sum += point.sum;
    all.seconds += point.seconds;
    all.count += point.count;
  }
  return all;
}

}  // namespace

class ObservedHistoryTest : public QObject {
  Q_OBJECT

 private slots:
  void stalls_lie_in_the_interval_that_held_them() {
    History history;
    fill_back({dump(10, 600, 0, 0), dump(20, 600, 60, 60), dump(30, 600, 6, 66)}, history);
    const auto at = [](int minutes) { return kNoon + std::chrono::minutes(minutes); };
    QVERIFY(std::abs(sum_of(history, at(0), at(31)).sum - 66) < 1e-6);
    QVERIFY(std::abs(sum_of(history, at(0), at(31)).seconds - 1800) < 1e-3);
    const auto worst = sum_of(history, at(11), at(20));
    QVERIFY(std::abs(worst.sum / worst.seconds - 0.1) < 1e-6);
    QCOMPARE(sum_of(history, at(40), at(60)).count, 0U);
  }

  void the_newest_hour_is_drawn_by_the_second() {
    History history;
    fill_back({dump(20, 600, 60, 60), dump(90, 600, 60, 120), dump(100, 600, 6, 126)}, history);
    const auto points = [&](int minute) {
      const auto begin = kNoon + std::chrono::minutes(minute);
      return history
          .range(Metric::db_stall_seconds_total, begin, begin + std::chrono::minutes(1), 1'000)
          .size();
    };
    QVERIFY2(points(98) >= 59, std::to_string(points(98)).c_str());  // no hole between two
    QVERIFY2(points(82) >= 59, std::to_string(points(82)).c_str());
    QVERIFY2(points(12) <= 7, std::to_string(points(12)).c_str());
  }

  void dumps_that_say_nothing_or_nonsense_are_passed_over() {
    History history;
    LoggedDump empty;
    empty.time = kNoon;
    fill_back({empty, dump(1, 0, 5, 5), dump(2, -3, 5, 5), dump(3, 1e12, 5, 5),
               dump(4, std::nan(""), 5, 5)},
              history);
    QCOMPARE(history.last(), TimePoint{});
    fill_back({}, history);
    QCOMPARE(history.last(), TimePoint{});
  }

  void what_comes_later_joins_what_is_there() {
    History history;
    Snapshot live;
    for (int second = 0; second < 1'200; ++second) {
      live.taken_at = kNoon + std::chrono::seconds(second);
      live.set(Metric::db_sst_files, second);
      history.add(live);
    }
    fill_back({dump(20, 600, 30, 30)}, history);
    const auto all = sum_of(history, kNoon, kNoon + std::chrono::minutes(21));
    QVERIFY(std::abs(all.sum - 30) < 1e-6);
    const auto files =
        history.range(Metric::db_sst_files, kNoon, kNoon + std::chrono::minutes(20), 100'000);
    QCOMPARE(files.size(), std::size_t{1'200});
  }

  // "6 seconds in ten minutes" must never read as "6 seconds in this one".
  void a_lump_is_spread_over_what_follows() {
    PacedStalls stalls;
    QVERIFY(std::isnan(stalls.total(kNoon)));
    stalls.add(dump(10, 600, 6, 106));
    const auto at = [&](int minutes) {
      return stalls.total(kNoon + std::chrono::minutes(minutes));
    };
    QCOMPARE(at(10), 100.0);
    QVERIFY(std::abs(at(11) - at(10) - 0.6) < 1e-9);
    QCOMPARE(at(20), 106.0);
    QCOMPARE(at(60), 106.0);
    stalls.add(dump(20, 600, 12, 118));
    QCOMPARE(at(20), 106.0);  // no jump
    QCOMPARE(at(30), 118.0);
  }

  void of_several_databases_the_worst_counts_once_all_have_told() {
    const auto at = [](int minutes) { return kNoon + std::chrono::minutes(minutes); };
    const auto share = [&](const History& history, int from, int to) {
      const auto all = sum_of(history, at(from), at(to));
      return all.count == 0 ? -1 : all.sum / all.seconds;
    };
    WorstStalls worst(2);
    History history;
    worst.add(0, stall_intervals({dump(10, 600, 60, 60), dump(20, 600, 0, 60)}));
    worst.fill(history);
    QCOMPARE(history.last(), TimePoint{});  // the other one may have been worse
    worst.add(1, stall_intervals({dump(15, 600, 300, 300)}));
    worst.fill(history);
    QCOMPARE(share(history, 1, 4), -1.0);  // then only one has told
    QVERIFY(std::abs(share(history, 6, 9) - 0.5) < 1e-6);
    QVERIFY(std::abs(share(history, 11, 14) - 0.5) < 1e-6);
    QCOMPARE(share(history, 16, 19), -1.0);
    worst.add(1, stall_intervals({dump(15, 600, 300, 300), dump(25, 600, 6, 306)}));
    worst.fill(history);
    QVERIFY(std::abs(share(history, 16, 19) - 0.01) < 1e-6);
    QVERIFY(std::abs(share(history, 11, 14) - 0.5) < 1e-6);
  }
};

QTEST_APPLESS_MAIN(ObservedHistoryTest)
#include "observed_history_test.moc"
