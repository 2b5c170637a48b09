// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/node/observed_history.h"

#include <QtTest>
#include <cmath>

#include "engine/metrics/stall_conditions.h"
#include "engine/node/observed_views.h"

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

  void what_rocksdb_counted_is_summed_over_families_in_both_forms() {
    LogSummary story;
    story.family_dumps["a"].stall_counters =
        "7 level0_slowdown, 5 level0_slowdown_with_compaction, 1 level0_numfiles, 2 stop for "
        "pending_compaction_bytes, 3 slowdown for pending_compaction_bytes, 4 memtable_compaction, "
        "0 memtable_slowdown, interval 3 total count";
    story.family_dumps["b"].stall_counters =
        "cf-l0-file-count-limit-delays-with-ongoing-compaction: 9, l0-file-count-limit-delays: 10, "
        "memtable-limit-stops: 20, total-stops: 20";
    story.family_dumps["c"];  // its table was cut
    story.db_stall_counters = "write-buffer-manager-limit-stops: 6";
    ObservedLog log{story, true, 0, {}, {}, {}};
    QVERIFY(counted_stalls(log).empty() && !stops_by_buffer_manager(log));  // no statistics yet
    log.last_dump = dump(10, 600, 0, 0);
    const std::vector<std::uint64_t> expected = {0, 24, 17, 1, 3, 2};  // by kStallConditions
    const auto stalls = counted_stalls(log);
    QCOMPARE(stalls.size(), expected.size());
    for (std::size_t i = 0; i < stalls.size(); ++i) {
      QVERIFY(stalls[i].cause == kStallConditions[i].cause);
      QCOMPARE(stalls[i].stopped, kStallConditions[i].stopped);
      QCOMPARE(stalls[i].count, expected[i]);
    }
    QCOMPARE(stops_by_buffer_manager(log), std::optional<std::int64_t>(6));
  }

  void what_was_counted_before_the_last_start_is_not_known_since() {
    LogSummary story;
    story.family_dumps["a"].stall_counters = "memtable-limit-stops: 20";
    ObservedLog log{story, true, 0, {}, {}, {}};
    log.last_dump = dump(10, 600, 0, 0);
    QCOMPARE(counted_stalls(log).size(), std::size_t{1});  // the others are missing, not zero
    story.opens.push_back({kNoon + std::chrono::minutes(11), 1});
    QVERIFY(counted_stalls(log).empty() && !stops_by_buffer_manager(log));
    log.last_dump = dump(20, 600, 0, 0);
    QCOMPARE(counted_stalls(log).front().count, std::uint64_t{20});
    log.last_open = LoggedRecovery{kNoon + std::chrono::minutes(21), {}, {}};
    QVERIFY(counted_stalls(log).empty());
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
