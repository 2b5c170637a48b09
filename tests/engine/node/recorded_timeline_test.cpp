// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/node/recorded_timeline.h"

#include <QtTest>
#include <cmath>

using namespace nodetune;

namespace {

const TimePoint kNoon(std::chrono::seconds(1'700'000'000));

TimePoint at(int seconds) {
  return kNoon + std::chrono::seconds(seconds);
}

LoggedFlush flush(int seconds, std::int64_t bytes) {
  LoggedFlush each;
  each.time = at(seconds);
  each.output_bytes = bytes;
  return each;
}

std::vector<std::shared_ptr<const Snapshot>> samples_of(const RecordedTimeline& timeline,
                                                        bool events = true) {
  std::vector<std::shared_ptr<const Snapshot>> samples;
  RecordedTimeline::Known known;
  known.events = events;
  timeline.replay(known, [&](const auto& sample) { samples.push_back(sample); });
  return samples;
}

}  // namespace

class RecordedTimelineTest : public QObject {
  Q_OBJECT

 private slots:
  void counters_grow_when_it_happened() {
    RecordedTimeline timeline;
    LogSummary fresh;
    fresh.flushes = {flush(10, 100), flush(10, 50), flush(40, 7)};
    timeline.add(fresh);
    timeline.add_run(at(0), at(60));
    const auto samples = samples_of(timeline);
    QCOMPARE(timeline.step(), Duration(std::chrono::seconds(1)));
    QCOMPARE(samples.size(), std::size_t{61});
    QCOMPARE(samples.front()->taken_at, at(0));
    QCOMPARE(samples.back()->taken_at, at(60));
    QCOMPARE(samples[9]->value(Metric::db_flush_bytes_total), 0.0);
    QCOMPARE(samples[10]->value(Metric::db_flush_bytes_total), 150.0);
    QCOMPARE(samples[10]->rate(Metric::db_flush_bytes_total), 150.0);
    QCOMPARE(samples[11]->rate(Metric::db_flush_bytes_total), 0.0);
    QCOMPARE(samples.back()->value(Metric::db_flushes_total), 3.0);
    for (std::size_t i = 0; i < samples.size(); ++i) QCOMPARE(samples[i]->sequence, i + 1);
  }

  void what_a_log_cannot_tell_is_missing() {
    RecordedTimeline timeline;
    timeline.add_run(at(0), at(5));
    const auto samples = samples_of(timeline, /*events=*/false);
    QVERIFY(std::isnan(samples.back()->value(Metric::db_flushes_total)));
    QVERIFY(std::isnan(samples.back()->value(Metric::db_stall_seconds_total)));
    QVERIFY(std::isnan(samples.back()->value(Metric::db_l0_files)));
    QCOMPARE(samples.back()->value(Metric::db_stalls_l0_stop_total), 0.0);
  }

  void stalled_seconds_lie_in_the_interval_that_held_them() {
    RecordedTimeline timeline;
    LogSummary fresh;
    for (int i = 1; i <= 3; ++i) {
      LoggedDump dump;
      dump.time = at(600 * i);
      dump.interval_seconds = 600;
      dump.interval_stall_seconds = i == 2 ? 60 : 0;
      dump.l0_files = 10 * i;
      fresh.dump_stalls.push_back(dump);
    }
    timeline.add(fresh);
    timeline.add_run(at(0), at(4'000));
    double stalled = 0;
    for (const auto& sample : samples_of(timeline)) {
      const auto rate = sample->rate(Metric::db_stall_seconds_total);
      const auto time = to_seconds(sample->taken_at - kNoon);
      if (time > 600 && time <= 1'200) QVERIFY(std::abs(rate - 0.1) < 1e-9);
      if (time > 1'801) QVERIFY2(std::isnan(rate), "nobody told after the last statistics");
      if (!std::isnan(rate)) stalled += rate * sample->interval_seconds;
      const auto files = sample->value(Metric::db_l0_files);
      if (time < 600) QVERIFY(std::isnan(files));
      if (time == 600 || time == 1'100) QCOMPARE(files, 10.0);
      if (time == 1'200) QCOMPARE(files, 20.0);
      if (time > 1'800 + 900) QVERIFY2(std::isnan(files), "the next statistics were overdue");
    }
    QVERIFY(std::abs(stalled - 60) < 1e-6);
  }

  void a_stopped_node_leaves_a_gap() {
    RecordedTimeline timeline;
    LogSummary fresh;
    fresh.flushes = {flush(5, 1), flush(1'005, 1)};
    timeline.add(fresh);
    timeline.add_run(at(0), at(10));
    timeline.add_run(at(1'000), at(1'010));
    const auto samples = samples_of(timeline);
    QCOMPARE(samples.size(), std::size_t{22});
    QCOMPARE(samples[11]->taken_at, at(1'000));
    QVERIFY(std::isnan(samples[11]->rate(Metric::db_flushes_total)));
    QCOMPARE(samples.back()->value(Metric::db_flushes_total), 2.0);
  }

  void memory_is_bounded_and_nothing_is_lost() {
    RecordedTimeline::Limits limits;
    limits.bins_max = 64;
    limits.samples_max = 100;
    RecordedTimeline timeline(limits);
    for (int i = 0; i < 10'000; ++i) {
      LogSummary fresh;
      fresh.flushes = {flush(60 * i, 3)};
      timeline.add(fresh);
    }
    timeline.add_run(at(0), at(600'000));
    const auto samples = samples_of(timeline);
    QVERIFY2(samples.size() <= 102, qPrintable(QString::number(samples.size())));
    QCOMPARE(samples.back()->value(Metric::db_flush_bytes_total), 30'000.0);
  }

  void nonsense_times_end_nowhere() {
    RecordedTimeline timeline;
    LogSummary fresh;
    fresh.flushes = {flush(0, 1), flush(-2'000'000'000, 1), flush(2'000'000'000, 1)};
    timeline.add(fresh);
    timeline.add_run(TimePoint(std::chrono::seconds(-50'000'000'000)),
                     TimePoint(std::chrono::seconds(250'000'000'000)));
    timeline.add_run(at(10), at(0));  // backwards
    QVERIFY(samples_of(timeline).size() <= 8'195);
  }
};

QTEST_APPLESS_MAIN(RecordedTimelineTest)
#include "recorded_timeline_test.moc"
