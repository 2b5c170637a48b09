// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/tuner/actuator.h"

#include <sys/resource.h>

#include <QFile>
#include <QFileInfo>
#include <QTemporaryDir>
#include <QtTest>
#include <csignal>
#include <cstdlib>

#include "engine/base/format.h"
#include "tests/engine/tuner/fake_controls.h"

using namespace nodetune;
using nodetune::test::Death;
using nodetune::test::FakeKnobs;
using nodetune::test::FakeTargets;

namespace {

constexpr auto kKnob = Knob::write_buffer_size;
const Target kTarget = Target::of(kKnob);
constexpr std::int64_t kOld = 64 * kMiB;
constexpr std::int64_t kNew = 96 * kMiB;

QByteArray contents(const QString& path) {
  QFile file(path);
  return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

void overwrite(const QString& path, const QByteArray& bytes) {
  QFile file(path);
  QVERIFY(file.open(QIODevice::WriteOnly | QIODevice::Truncate));
  QCOMPARE(file.write(bytes), bytes.size());
}

bool contains(const Status& status, const char* text) {
  return status.message().find(text) != std::string::npos;
}

}  // namespace

class ActuatorTest : public QObject {
  Q_OBJECT

  struct World {
    QTemporaryDir folder;
    ManualClock clock;
    FakeKnobs knobs;
    FakeTargets others;
    std::unique_ptr<AuditLog> audit;
    std::unique_ptr<Actuator> actuator;

    World() { open(); }
    QString log_path() const { return folder.filePath("audit.jsonl"); }
    // As a new process would: nothing survives but the files.
    void open() {
      actuator.reset();
      audit.reset();
      auto opened = AuditLog::open(log_path().toStdString(), clock);
      if (!opened) qFatal("%s", opened.status().message().c_str());
      audit = std::move(*opened);
      knobs.reopen();
      actuator = std::make_unique<Actuator>(knobs, *audit, KnobContext{}, &others);
    }
    Result<Change> apply(std::int64_t value) {
      return actuator->apply(kTarget, value, Actor::node_operator, "by hand");
    }
  };

  // One value in force, persisted and in the log, and nothing unfinished.
  static void verify_whole(World& world) {
    QVERIFY(world.actuator->recover());
    const auto value = world.knobs.in_force[kKnob];
    QVERIFY(value == kOld || value == kNew);
    QCOMPARE(world.knobs.persisted[kKnob], value);
    QVERIFY(world.audit->unfinished().empty());
    bool done = false;
    for (const auto& entry : world.audit->entries()) done |= entry.kind == AuditKind::done;
    QCOMPARE(value, done ? kNew : kOld);
    world.open();
    QCOMPARE(world.knobs.in_force[kKnob], value);
    QVERIFY(world.actuator->recover()->empty());
    QVERIFY(world.apply(80 * kMiB));
  }

 private slots:
  void a_change_is_in_force_persisted_and_logged() {
    World world;
    const auto change = world.apply(kNew);
    QVERIFY(change);
    QCOMPARE(change->from, kOld);
    QCOMPARE(change->to, kNew);
    QCOMPARE(world.knobs.in_force[kKnob], kNew);
    QCOMPARE(world.knobs.persisted[kKnob], kNew);
    const auto entries = world.audit->entries();
    QCOMPARE(entries.size(), std::size_t{2});
    QCOMPARE(entries[0].kind, AuditKind::intent);
    QCOMPARE(entries[1].kind, AuditKind::done);
    QCOMPARE(entries[1].reason, std::string("by hand"));
    QCOMPARE(entries[1].who, Actor::node_operator);
  }
  void a_value_out_of_range_reaches_neither_log_nor_database() {
    World world;
    const auto refused = world.apply(1024);
    QVERIFY(!refused);
    QVERIFY(contains(refused.status(), "aborts"));
    QCOMPARE(world.knobs.sets, 0);
    QVERIFY(world.audit->entries().empty());
  }
  void what_cannot_be_logged_is_not_changed() {
    World world;
    std::signal(SIGXFSZ, SIG_IGN);
    ::rlimit before{};
    ::getrlimit(RLIMIT_FSIZE, &before);
    const ::rlimit limit{.rlim_cur = 10, .rlim_max = before.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    const auto refused = world.apply(kNew);
    ::setrlimit(RLIMIT_FSIZE, &before);
    QVERIFY(!refused);
    QCOMPARE(world.knobs.sets, 0);
    QCOMPARE(world.knobs.in_force[kKnob], kOld);
    QVERIFY(world.apply(kNew));
  }
  void a_change_whose_end_cannot_be_logged_is_taken_back_and_settled_later() {
    World world;
    QVERIFY(world.apply(kNew) && world.apply(kOld));  // to learn the size of an intent
    const auto lines = contents(world.log_path()).split('\n');
    const auto intent = lines.at(0).size() + 1;
    std::signal(SIGXFSZ, SIG_IGN);
    ::rlimit before{};
    ::getrlimit(RLIMIT_FSIZE, &before);
    const auto room = QFileInfo(world.log_path()).size() + intent + 8;
    const ::rlimit limit{.rlim_cur = static_cast<rlim_t>(room), .rlim_max = before.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    const auto failed = world.apply(kNew);
    ::setrlimit(RLIMIT_FSIZE, &before);
    QVERIFY(!failed);
    QCOMPARE(world.knobs.in_force[kKnob], kOld);
    QCOMPARE(world.knobs.persisted[kKnob], kOld);
    QCOMPARE(world.audit->unfinished().size(), std::size_t{1});
    QVERIFY(world.apply(kNew));
    QVERIFY(world.audit->unfinished().empty());
    QCOMPARE(world.knobs.persisted[kKnob], kNew);
  }

  void a_failure_at_any_step_restores_the_old_value_and_says_so_data() {
    QTest::addColumn<int>("step");
    QTest::newRow("set") << 0;
    QTest::newRow("read back differs") << 1;
    QTest::newRow("save") << 2;
  }
  void a_failure_at_any_step_restores_the_old_value_and_says_so() {
    QFETCH(int, step);
    World world;
    if (step == 0) world.knobs.fail_sets = 1;
    if (step == 1) world.knobs.takes_other_value = true;
    if (step == 2) world.knobs.fail_saves = 1;
    const auto failed = world.apply(kNew);
    QVERIFY(!failed);
    QVERIFY2(contains(failed.status(), "write_buffer_size stays at 64 MiB"),
             failed.status().message().c_str());
    QCOMPARE(world.knobs.in_force[kKnob], kOld);
    QCOMPARE(world.knobs.persisted[kKnob], kOld);
    QCOMPARE(world.audit->entries().back().kind, AuditKind::failed);
    QVERIFY(world.audit->unfinished().empty());
    QVERIFY(world.apply(kNew));
  }
  void where_even_restoring_fails_the_next_open_rolls_back() {
    World world;
    world.knobs.fail_saves = 2;
    const auto failed = world.apply(kNew);
    QVERIFY(!failed);
    QVERIFY(contains(failed.status(), "rolled back at the next open"));
    QCOMPARE(world.audit->unfinished().size(), std::size_t{1});
    world.open();
    const auto recovered = world.actuator->recover();
    QCOMPARE(recovered->size(), std::size_t{1});
    QCOMPARE(recovered->front().from, kOld);
    QCOMPARE(world.knobs.persisted[kKnob], kOld);
    QCOMPARE(world.audit->entries().back().kind, AuditKind::rolled_back);
    QCOMPARE(world.audit->entries().back().who, Actor::recovery);
  }

  void death_between_any_two_steps_leaves_one_value_everywhere() {
    int deaths = 0;
    for (int step = 0;; ++step) {
      World world;
      world.knobs.die_at = step;
      bool died = false;
      try {
        QVERIFY(world.apply(kNew));
      } catch (const Death&) {
        died = true;
      }
      world.knobs.die_at.reset();
      if (!died) break;
      ++deaths;
      world.open();
      verify_whole(world);
    }
    QVERIFY2(deaths >= 6, "every step of a change must have been the last one once");
  }
  void death_during_recovery_is_recovered_from_too() {
    int deaths = 0;
    for (int step = 0;; ++step) {
      World world;
      world.knobs.die_at = 6;  // persisted, but the intent has no end
      try {
        QVERIFY(!world.apply(kNew));
      } catch (const Death&) {
      }
      world.open();
      world.knobs.die_at = step;
      bool died = false;
      try {
        QVERIFY(world.actuator->recover());
      } catch (const Death&) {
        died = true;
      }
      world.knobs.die_at.reset();
      if (!died) break;
      ++deaths;
      world.open();
      verify_whole(world);
      QCOMPARE(world.knobs.persisted[kKnob], 80 * kMiB);
    }
    QVERIFY(deaths >= 4);
  }
  // The log's bytes reach the disk in order: a crash leaves any prefix of them. Up to the end of
  // the intent's line the old value is persisted; after it, either.
  void a_log_torn_anywhere_leaves_one_value_everywhere() {
    QByteArray log;
    {
      World world;
      QVERIFY(world.apply(kNew));
      log = contents(world.log_path());
    }
    const auto intent_end = log.indexOf('\n') + 1;
    constexpr int kStride = 7;  // and each byte next to the lines' ends
    for (qsizetype size = 0; size <= log.size(); ++size) {
      const bool near_an_end = std::abs(size - intent_end) <= 2 || log.size() - size <= 2;
      if (size % kStride != 0 && !near_an_end) continue;
      for (const auto persisted : {kOld, kNew}) {
        if (size < intent_end && persisted == kNew) continue;   // not set yet
        if (size == log.size() && persisted == kOld) continue;  // acknowledged
        World world;
        overwrite(world.log_path(), log.left(size));
        world.knobs.persisted[kKnob] = persisted;
        world.open();
        verify_whole(world);
      }
    }
  }

  void undo_puts_the_old_value_back_as_a_new_change() {
    World world;
    const auto change = world.apply(kNew);
    world.open();  // a later session can undo it too
    const auto undone = world.actuator->undo(change->id);
    QVERIFY2(undone, undone.status().message().c_str());
    QCOMPARE(world.knobs.in_force[kKnob], kOld);
    QCOMPARE(world.knobs.persisted[kKnob], kOld);
    QVERIFY(undone->id != change->id);
    QVERIFY(world.actuator->undo(undone->id));
    QCOMPARE(world.knobs.in_force[kKnob], kNew);
  }
  void undo_is_refused_after_a_later_change_and_for_what_never_was() {
    World world;
    const auto first = world.apply(kNew);
    QVERIFY(world.apply(80 * kMiB));
    const auto refused = world.actuator->undo(first->id);
    QVERIFY(!refused);
    QVERIFY(contains(refused.status(), "undo the later change"));
    QCOMPARE(world.knobs.in_force[kKnob], 80 * kMiB);
    QVERIFY(!world.actuator->undo(4711));
    world.knobs.fail_sets = 1;
    QVERIFY(!world.apply(kNew));
    const auto failed = world.audit->entries().back().change;
    QVERIFY2(!world.actuator->undo(failed), "a failed change has nothing to undo");
  }
  void recovery_touches_nothing_where_nothing_is_unfinished() {
    World world;
    QVERIFY(world.apply(kNew));
    world.open();
    const int sets = world.knobs.sets;
    QVERIFY(world.actuator->recover()->empty());
    QCOMPARE(world.knobs.sets, sets);
    QCOMPARE(world.knobs.in_force[kKnob], kNew);
  }
  void an_unreadable_database_is_an_error_and_no_intent() {
    World world;
    world.knobs.fail_reads = true;
    QVERIFY(!world.apply(kNew));
    QVERIFY(world.audit->entries().empty());
  }
  void an_intent_of_a_later_version_does_not_stop_the_open() {
    World world;
    overwrite(world.log_path(),
              R"({"sequence":1,"time":1,"kind":"intent","who":"tuner","what":"new_knob",)"
              R"("change":1,"from":"1","to":"2"})"
              "\n");
    world.open();
    const auto recovered = world.actuator->recover();
    QVERIFY(recovered && recovered->empty());
    QVERIFY(world.audit->unfinished().empty());
  }
  void other_targets_are_changed_logged_and_undone_alike() {
    World world;
    const auto target = Target::object_cache(ObjectKind::account);
    const auto change = world.actuator->apply(target, 500, Actor::node_operator, "by hand");
    QVERIFY(change);
    QCOMPARE(world.others.now, std::int64_t{500});
    QVERIFY(!world.actuator->apply(target, 5'000, Actor::node_operator, "too much"));
    QCOMPARE(world.others.now, std::int64_t{500});
    QVERIFY(world.actuator->undo(change->id));
    QCOMPARE(world.others.now, std::int64_t{100});

    Actuator knobs_only(world.knobs, *world.audit);
    QVERIFY(!knobs_only.apply(target, 500, Actor::node_operator, "nobody there"));
  }
};

QTEST_APPLESS_MAIN(ActuatorTest)
#include "actuator_test.moc"
