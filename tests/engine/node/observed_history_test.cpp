// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/node/observed_history.h"

#include <QtTest>
#include <array>
#include <cmath>
#include <random>

#include "engine/metrics/stall_conditions.h"
#include "engine/node/observed_past.h"
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
    fill_back_stalls({dump(10, 600, 0, 0), dump(20, 600, 60, 60), dump(30, 600, 6, 66)}, history);
    const auto at = [](int minutes) { return kNoon + std::chrono::minutes(minutes); };
    QVERIFY(std::abs(sum_of(history, at(0), at(31)).sum - 66) < 1e-6);
    QVERIFY(std::abs(sum_of(history, at(0), at(31)).seconds - 1800) < 1e-3);
    const auto worst = sum_of(history, at(11), at(20));
    QVERIFY(std::abs(worst.sum / worst.seconds - 0.1) < 1e-6);
    QCOMPARE(sum_of(history, at(40), at(60)).count, 0U);
  }

  void the_newest_hour_is_drawn_by_the_second() {
    History history;
    fill_back_stalls({dump(20, 600, 60, 60), dump(90, 600, 60, 120), dump(100, 600, 6, 126)},
                     history);
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
    fill_back_stalls({empty, dump(1, 0, 5, 5), dump(2, -3, 5, 5), dump(3, 1e12, 5, 5),
                      dump(4, std::nan(""), 5, 5)},
                     history);
    QCOMPARE(history.last(), TimePoint{});
    fill_back_stalls({}, history);
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
    fill_back_stalls({dump(20, 600, 30, 30)}, history);
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

  void the_past_is_kept_in_the_steps_of_history() {
    const auto until = kNoon + std::chrono::hours(24 * 10) + std::chrono::milliseconds(300);
    const auto steps = past_steps(kNoon, until);
    QVERIFY(steps.front().begin <= kNoon && steps.size() < 9'200);
    QVERIFY(steps.back().end == until);
    const std::array lengths = {1, 10, 60, 600};
    for (std::size_t i = 0; i < steps.size(); ++i) {
      const bool newest = i + 1 == steps.size();
      QCOMPARE(to_seconds(steps[i].end - steps[i].begin),
               lengths[steps[i].level] + (newest ? 0.3 : 0));
      if (i > 0) QCOMPARE(steps[i].begin, steps[i - 1].end);
      const auto age = until - steps[i].begin;
      const std::array kept_hours = {1, 6, 48, 24 * 60};
      QVERIFY(age <= std::chrono::hours(kept_hours[steps[i].level]) + std::chrono::minutes(10));
      QVERIFY(steps[i].level == 0 || age > std::chrono::hours(kept_hours[steps[i].level - 1]));
    }
    QVERIFY(past_steps(until, kNoon).empty());
    QVERIFY(past_steps(TimePoint(), kNoon).empty());
    QVERIFY(past_steps(kNoon, TimePoint::max()).empty());
    QVERIFY(past_steps(kNoon, kNoon).empty());
    QCOMPARE(past_steps(kNoon, kNoon + std::chrono::milliseconds(1)).size(), std::size_t{1});
  }

  // Against a simple model: all that was done lies in the history, at its time, once.
  void what_the_log_tells_of_work_is_in_the_history() {
    std::mt19937 random(7);
    const auto until = kNoon + std::chrono::hours(20);
    std::vector<std::pair<TimePoint, double>> model;
    LogSummary story;
    story.utc_offset = Duration();
    story.first_time = kNoon;
    story.events["flush_finished"] = 1;
    ObservedPast past;
    auto time = kNoon;
    while (true) {
      time += std::chrono::milliseconds(random() % 120'000);
      if (time > until) break;
      const double bytes = 1 + random() % 1'000;
      model.emplace_back(time, bytes);
      LogSummary piece;
      piece.utc_offset = Duration();
      LoggedFlush flush;
      flush.time = time;
      flush.output_bytes = static_cast<std::int64_t>(bytes);
      piece.flushes.add(flush, 10);
      past.add(piece, {});
    }
    past.finish(story, until);
    History history;
    const ObservedPast* const alone[] = {&past};
    fill_back(alone, history);
    for (const auto& [from, to] : {std::pair(0, 1'200), {0, 600}, {1'140, 1'200}, {1'190, 1'200}}) {
      const auto begin = kNoon + std::chrono::minutes(from);
      const auto end = kNoon + std::chrono::minutes(to);
      double expected = 0;
      for (const auto& [at, bytes] : model) expected += at >= begin && at < end ? bytes : 0;
      double sum = 0;
      double seconds = 0;
      for (const auto& point : history.range(Metric::db_flush_bytes_total, begin, end, 100'000)) {
        sum += point.sum;
        seconds += point.seconds;
      }
      QVERIFY2(std::abs(sum - expected) < 1e-6 * expected + 1'000,
               qPrintable(QString("%1 of %2").arg(sum).arg(expected)));
      QVERIFY(std::abs(seconds - to_seconds(end - begin)) <
              61);  // and nothing else is a known zero
    }
    QCOMPARE(history.range(Metric::db_compactions_total, kNoon, until, 10).size(), std::size_t{10});
  }

  void what_is_not_known_of_the_past_is_missing() {
    const auto at = [](int minutes) { return kNoon + std::chrono::minutes(minutes); };
    LogSummary lists;
    lists.utc_offset = Duration();
    LoggedFlush flush;
    LogSummaryLimits limits;
    limits.jobs_max = 2;
    for (const int minutes : {50, 55}) {
      flush.time = at(minutes);
      lists.flushes.add(flush, limits.jobs_max);
    }
    LogSummary story;
    story.utc_offset = Duration();
    story.first_time = kNoon;
    story.events["flush_finished"] = 7;
    story.opens.push_back({at(52), 1, at(51)});
    ObservedPast past;
    past.add(lists, limits);  // full: there were others before
    past.finish(story, at(60));
    History history;
    const ObservedPast* const alone[] = {&past};
    fill_back(alone, history);
    const auto seconds = [&](Metric metric, int from, int to) {
      double sum = 0;
      for (const auto& point : history.range(metric, at(from), at(to), 10'000))
        sum += point.seconds;
      return sum;
    };
    QCOMPARE(seconds(Metric::db_flushes_total, 0, 50), 0.0);
    QCOMPARE(seconds(Metric::db_flushes_total, 50, 51), 60.0);
    QCOMPARE(seconds(Metric::db_flushes_total, 51, 52), 0.0);  // nobody had it open
    QVERIFY(std::abs(seconds(Metric::db_flushes_total, 52, 61) - 480) < 0.01);
    QCOMPARE(seconds(Metric::db_stalls_l0_stop_total, 0, 50), 3'000.0);

    ObservedPast other;  // its LOG holds no events: of both together nothing is known
    LogSummary silent = story;
    silent.events.clear();
    silent.opens.clear();
    LogSummary nothing;
    nothing.utc_offset = Duration();
    other.add(nothing, {});
    other.finish(silent, at(60));
    const ObservedPast* const both[] = {&past, &other};
    History of_both;
    fill_back(both, of_both);
    QVERIFY(of_both.range(Metric::db_flushes_total, kNoon, at(60), 10).empty());
    QVERIFY(!of_both.range(Metric::db_stalls_l0_stop_total, kNoon, at(60), 10).empty());
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
