// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/node/health.h"

#include <QtTest>

#include "engine/base/format.h"

using namespace nodetune;
using namespace std::chrono_literals;

namespace {

// Two minutes of one-second samples that all look the same.
class Scene {
 public:
  Scene() {
    set(Metric::disk_free_ratio, 0.5);
    set(Metric::disk_free_bytes, 100.0 * kGiB);
    set(Metric::system_memory_ratio, 0.4);
    set(Metric::system_memory_limit_bytes, 16.0 * kGiB);
    set(Metric::disk_utilisation_ratio, 0.2);
    set(Metric::disk_write_latency_seconds, 0.0005);
    set(Metric::system_cpu_ratio, 0.3);
    stalled_share_ = 0;
  }
  Scene& set(Metric metric, double value) {
    base_.set(metric, value);
    return *this;
  }
  Scene& stalled(double share) {
    stalled_share_ = share;
    return *this;
  }
  Scene& cause(StallCause cause, bool stopped, std::uint64_t count) {
    base_.stalls.push_back({cause, stopped, count});
    return *this;
  }
  // Every second once more; `before` the first.
  Scene& enters(Metric condition, double before) {
    entered_ = condition;
    entered_before_ = before;
    return *this;
  }
  Scene& problem(ProblemKind kind, std::string text) {
    base_.problems.push_back({kind, std::move(text)});
    return *this;
  }
  Health judge(int seconds = 120) {
    History history;
    Snapshot before;
    double stalled = 0;
    for (int second = 0; second < seconds; ++second) {
      Snapshot next = base_;
      next.taken_at = TimePoint(1'700'000'000s) + std::chrono::seconds(second);
      stalled += stalled_share_;
      next.set(Metric::db_stall_seconds_total, stalled);
      if (entered_) next.set(*entered_, entered_before_ + second);
      next.derive_from(before);
      history.add(next);
      before = next;
    }
    return assess_health(before, history);
  }

 private:
  Snapshot base_;
  double stalled_share_ = 0;
  std::optional<Metric> entered_;
  double entered_before_ = 0;
};

}  // namespace

class HealthTest : public QObject {
  Q_OBJECT
 private slots:
  void a_quiet_node_is_good() {
    const auto health = Scene().judge();
    QCOMPARE(health.level, HealthLevel::good);
    QCOMPARE(health.cause, HealthCause::none);
  }

  void a_fresh_start_speaks_only_of_the_time_it_has_seen() {
    QVERIFY(Scene().judge(120).sentence.find("the last 60 s") != std::string::npos);
    QVERIFY(Scene().judge(17).sentence.find("the last 16 s") != std::string::npos);
  }

  void stalls_without_a_busy_disk_blame_compaction() {
    const auto health = Scene().stalled(0.2).cause(StallCause::level0_files, false, 7).judge();
    QCOMPARE(health.level, HealthLevel::bad);
    QCOMPARE(health.cause, HealthCause::compaction);
    QVERIFY(health.sentence.find("level-0 files") != std::string::npos);
  }

  void the_cause_is_that_of_now_not_of_last_week() {
    const auto health = Scene()
                            .stalled(0.2)
                            .set(Metric::db_stalls_memtable_stop_total, 5'000)
                            .cause(StallCause::memtables, true, 5'000)
                            .enters(Metric::db_stalls_l0_slowdown_total, 10)
                            .judge();
    QVERIFY2(health.sentence.find("level-0 files") != std::string::npos, health.sentence.c_str());
  }

  void stalls_on_a_busy_disk_blame_the_disk() {
    const auto health = Scene().stalled(0.05).set(Metric::disk_utilisation_ratio, 0.97).judge();
    QCOMPARE(health.level, HealthLevel::warning);
    QCOMPARE(health.cause, HealthCause::disk);
  }

  void stalls_on_busy_processors_blame_the_load() {
    const auto health = Scene().stalled(0.05).set(Metric::system_cpu_ratio, 0.99).judge();
    QCOMPARE(health.cause, HealthCause::load);
  }

  void busy_processors_without_stalls_are_not_storage() {
    const auto health = Scene().set(Metric::system_cpu_ratio, 0.99).judge();
    QCOMPARE(health.level, HealthLevel::warning);
    QCOMPARE(health.cause, HealthCause::not_storage);
  }

  void what_is_not_known_is_not_claimed() {
    const auto busy = Scene().stalled(kMissing).set(Metric::system_cpu_ratio, 0.99).judge();
    QCOMPARE(busy.cause, HealthCause::load);
    QVERIFY(busy.sentence.find("whether writes stall is not known") != std::string::npos);
    const auto dark = Scene().stalled(kMissing).set(Metric::disk_free_ratio, kMissing).judge();
    QCOMPARE(dark.level, HealthLevel::unknown);
    QCOMPARE(dark.sentence, std::string("Whether writes stall is not known."));
    const auto recorded = Scene().set(Metric::disk_free_ratio, kMissing).judge();
    QCOMPARE(recorded.level, HealthLevel::good);
    QVERIFY2(recorded.sentence.ends_with("in the last 60 s."), recorded.sentence.c_str());
    const auto behind =
        Scene().stalled(0.2).set(Metric::db_pending_compaction_bytes, kMissing).judge();
    QVERIFY2(behind.sentence.ends_with("compaction is behind."), behind.sentence.c_str());
  }

  void short_memory_and_a_full_disk_are_named() {
    QCOMPARE(Scene().set(Metric::system_memory_ratio, 0.98).judge().cause, HealthCause::memory);
    const auto full = Scene().set(Metric::disk_free_ratio, 0.05).judge();
    QCOMPARE(full.cause, HealthCause::disk);
    QCOMPARE(full.level, HealthLevel::bad);
  }

  void the_worst_is_said_first() {
    const auto health =
        Scene().stalled(0.5).set(Metric::disk_free_ratio, 0.12).judge();  // bad beats warning
    QCOMPARE(health.cause, HealthCause::compaction);
  }

  void damage_is_said_first_and_what_hides_figures_last() {
    const auto unread = Scene().problem(ProblemKind::unreadable, "The LOG holds noise").judge();
    QCOMPARE(unread.level, HealthLevel::warning);
    QCOMPARE(unread.cause, HealthCause::database);
    QCOMPARE(unread.sentence, std::string("The LOG holds noise."));
    const auto both = Scene()
                          .stalled(0.5)
                          .problem(ProblemKind::unreadable, "The LOG holds noise")
                          .problem(ProblemKind::damaged, "000030.sst is damaged")
                          .problem(ProblemKind::damaged, "000031.sst is damaged")
                          .judge();
    QCOMPARE(both.level, HealthLevel::bad);
    QCOMPARE(both.sentence, std::string("000030.sst is damaged; 1 more, see Events."));
    const auto slow = Scene().stalled(0.5).problem(ProblemKind::unreadable, "x").judge();
    QCOMPARE(slow.cause, HealthCause::compaction);
    QCOMPARE(Scene().problem(ProblemKind::absent, "no OPTIONS").judge().level, HealthLevel::good);
  }

  void what_is_missing_is_not_judged() {
    const auto health = assess_health(Snapshot(), History());
    QCOMPARE(health.level, HealthLevel::unknown);
  }

  void stopped_writes_are_bad_at_once() {
    QCOMPARE(Scene().set(Metric::db_write_stopped, 1).judge().level, HealthLevel::bad);
  }
};

QTEST_APPLESS_MAIN(HealthTest)
#include "health_test.moc"
