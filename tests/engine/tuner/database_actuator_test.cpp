// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include <QTemporaryDir>
#include <QtTest>
#include <algorithm>

#include "engine/base/format.h"
#include "engine/store/database.h"
#include "engine/tuner/actuator.h"

using namespace nodetune;

Q_DECLARE_METATYPE(nodetune::KnobValues)

namespace {

// A real managed directory with its audit log beside the database's files.
struct World {
  QTemporaryDir folder;
  std::unique_ptr<AuditLog> audit;
  std::unique_ptr<Database> database;
  std::unique_ptr<DatabaseKnobControl> control;
  std::unique_ptr<Actuator> actuator;

  World() { open(); }
  void open() {
    actuator.reset();
    control.reset();
    database.reset();
    audit.reset();
    const auto path = folder.filePath("db").toStdString();
    auto opened = Database::open(path, {.create_if_missing = true}, SystemClock::instance());
    if (!opened) qFatal("%s", opened.status().message().c_str());
    database = std::move(*opened);
    auto log =
        AuditLog::open(folder.filePath("audit.jsonl").toStdString(), SystemClock::instance());
    if (!log) qFatal("%s", log.status().message().c_str());
    audit = std::move(*log);
    control = std::make_unique<DatabaseKnobControl>(*database);
    actuator = std::make_unique<Actuator>(*control, *audit);
  }
  std::int64_t in_force(Knob knob) {
    const auto values = database->knobs();
    return values ? (*values)[knob] : -1;
  }
};

}  // namespace

class DatabaseActuatorTest : public QObject {
  Q_OBJECT
 private slots:
  void every_knob_is_in_force_after_a_change_and_after_a_reopen_data() {
    QTest::addColumn<KnobValues>("values");
    KnobValues low;
    KnobValues odd;   // beside every round number
    KnobValues high;  // where the maximum would reserve memory that no test needs: less
    for (const auto& info : knob_table()) {
      low[info.knob] = info.minimum;
      odd[info.knob] = info.minimum + 1;
      high[info.knob] = std::min(info.maximum, 300 * kMiB + 12'345);
    }
    odd[Knob::write_buffer_size] = static_cast<std::int64_t>(64.0 * kMiB * 0.8);  // the rule's
    QTest::newRow("lowest") << low;
    QTest::newRow("odd") << odd;
    QTest::newRow("high") << high;
  }
  void every_knob_is_in_force_after_a_change_and_after_a_reopen() {
    QFETCH(KnobValues, values);
    World world;
    std::vector<std::uint64_t> changes;
    for (const auto knob : kKnobs) {
      const auto change =
          world.actuator->apply(Target::of(knob), values[knob], Actor::node_operator, "by hand");
      QVERIFY2(change, change.status().message().c_str());
      QCOMPARE(world.in_force(knob), values[knob]);
      changes.push_back(change->id);
    }
    world.open();
    for (const auto knob : kKnobs) QCOMPARE(world.in_force(knob), values[knob]);
    QVERIFY(world.actuator->recover()->empty());
    QCOMPARE(world.audit->entries().size(), 2 * kKnobCount);
    for (const auto change : changes) {
      const auto undone = world.actuator->undo(change);
      QVERIFY2(undone, undone.status().message().c_str());
    }
    world.open();
    QVERIFY(*world.database->knobs() == KnobValues::defaults());
  }
  void an_intent_that_a_crash_left_is_rolled_back_on_the_next_open() {
    World world;
    const auto target = Target::of(Knob::max_background_jobs);
    // A process that died after it had persisted the new value.
    QVERIFY(world.audit->begin(Actor::node_operator, target, 2, 6, "by hand"));
    QVERIFY(world.database->set_knob(Knob::max_background_jobs, 6));
    const auto values = world.database->knobs();
    QVERIFY(values && world.database->save_knobs(*values));
    world.open();
    QCOMPARE(world.in_force(Knob::max_background_jobs), std::int64_t{6});
    QCOMPARE(world.actuator->recover()->size(), std::size_t{1});
    QCOMPARE(world.in_force(Knob::max_background_jobs), std::int64_t{2});
    world.open();
    QCOMPARE(world.in_force(Knob::max_background_jobs), std::int64_t{2});
  }
};

QTEST_APPLESS_MAIN(DatabaseActuatorTest)
#include "database_actuator_test.moc"
