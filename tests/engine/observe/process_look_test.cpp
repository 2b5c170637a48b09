// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/observe/process_look.h"

#include <QFile>
#include <QTemporaryDir>
#include <QtTest>

#include "tests/engine/files/test_files.h"

using namespace nodetune;
using namespace nodetune::testing;

class ProcessLookTest : public QObject {
  Q_OBJECT
 private slots:
  void a_process_tells_its_files_and_its_disk() {
    QTemporaryDir root;
    write_file(root.path() + "/4711/limits",
               "Limit                     Soft Limit           Hard Limit           Units     \n"
               "Max open files            1024                 4096                 files     \n");
    write_file(root.path() + "/4711/io",
               "rchar: 9\nread_bytes: 1048576\nwrite_bytes: 2097152\ncancelled_write_bytes: 7\n");
    for (const auto* name : {"0", "1", "2"}) write_file(root.path() + "/4711/fd/" + name, "");
    const auto folder = (root.path() + "/4711").toStdString();
    const auto look = look_at_process(folder);
    QCOMPARE(count_open_files(folder).value(), 3);
    QCOMPARE(look.open_files_max.value(), 1024);
    QCOMPARE(look.disk_read_bytes.value(), 1048576.0);
    QCOMPARE(look.disk_written_bytes.value(), 2097152.0);
  }

  void what_is_not_told_is_missing() {
    QTemporaryDir root;
    const auto folder = (root.path() + "/4711").toStdString();
    QVERIFY(!look_at_process(folder).open_files_max && !count_open_files(folder));
    QVERIFY(!look_at_pressure(root.path().toStdString()).disk_some_ratio);
    write_file(root.path() + "/4711/limits", "Max open files            unlimited  unlimited\n");
    const auto look = look_at_process(folder);
    QVERIFY(!look.open_files_max && !look.disk_read_bytes);
  }

  void pressure_is_a_ratio() {
    QTemporaryDir root;
    write_file(root.path() + "/pressure/io",
               "some avg10=12.50 avg60=0.87 avg300=0.20 total=58761\n"
               "full avg10=1.00 avg60=0.00 avg300=0.00 total=1\n");
    write_file(root.path() + "/pressure/memory", "nonsense\n");
    const auto pressure = look_at_pressure(root.path().toStdString());
    QCOMPARE(pressure.disk_some_ratio.value(), 0.125);
    QCOMPARE(pressure.disk_full_ratio.value(), 0.01);
    QVERIFY(!pressure.cpu_some_ratio && !pressure.memory_some_ratio);
  }

  void the_real_proc_tells_of_this_process() {
    const auto before = count_open_files("/proc/self").value_or(0);
    QVERIFY(before > 2);
    QTemporaryDir root;
    QFile file(root.path() + "/one more");
    QVERIFY(file.open(QIODevice::WriteOnly));
    QCOMPARE(count_open_files("/proc/self").value_or(0), before + 1);
    QVERIFY(look_at_process("/proc/self").open_files_max.value_or(0) > 0);
  }
};

QTEST_APPLESS_MAIN(ProcessLookTest)
#include "process_look_test.moc"
