// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include <QtTest>

#include "engine/tuner/rules.h"

using namespace nodetune;

namespace {

Snapshot at(int seconds) {
  Snapshot snapshot;
  snapshot.taken_at = TimePoint(std::chrono::seconds(1'700'000'000 + seconds));
  return snapshot;
}

}  // namespace

class FiguresTest : public QObject {
  Q_OBJECT
 private slots:
  void counters_are_of_the_window_and_gauges_of_its_end() {
    auto older = at(0);
    auto newer = at(60);
    older.set(Metric::db_stall_seconds_total, 100);
    newer.set(Metric::db_stall_seconds_total, 107.5);
    older.set(Metric::db_block_cache_hits_total, 1'000);
    newer.set(Metric::db_block_cache_hits_total, 1'600);
    older.set(Metric::db_block_cache_misses_total, 5'000);
    newer.set(Metric::db_block_cache_misses_total, 5'400);
    older.set(Metric::system_memory_ratio, 0.1);
    newer.set(Metric::system_memory_ratio, 0.6);
    newer.set(Metric::db_l0_files, 7);
    newer.set(Metric::disk_free_ratio, 0.25);
    newer.set(Metric::system_cpu_ratio, 0.3);
    newer.families = {{.name = "headers", .l0_files = 1}, {.name = "accounts", .l0_files = 7}};
    const auto figures = figures_from(older, newer);
    QCOMPARE(figures.window_seconds, 60.0);
    QCOMPARE(figures.stalled_seconds.value(), 7.5);
    QCOMPARE(figures.block_cache_lookups.value(), 1'000.0);
    QCOMPARE(figures.block_cache_hit_ratio.value(), 0.6);
    QCOMPARE(figures.memory_ratio.value(), 0.6);
    QCOMPARE(figures.l0_files.value(), 7.0);
    QCOMPARE(figures.l0_family, std::string("accounts"));
    QCOMPARE(figures.disk_remaining_ratio.value(), 0.25);
    QCOMPARE(figures.cpu_ratio.value(), 0.3);
  }
  void what_was_not_measured_is_absent() {
    const auto figures = figures_from(at(0), at(60));
    QVERIFY(!figures.stalled_seconds && !figures.memory_ratio && !figures.l0_files);
    QVERIFY(!figures.disk_remaining_ratio && !figures.block_cache_hit_ratio && !figures.cpu_ratio);
  }
  void a_counter_that_went_back_gives_no_figure() {
    auto older = at(0);
    auto newer = at(60);
    older.set(Metric::db_stall_seconds_total, 100);
    newer.set(Metric::db_stall_seconds_total, 3);
    QVERIFY(!figures_from(older, newer).stalled_seconds);
  }
  void no_lookups_have_no_hit_ratio() {
    auto older = at(0);
    auto newer = at(60);
    for (auto* snapshot : {&older, &newer}) {
      snapshot->set(Metric::db_block_cache_hits_total, 10);
      snapshot->set(Metric::db_block_cache_misses_total, 10);
    }
    const auto figures = figures_from(older, newer);
    QVERIFY(!figures.block_cache_hit_ratio);
    QCOMPARE(figures.block_cache_lookups.value(), 0.0);
  }
  void an_empty_or_reversed_window_has_no_figures() {
    auto older = at(60);
    auto newer = at(60);
    older.set(Metric::system_memory_ratio, 0.99);
    newer.set(Metric::system_memory_ratio, 0.99);
    QVERIFY(!figures_from(older, newer).memory_ratio);
    newer.taken_at -= std::chrono::seconds(5);
    QVERIFY(!figures_from(older, newer).memory_ratio);
  }
  void history_turns_the_cpu_gauge_into_the_windows_mean() {
    History history;
    auto older = at(0);
    auto newer = at(60);
    for (int second = 1; second <= 60; ++second) {
      auto sample = at(second);
      sample.set(Metric::system_cpu_ratio, second == 60 ? 1.0 : 0.5);
      sample.interval_seconds = 1;
      history.add(sample);
    }
    newer.set(Metric::system_cpu_ratio, 1.0);
    const auto figures = figures_from(older, newer, &history);
    QVERIFY(figures.cpu_ratio.value() > 0.45 && figures.cpu_ratio.value() < 0.55);
  }
};

QTEST_APPLESS_MAIN(FiguresTest)
#include "figures_test.moc"
