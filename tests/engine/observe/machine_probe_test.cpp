// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/observe/machine_probe.h"

#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QtTest>
#include <cmath>

using namespace nodetune;
using namespace std::chrono_literals;

namespace {

// A /proc and a /sys of our own making.
class FakeMachine {
 public:
  FakeMachine() {
    write("proc/self/cgroup", "0::/service/node\n");
    write("proc/stat", "cpu 100 0 100 800 0 0 0 0 0 0\n");
    write("proc/meminfo", "MemTotal: 1000 kB\nMemFree: 10 kB\nMemAvailable: 400 kB\n");
    write("proc/self/statm", "1000 300 10 1 0 1 0\n");
    write("proc/self/stat", "7 (a (b) c) S 1 1 1 0 -1 0 0 0 0 0 250 50 0 0\n");
  }
  void write(const QString& name, const QByteArray& text) {
    const auto path = folder_.path() + "/" + name;
    QDir().mkpath(QFileInfo(path).path());
    QFile file(path);
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(text);
  }
  void write_disk(const QByteArray& text) {
    struct stat info {};
    QCOMPARE(::stat(qPrintable(folder_.path()), &info), 0);
    write(QString("sys/dev/block/%1:%2/stat").arg(major(info.st_dev)).arg(minor(info.st_dev)),
          text);
  }
  MachineProbe probe(Clock& clock) const {
    const auto root = folder_.path().toStdString();
    return {root, 0, clock, {root + "/proc", root + "/sys"}};
  }

 private:
  QTemporaryDir folder_;
};

}  // namespace

class MachineProbeTest : public QObject {
  Q_OBJECT
 private slots:
  void memory_respects_a_parents_limit_and_leaves_out_the_page_cache() {
    FakeMachine machine;
    machine.write("sys/fs/cgroup/service/node/memory.max", "max\n");
    machine.write("sys/fs/cgroup/service/memory.max", "1000\n");
    machine.write("sys/fs/cgroup/service/memory.current", "900\n");
    machine.write("sys/fs/cgroup/service/memory.stat", "anon 500\ninactive_file 300\n");
    ManualClock clock;
    Snapshot snapshot;
    machine.probe(clock).fill(snapshot);
    QCOMPARE(snapshot.value(Metric::system_memory_ratio), 0.6);
    QCOMPARE(snapshot.value(Metric::system_memory_limit_bytes), 1000.0);
  }

  void a_foreign_process_is_held_back_by_its_own_control_group() {
    FakeMachine machine;
    machine.write("proc/4711/cgroup", "0::/besu\n");
    for (const auto& [group, limit] : {std::pair{"besu", "4000\n"}, {"service/node", "1000\n"}}) {
      const auto folder = QString("sys/fs/cgroup/%1/").arg(group);
      machine.write(folder + "memory.max", limit);
      machine.write(folder + "memory.current", "500\n");
    }
    ManualClock clock;
    auto probe = machine.probe(clock);
    Snapshot ours;
    probe.fill(ours);
    QCOMPARE(ours.value(Metric::system_memory_limit_bytes), 1000.0);
    probe.set_process(4711);
    Snapshot its;
    probe.fill(its);
    QCOMPARE(its.value(Metric::system_memory_limit_bytes), 4000.0);
  }

  void kills_are_those_of_the_limits_group() {
    FakeMachine machine;
    machine.write("sys/fs/cgroup/service/memory.max", "1000\n");
    machine.write("sys/fs/cgroup/service/memory.current", "900\n");
    machine.write("sys/fs/cgroup/service/memory.events", "low 0\nhigh 3\noom 2\noom_kill 2\n");
    machine.write("sys/fs/cgroup/service/node/memory.events", "oom_kill 1\n");
    ManualClock clock;
    auto probe = machine.probe(clock);
    Snapshot snapshot;
    probe.fill(snapshot);
    QCOMPARE(probe.memory_limit().group, std::string("/service"));
    QCOMPARE(probe.memory_limit().kills.value(), 2);
    machine.write("sys/fs/cgroup/service/memory.max", "max\n");
    probe.fill(snapshot);
    QVERIFY(probe.memory_limit().group.empty());  // the machine's memory is the limit
    QCOMPARE(probe.memory_limit().kills.value(), 1);
  }

  void resident_memory_is_told_apart_and_what_is_missing_stays_missing() {
    FakeMachine machine;
    machine.write("proc/4711/status",
                  "Name:\tbesu\nVmRSS:\t    1000 kB\nRssAnon:\t     800 kB\nRssFile:\t     150 kB\n"
                  "RssShmem:\t      50 kB\nVmSwap:\t      64 kB\n");
    ManualClock clock;
    auto probe = machine.probe(clock);
    probe.set_process(4711);
    Snapshot snapshot;
    probe.fill(snapshot);
    QCOMPARE(snapshot.value(Metric::process_anonymous_bytes), 800.0 * 1024);
    QCOMPARE(snapshot.value(Metric::process_file_backed_bytes), 200.0 * 1024);
    QCOMPARE(snapshot.value(Metric::process_swap_bytes), 64.0 * 1024);
    machine.write("proc/4711/status", "Name:\tkworker\nRssAnon:\t many kB\n");
    Snapshot bare;
    probe.fill(bare);
    QVERIFY(std::isnan(bare.value(Metric::process_anonymous_bytes)));
    QVERIFY(std::isnan(bare.value(Metric::process_swap_bytes)));
  }

  void memory_without_a_limit_is_the_machines() {
    FakeMachine machine;
    ManualClock clock;
    Snapshot snapshot;
    machine.probe(clock).fill(snapshot);
    QCOMPARE(snapshot.value(Metric::system_memory_ratio), 0.6);
    QCOMPARE(snapshot.value(Metric::system_memory_limit_bytes), 1000.0 * 1024);
  }

  void cpu_is_measured_against_the_quota() {
    FakeMachine machine;
    machine.write("sys/fs/cgroup/service/node/cpu.max", "50000 100000\n");  // half a core
    machine.write("sys/fs/cgroup/service/node/cpu.stat", "usage_usec 1000000\n");
    ManualClock clock;
    auto probe = machine.probe(clock);
    Snapshot first;
    probe.fill(first);
    QVERIFY(std::isnan(first.value(Metric::system_cpu_ratio)));  // one sample says nothing
    machine.write("sys/fs/cgroup/service/node/cpu.stat", "usage_usec 1250000\n");
    clock.advance(1s);
    Snapshot second;
    probe.fill(second);
    QCOMPARE(second.value(Metric::system_cpu_ratio), 0.5);
  }

  void disk_latency_is_time_per_request_of_the_interval() {
    FakeMachine machine;
    machine.write_disk("100 0 800 50 10 0 80 40 0 90 90\n");
    ManualClock clock;
    auto probe = machine.probe(clock);
    Snapshot first;
    probe.fill(first);
    QCOMPARE(first.value(Metric::disk_read_bytes_total), 800.0 * 512);
    machine.write_disk("110 0 880 70 10 0 80 40 0 590 1090\n");
    clock.advance(2s);
    Snapshot second;
    probe.fill(second);
    QCOMPARE(second.value(Metric::disk_read_latency_seconds), 0.002);
    QVERIFY(std::isnan(second.value(Metric::disk_write_latency_seconds)));  // no write, no latency
    QCOMPARE(second.value(Metric::disk_utilisation_ratio), 0.25);
    QCOMPARE(second.value(Metric::disk_queue_length), 0.5);
  }

  void pressure_and_the_process_use_of_files_and_disk_are_told() {
    FakeMachine machine;
    machine.write("proc/pressure/io", "some avg10=12.5 avg60=0\nfull avg10=2.5 avg60=0\n");
    machine.write("proc/self/limits", "Max open files  1024  4096  files\n");
    machine.write("proc/self/io", "read_bytes: 100\nwrite_bytes: 200\n");
    for (const auto* name : {"0", "1", "2"}) machine.write(QString("proc/self/fd/") + name, "");
    ManualClock clock;
    auto probe = machine.probe(clock);
    Snapshot snapshot;
    probe.fill(snapshot);
    QCOMPARE(snapshot.value(Metric::pressure_disk_some_ratio), 0.125);
    QCOMPARE(snapshot.value(Metric::pressure_disk_full_ratio), 0.025);
    QVERIFY(std::isnan(snapshot.value(Metric::pressure_memory_some_ratio)));
    QCOMPARE(snapshot.value(Metric::process_open_files), 3.0);
    QCOMPARE(snapshot.value(Metric::process_open_files_limit), 1024.0);
    QCOMPARE(snapshot.value(Metric::process_disk_read_bytes_total), 100.0);
    QCOMPARE(snapshot.value(Metric::process_disk_write_bytes_total), 200.0);
    // A node has thousands: they are counted now and then.
    machine.write("proc/self/fd/3", "");
    clock.advance(1s);
    probe.fill(snapshot);
    QCOMPARE(snapshot.value(Metric::process_open_files), 3.0);
    clock.advance(10s);
    probe.fill(snapshot);
    QCOMPARE(snapshot.value(Metric::process_open_files), 4.0);
  }

  void a_device_without_statistics_is_missing_not_zero() {
    FakeMachine machine;
    ManualClock clock;
    Snapshot snapshot;
    machine.probe(clock).fill(snapshot);
    QVERIFY(std::isnan(snapshot.value(Metric::disk_read_bytes_total)));
    QVERIFY(snapshot.value(Metric::disk_free_bytes) > 0);
  }

  void a_process_name_with_brackets_is_no_trouble() {
    FakeMachine machine;
    ManualClock clock;
    Snapshot snapshot;
    machine.probe(clock).fill(snapshot);
    QCOMPARE(snapshot.value(Metric::process_resident_bytes), 300.0 * sysconf(_SC_PAGESIZE));
    QCOMPARE(snapshot.value(Metric::process_cpu_seconds_total), 300.0 / sysconf(_SC_CLK_TCK));
  }

  void a_process_that_is_gone_is_missing() {
    FakeMachine machine;
    ManualClock clock;
    auto probe = machine.probe(clock);
    probe.set_process(999'999);
    Snapshot snapshot;
    probe.fill(snapshot);
    QVERIFY(std::isnan(snapshot.value(Metric::process_resident_bytes)));
  }
};

QTEST_APPLESS_MAIN(MachineProbeTest)
#include "machine_probe_test.moc"
