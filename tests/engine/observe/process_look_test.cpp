// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/observe/process_look.h"

#include <unistd.h>

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
    const auto look = look_at_process(4711, root.path().toStdString());
    QCOMPARE(look.open_files.value(), 3);
    QCOMPARE(look.open_files_max.value(), 1024);
    QCOMPARE(look.disk_read_bytes.value(), 1048576.0);
    QCOMPARE(look.disk_written_bytes.value(), 2097152.0);
    QCOMPARE(to_text(look), std::string("3 of 1024 open files, 1 MiB read from and 2 MiB written "
                                        "to disk since it started"));
  }

  void what_is_not_told_is_missing() {
    QTemporaryDir root;
    const auto proc = root.path().toStdString();
    QCOMPARE(to_text(look_at_process(4711, proc)), std::string());
    QCOMPARE(to_text(look_at_pressure(proc)), std::string());
    write_file(root.path() + "/4711/limits", "Max open files            unlimited  unlimited\n");
    const auto look = look_at_process(4711, proc);
    QVERIFY(!look.open_files && !look.open_files_max && !look.disk_read_bytes);
    write_file(root.path() + "/4711/limits", "Max open files            1024  4096  files\n");
    QCOMPARE(to_text(look_at_process(4711, proc)), std::string("at most 1024 open files"));
  }

  void pressure_is_a_ratio() {
    QTemporaryDir root;
    write_file(root.path() + "/pressure/io",
               "some avg10=12.50 avg60=0.87 avg300=0.20 total=58761\n"
               "full avg10=1.00 avg60=0.00 avg300=0.00 total=1\n");
    write_file(root.path() + "/pressure/memory", "nonsense\n");
    const auto pressure = look_at_pressure(root.path().toStdString());
    QCOMPARE(pressure.disk_ratio.value(), 0.125);
    QVERIFY(!pressure.cpu_ratio && !pressure.memory_ratio);
    QCOMPARE(to_text(pressure), std::string("disk 12.5 %"));
  }

  void this_process_is_told_by_the_real_one() {
    const auto look = look_at_process(::getpid());
    QVERIFY(look.open_files.value_or(0) > 2);
    QVERIFY(!to_text(look).empty());
  }
};

QTEST_APPLESS_MAIN(ProcessLookTest)
#include "process_look_test.moc"
