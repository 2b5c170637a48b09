// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/observe/machine_watch.h"

#include <unistd.h>

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QtTest>
#include <cmath>

using namespace nodetune;
using namespace std::chrono_literals;

class MachineWatchTest : public QObject {
  Q_OBJECT
 private slots:
  void directories_on_one_disk_get_the_same_figures_of_one_round() {
    QTemporaryDir root;
    QVERIFY(QDir(root.path()).mkdir("a") && QDir(root.path()).mkdir("b"));
    ManualClock clock;
    MachineWatch watch(clock);
    const auto look = [&](const char* name, std::optional<std::int64_t> process) {
      Snapshot snapshot;
      watch.fill((root.path() + "/" + name).toStdString(), process, snapshot);
      return snapshot;
    };
    const auto first = look("a", ::getpid());
    QVERIFY(first.value(Metric::disk_free_bytes) > 0);
    QVERIFY(first.value(Metric::process_resident_bytes) > 0);
    QVERIFY(std::isnan(first.value(Metric::system_cpu_ratio)));
    watch.begin_round();
    clock.advance(1s);
    const auto second = look("a", ::getpid());
    QVERIFY(!std::isnan(second.value(Metric::system_cpu_ratio)));
    // Read anew it would have no interval to speak of.
    const auto neighbour = look("b", ::getpid());
    QCOMPARE(neighbour.value(Metric::system_cpu_ratio), second.value(Metric::system_cpu_ratio));
    QVERIFY(std::isnan(look("b", std::nullopt).value(Metric::process_resident_bytes)));
  }

  void what_this_process_does_there_is_looked_at_now_and_then() {
    QTemporaryDir root;
    ManualClock clock;
    MachineWatch watch(clock);
    const auto writable = [&] {
      Snapshot snapshot;
      watch.begin_round();
      watch.fill(root.path().toStdString(), std::nullopt, snapshot);
      return snapshot.value(Metric::observer_writable_files);
    };
    QCOMPARE(writable(), 0.0);
    QFile file(root.path() + "/written");
    QVERIFY(file.open(QIODevice::WriteOnly));
    clock.advance(5s);
    QCOMPARE(writable(), 1.0);
  }

  void what_was_set_before_stays() {
    ManualClock clock;
    MachineWatch watch(clock);
    Snapshot snapshot;
    snapshot.set(Metric::db_l0_files, 7);
    watch.fill("/", std::nullopt, snapshot);
    QCOMPARE(snapshot.value(Metric::db_l0_files), 7.0);
  }
};

QTEST_APPLESS_MAIN(MachineWatchTest)
#include "machine_watch_test.moc"
