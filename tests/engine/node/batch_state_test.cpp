// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/node/batch_state.h"

#include <QtTest>

#include "engine/node/stall_watch.h"

using namespace nodetune;

namespace {

const TimePoint kStart = TimePoint(std::chrono::seconds(1'700'000'000));

DatabaseEvent stall(const std::string& family, bool begins) {
  DatabaseEvent event;
  event.type = begins ? DatabaseEvent::Type::stall_begin : DatabaseEvent::Type::stall_end;
  event.family = family;
  return event;
}

Snapshot looked(int second, double stalled_seconds, bool stopped) {
  Snapshot snapshot;
  snapshot.taken_at = kStart + std::chrono::seconds(second);
  snapshot.set(Metric::db_stall_seconds_total, stalled_seconds);
  snapshot.set(Metric::db_write_stopped, stopped ? 1 : 0);
  return snapshot;
}

BatchFigures waiting(int callers) {
  BatchFigures figures;
  figures.max_pending_bytes = 128 << 20;
  figures.pending_bytes = 128 << 20;
  figures.pending_operations = 1'000;
  figures.waiting_submits = static_cast<std::uint64_t>(callers);
  figures.longest_wait_seconds = 3.5;
  return figures;
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

class BatchStateTest : public QObject {
  Q_OBJECT
 private slots:
  void a_stall_lasts_as_long_as_the_database_says() {
    StallWatch watch;
    QCOMPARE(watch.stall().level, WriteStall::Level::none);
    watch.observe(looked(0, 5.0, false));
    QVERIFY2(watch.stall().level == WriteStall::Level::none, "what was before is not now");
    watch.observe(stall("storage", true));
    watch.observe(looked(1, 5.4, false));
    QCOMPARE(watch.stall().level, WriteStall::Level::slowed);
    watch.observe(stall("blocks", true));
    watch.observe(looked(3, 5.4, true));  // stopped: nobody has come through to be counted
    const auto now = watch.stall();
    QCOMPARE(now.level, WriteStall::Level::stopped);
    QCOMPARE(now.families, std::string("blocks, storage"));
    QCOMPARE(now.seconds, 2.0);
    watch.observe(looked(4, 5.4, false));
    QVERIFY2(watch.stall().level == WriteStall::Level::none, "though no end was told");
    watch.observe(stall("storage", false));
    watch.observe(looked(9, 5.5, false));
    QCOMPARE(watch.stall().families, std::string("blocks"));
    QCOMPARE(watch.stall().seconds, 0.0);
  }
  void the_cause_is_the_one_that_grew_last() {
    StallWatch watch;
    auto snapshot = looked(0, 0, true);
    snapshot.stalls = {{StallCause::memtables, true, 10}, {StallCause::level0_files, false, 2}};
    watch.observe(snapshot);
    QVERIFY(watch.stall().cause == StallCause::memtables);
    snapshot.stalls[1].count = 5;
    watch.observe(snapshot);
    QVERIFY(watch.stall().cause == StallCause::level0_files);
    watch.forget();
    QVERIFY(watch.stall().families.empty());
  }

  void a_stop_is_named_with_cause_and_callers() {
    const auto state = describe_flow(
        waiting(3), {WriteStall::Level::stopped, "storage", StallCause::memtables, 4});
    QCOMPARE(state.flow, BatchFlow::stopped);
    QVERIFY2(has(state.text, "RocksDB has stopped writes because of immutable memtables (storage)"),
             state.text.c_str());
    QVERIFY2(has(state.text,
                 "3 callers wait for room in the order in which they came, the first "
                 "for 3.5"),
             state.text.c_str());
    QVERIFY(has(state.text, "128 MiB of 128 MiB"));
  }
  void callers_that_wait_without_a_stall_are_named_too() {
    const auto state = describe_flow(waiting(1), {});
    QCOMPARE(state.flow, BatchFlow::held_up);
    QVERIFY2(has(state.text, "1 caller waits for room"), state.text.c_str());
  }
  void a_commit_that_does_not_end_is_named() {
    auto figures = waiting(0);
    figures.commit_running_seconds = 12;
    const auto state = describe_flow(figures, {});
    QCOMPARE(state.flow, BatchFlow::held_up);
    QVERIFY2(has(state.text, "has taken 12"), state.text.c_str());
  }
  void a_failure_wins_over_a_stall_and_says_what_to_do() {
    auto figures = waiting(2);
    figures.failing = true;
    const auto state = describe_flow(figures, {WriteStall::Level::stopped, "storage", {}, 4});
    QCOMPARE(state.flow, BatchFlow::failing);
    QVERIFY(has(state.text, "nothing is lost: 1,000 operations"));
    QVERIFY(has(failure_remedy(StatusCode::no_space), "Make room on the disk"));
    QVERIFY(has(failure_remedy(StatusCode::io_error), "See to the disk"));
    QVERIFY(!failure_remedy(StatusCode::failed).empty());
  }
  void without_anything_pending_it_is_idle() {
    QCOMPARE(describe_flow({}, {}).flow, BatchFlow::idle);
    auto figures = waiting(0);
    QCOMPARE(describe_flow(figures, {}).flow, BatchFlow::flowing);
  }

  void a_price_is_missing_until_it_is_measured() {
    BatchFigures figures;
    figures.durability = Durability::log_and_fsync;
    auto states = describe_durabilities(figures);
    QCOMPARE(states.size(), kDurabilityCount);
    for (const auto& state : states) QCOMPARE(state.price, std::string("not measured yet"));
    QVERIFY(states[index_of(Durability::log_and_fsync)].in_force);
    figures.durabilities[index_of(Durability::log_and_fsync)] = {1'500, 8.2e-3, 1'800};
    figures.syncs.count = 1'500;
    figures.median_sync_seconds = 4.1e-3;
    states = describe_durabilities(figures);
    const auto& price = states[index_of(Durability::log_and_fsync)].price;
    QVERIFY2(has(price, "fsync costs 4.10 ms a commit here (median of the last 200)"),
             price.c_str());
    QVERIFY2(has(price, "1,800 operations each"), price.c_str());
  }
  void thresholds_are_named_for_commits_like_the_last() {
    BatchFigures figures;
    for (const auto& path : describe_paths(figures)) QVERIFY(path.when.empty());
    figures.usual_families = 5;
    figures.path_thresholds = {0, 8, 1'450};
    auto paths = describe_paths(figures);
    QCOMPARE(paths[index_of(WritePath::as_given)].when, std::string("below 8 operations"));
    QCOMPARE(paths[index_of(WritePath::sorted)].when, std::string("from 8 operations"));
    QCOMPARE(paths[index_of(WritePath::ingested)].when, std::string("from 1,450 operations"));
    figures.path_thresholds[index_of(WritePath::ingested)] = std::nullopt;
    paths = describe_paths(figures);
    QCOMPARE(paths[index_of(WritePath::ingested)].when, std::string("never by commits like these"));
    figures.path_thresholds = {0, 43'795, 43'795};  // ingestion comes before sorting pays
    paths = describe_paths(figures);
    QCOMPARE(paths[index_of(WritePath::as_given)].when, std::string("below 43,795 operations"));
    QCOMPARE(paths[index_of(WritePath::sorted)].when, std::string("never by commits like these"));
    QCOMPARE(paths[index_of(WritePath::ingested)].when, std::string("from 43,795 operations"));
    QVERIFY(has(describe_path_choice(figures), "none were measured here yet"));
    figures.path_costs.device = "8:1";
    QVERIFY(has(describe_path_choice(figures), "on this disk (8:1"));
  }
};

QTEST_APPLESS_MAIN(BatchStateTest)
#include "batch_state_test.moc"
