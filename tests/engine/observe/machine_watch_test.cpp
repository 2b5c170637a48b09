// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/observe/machine_watch.h"

#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <QDir>
#include <QFile>
#include <QProcess>
#include <QTemporaryDir>
#include <QtTest>
#include <array>
#include <cmath>
#include <filesystem>

using namespace nodetune;
using namespace std::chrono_literals;

namespace {

// A /sys of our own, whose block device of this very directory's number can be chosen.
class FakeSys {
 public:
  std::string path() const { return root_.path().toStdString(); }
  void put(const std::string& name, const QByteArray& text) {
    const auto file = std::filesystem::path(path()) / name;
    std::filesystem::create_directories(file.parent_path());
    QFile out(QString::fromStdString(file.string()));
    QVERIFY(out.open(QIODevice::WriteOnly) && out.write(text) == text.size());
  }
  void link(const std::string& target, const std::string& name) {
    const auto file = std::filesystem::path(path()) / name;
    std::filesystem::create_directories(file.parent_path());
    std::filesystem::create_symlink(std::filesystem::path(path()) / target, file);
  }
  std::string block_of(const std::string& directory) const {
    struct stat info = {};
    if (::stat(directory.c_str(), &info) != 0) return {};
    return "dev/block/" + std::to_string(major(info.st_dev)) + ":" +
           std::to_string(minor(info.st_dev));
  }

 private:
  QTemporaryDir root_;
};

}  // namespace

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

  void the_drive_below_a_partition_of_a_volume_is_found() {
    FakeSys sys;
    sys.put("devices/nvme0/nvme0n1/device/model", "Fast\x01 Drive 4TB  \n");
    sys.put("devices/nvme0/nvme0n1/device/hwmon3/temp1_input", "41850\n");
    sys.put("devices/nvme0/nvme0n1/queue/rotational", "0\n");
    sys.put("devices/nvme0/nvme0n1/nvme0n1p2/partition", "2\n");
    sys.put("devices/virtual/dm-0/size", "1\n");
    sys.link("devices/nvme0/nvme0n1/nvme0n1p2", "devices/virtual/dm-0/slaves/nvme0n1p2");
    sys.link("devices/virtual/dm-0", sys.block_of(sys.path()));
    const auto drives = look_at_drives(sys.path(), sys.path(), sys.path());
    QCOMPARE(drives.size(), std::size_t{1});
    QCOMPARE(drives[0].name, std::string("nvme0n1"));
    QCOMPARE(drives[0].model, std::string("Fast\\x01 Drive 4TB"));
    QVERIFY(!drives[0].rotates);
    QVERIFY(drives[0].celsius && std::fabs(*drives[0].celsius - 41.85) < 1e-9);
    QVERIFY(!drives[0].wear_ratio);
    QVERIFY2(drives[0].why_no_wear.find("sudo nvme smart-log") != std::string::npos,
             drives[0].why_no_wear.c_str());
  }

  void a_card_tells_its_wear_in_steps() {
    FakeSys sys;
    sys.put("devices/mmcblk0/device/life_time", "0x03 0x05\n");
    sys.put("devices/mmcblk0/device/name", "SD64G");
    sys.link("devices/mmcblk0", sys.block_of(sys.path()));
    const auto drives = look_at_drives(sys.path(), sys.path(), sys.path());
    QCOMPARE(drives.size(), std::size_t{1});
    QCOMPARE(drives[0].model, std::string("SD64G"));
    QVERIFY(drives[0].wear_ratio && std::fabs(*drives[0].wear_ratio - 0.5) < 1e-9);
    QVERIFY(!drives[0].celsius);
  }

  void no_drive_is_made_up() {
    FakeSys sys;
    QVERIFY(look_at_drives(sys.path(), sys.path()).empty());
    QVERIFY(look_at_drives("/no such directory").empty());
  }

  void the_health_log_of_an_nvme_drive_is_read() {
    std::array<unsigned char, kNvmeHealthLogBytes> log{};
    log[1] = 0x3a;  // 314 K
    log[2] = 0x01;
    log[5] = 103;
    log[48] = 0x40;  // 1,000,000 units
    log[49] = 0x42;
    log[50] = 0x0f;
    const auto health = parse_nvme_health(log);
    QVERIFY(std::fabs(health.celsius - 40.85) < 1e-9);
    QVERIFY(std::fabs(health.wear_ratio - 1.03) < 1e-9);
    QCOMPARE(health.written_bytes, 512e9);
  }

  void another_process_that_has_files_open_is_named() {
    QTemporaryDir root;
    QFile file(root.path() + "/CURRENT");
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.close();
    QVERIFY(look_for_users(root.path().toStdString()).users.empty());
    QProcess other;
    other.setStandardInputFile(file.fileName());
    other.start("sleep", {"1000"});
    QVERIFY(other.waitForStarted());
    const auto found = look_for_users(root.path().toStdString());
    QCOMPARE(found.users.size(), std::size_t{1});
    QCOMPARE(found.users[0].pid, static_cast<std::int64_t>(other.processId()));
    QCOMPARE(found.users[0].files, std::int64_t{1});
    QVERIFY(!found.users[0].writes);
    QVERIFY(look_for_users((root.path() + "/CURRENT").toStdString()).users.empty());
    other.kill();
    other.waitForFinished();
  }
};

QTEST_GUILESS_MAIN(MachineWatchTest)
#include "machine_watch_test.moc"
