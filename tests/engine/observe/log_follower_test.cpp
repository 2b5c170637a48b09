// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/observe/log_follower.h"

#include <sys/stat.h>

#include <QTemporaryDir>
#include <QtTest>

#include "engine/files/file_reader.h"
#include "tests/engine/files/test_files.h"

using namespace nodetune;
using namespace nodetune::testing;

namespace {

std::string line(int second, std::string_view message) {
  return QString("2024/05/01-12:00:%1.000000 7f00 %2\n")
      .arg(second % 60, 2, 10, QChar('0'))
      .arg(QString::fromUtf8(message.data(), static_cast<qsizetype>(message.size())))
      .toStdString();
}

std::string stall(int second) {
  return line(second,
              "[WARN] [db/column_family.cc:900] [default] Stopping writes because we have "
              "2 immutable memtables (waiting for flush), max_write_buffer_number is set to "
              "2");
}

// A directory whose LOG grows.
struct World {
  QTemporaryDir root;

  QString path(const QString& name) const { return root.path() + "/" + name; }
  void append(const QString& name, std::string_view text) const {
    QFile file(path(name));
    QVERIFY(file.open(QIODevice::Append));
    QCOMPARE(file.write(text.data(), static_cast<qint64>(text.size())),
             static_cast<qint64>(text.size()));
  }
  void rename(const QString& from, const QString& to) const {
    QVERIFY(QFile::rename(path(from), path(to)));
  }
  DirectoryListing listing() const { return *list_database_files(root.path().toStdString()); }
  LogPlace directory() const { return {root.path().toStdString(), {}}; }
};

}  // namespace

class LogFollowerTest : public QObject {
  Q_OBJECT

 private slots:
  void old_files_come_first_and_all_count() {
    World world;
    world.append("LOG.old.1000", stall(1) + stall(2));
    world.append("LOG.old.2000", stall(3));
    world.append("LOG", stall(4));
    LogFollower follower(world.directory());
    follower.look(world.listing());
    follower.look(world.listing());
    QVERIFY(follower.complete());
    QCOMPARE(follower.summary().stall_total(), 4);
    const auto& stalls = follower.fresh().stalls;
    QCOMPARE(stalls.size(), std::size_t{4});
    QVERIFY(std::is_sorted(stalls.begin(), stalls.end(),
                           [](const auto& a, const auto& b) { return a.time < b.time; }));
  }

  void what_is_appended_is_told_once() {
    World world;
    world.append("LOG", stall(1));
    LogFollower follower(world.directory());
    follower.look(world.listing());
    follower.look(world.listing());  // nothing followed: the last line is whole
    QCOMPARE(follower.fresh().stalls.size(), std::size_t{1});
    follower.forget_fresh();
    follower.look(world.listing());
    QVERIFY(follower.fresh().stalls.empty());
    world.append("LOG", stall(2) + stall(3));
    follower.look(world.listing());
    follower.look(world.listing());
    QCOMPARE(follower.fresh().stalls.size(), std::size_t{2});
    QCOMPARE(follower.summary().stall_total(), 3);
  }

  void a_line_cut_in_the_middle_is_joined() {
    World world;
    const auto text = stall(1) + stall(2);
    world.append("LOG", std::string_view(text).substr(0, 90));
    LogFollower follower(world.directory());
    follower.look(world.listing());
    world.append("LOG", std::string_view(text).substr(90));
    follower.look(world.listing());
    follower.look(world.listing());
    QCOMPARE(follower.summary().stall_total(), 2);
  }

  void a_rotated_log_is_read_to_its_end_before_the_new_one() {
    World world;
    world.append("LOG", stall(1));
    LogFollower follower(world.directory());
    follower.look(world.listing());
    world.append("LOG", stall(2));
    world.rename("LOG", "LOG.old.5000");
    world.append("LOG", stall(3));
    follower.look(world.listing());
    follower.look(world.listing());
    QCOMPARE(follower.summary().stall_total(), 3);
  }

  void a_log_that_came_and_went_between_two_looks_is_read() {
    World world;
    world.append("LOG.old.1000", stall(0));
    world.append("LOG", stall(1));
    LogFollower follower(world.directory());
    const auto listing = world.listing();
    world.rename("LOG", "LOG.old.2000");  // before the first look, after the listing
    world.append("LOG", stall(2));
    follower.look(listing);
    follower.look(listing);
    QCOMPARE(follower.summary().stall_total(), 3);
    for (int number = 3000; number < 6000; number += 1000) {
      world.append("LOG", stall(3));
      world.rename("LOG", "LOG.old." + QString::number(number));
    }
    world.append("LOG", stall(4));
    for (int look = 0; look < 4; ++look) follower.look(listing);
    QCOMPARE(follower.summary().stall_total(), 7);
  }

  // A program that fails to open the database renames LOG under the node, which writes on.
  void a_node_that_writes_on_to_the_renamed_file_is_followed() {
    World world;
    world.append("LOG", stall(1));
    LogFollower follower(world.directory());
    follower.look(world.listing());
    world.rename("LOG", "LOG.old.5000");
    world.append("LOG", stall(2));
    follower.look(world.listing());
    world.append("LOG.old.5000", stall(3));
    follower.look(world.listing());
    follower.look(world.listing());
    QCOMPARE(follower.summary().stall_total(), 3);
  }

  void a_log_that_comes_later_is_found() {
    World world;
    LogFollower follower(world.directory());
    follower.look(world.listing());
    QVERIFY(follower.problem()->text.find("no LOG") != std::string::npos);
    world.append("LOG", stall(1));
    follower.look(world.listing());
    follower.look(world.listing());
    QCOMPARE(follower.summary().stall_total(), 1);
    QVERIFY(!follower.problem());
  }

  void an_emptied_log_starts_anew() {
    World world;
    world.append("LOG", stall(1) + stall(2) + stall(3));
    LogFollower follower(world.directory());
    follower.look(world.listing());
    write_file(world.path("LOG"), stall(4));
    follower.look(world.listing());
    follower.look(world.listing());
    QCOMPARE(follower.summary().stall_total(), 4);
  }

  void of_large_logs_the_newest_part_comes_first_and_nothing_is_told_twice() {
    World world;
    std::string old;
    for (int i = 0; i < 500; ++i) old += stall(i / 60);
    world.append("LOG.old.1", old);
    world.append("LOG.old.2", old);
    world.append("LOG", old);
    LogFollower::Limits limits;
    limits.at_once_bytes = 1000;
    limits.tail.bytes = static_cast<std::int64_t>(stall(0).size()) * 10;
    limits.each_look_bytes = 32 * 1024;
    LogFollower follower(world.directory(), limits);
    follower.look(world.listing());
    QVERIFY(!follower.complete());
    std::size_t told = 0;
    const auto take = [&] {
      told += follower.fresh().stalls.size();
      follower.forget_fresh();
    };
    int looks = 0;
    while (!follower.complete() && ++looks < 1000) {
      take();
      follower.look(world.listing());
    }
    QVERIFY(looks > 1);
    follower.look(world.listing());
    take();
    QCOMPARE(told, std::size_t{10});  // the tail's
    QCOMPARE(follower.summary().stall_total(), 1500);
    world.append("LOG", stall(9) + stall(9));
    follower.look(world.listing());
    follower.look(world.listing());
    take();
    QCOMPARE(told, std::size_t{12});
    QCOMPARE(follower.summary().stall_total(), 1502);
  }

  // The newest statistics lie far before the end; a LOG that was just rolled over holds none.
  void the_newest_statistics_are_found_at_the_first_look() {
    const auto dump = line(1,
                           "[db/db_impl.cc:1091] \n** DB Stats **\n"
                           "Uptime(secs): 600.0 total, 600.0 interval\n"
                           "Cumulative stall: 00:00:7.500 H:M:S, 1.2 percent");
    std::string busy;
    for (int i = 0; i < 20'000; ++i) busy += line(2, "[db/flush_job.cc:1] nothing of interest");
    LogFollower::Limits limits;
    limits.at_once_bytes = 1000;
    limits.tail.bytes = 2'000;
    limits.tail.search_bytes = static_cast<std::int64_t>(busy.size() + 10'000);
    for (const bool rolled : {false, true}) {
      World world;
      world.append(rolled ? "LOG.old.5" : "LOG", busy + dump + busy);
      if (rolled) world.append("LOG", stall(3) + stall(4));
      LogFollower follower(world.directory(), limits);
      follower.look(world.listing(), 0);
      follower.look(world.listing(), 0);
      QVERIFY(!follower.complete());
      QCOMPARE(follower.summary().cumulative_stall_seconds.value_or(-1), 7.5);
      QCOMPARE(follower.summary().dumps, 1);
      QCOMPARE(follower.summary().stall_total(), rolled ? 2 : 0);
      while (!follower.complete()) follower.look(world.listing(), 300'000);
      QCOMPARE(follower.summary().dumps, 1);
    }
  }

  void what_can_wait_is_read_no_faster_than_allowed() {
    World world;
    std::string old;
    for (int i = 0; i < 50'000; ++i) old += stall(i / 1000);
    world.append("LOG", old);
    LogFollower::Limits limits;
    limits.at_once_bytes = 1000;
    limits.tail = {1000, 1000};
    LogFollower follower(world.directory(), limits);
    follower.look(world.listing(), 0);
    constexpr std::int64_t kAllowed = 1 << 20;
    constexpr std::int64_t kChunk = 256 * 1024;
    int looks = 0;
    for (; !follower.complete() && looks < 100; ++looks) {
      const auto before = FileReader::bytes_read_by_this_thread();
      follower.look(world.listing(), kAllowed);
      QVERIFY(FileReader::bytes_read_by_this_thread() - before <= kAllowed + kChunk);
    }
    QVERIFY(looks >= static_cast<int>(static_cast<std::int64_t>(old.size()) / (kAllowed + kChunk)));
    QVERIFY(follower.complete());
  }

  void of_a_shared_directory_only_the_own_files_are_read() {
    World world;
    world.append("srv_a_LOG.old.7", stall(1));
    world.append("srv_a_LOG", stall(2));
    world.append("srv_a_b_LOG", stall(3) + stall(3));
    world.append("other_srv_a_LOG", stall(3) + stall(3));
    LogFollower follower(LogPlace{world.root.path().toStdString(), "srv_a_"});
    for (int look = 0; look < 2; ++look) follower.look(world.listing());
    QCOMPARE(follower.summary().stall_total(), 2);
    QCOMPARE(follower.bytes(), static_cast<std::int64_t>(2 * stall(1).size()));
    world.rename("srv_a_LOG", "srv_a_LOG.old.8");
    world.append("srv_a_LOG", stall(4));
    world.append("srv_a_b_LOG", stall(4));
    for (int look = 0; look < 3; ++look) follower.look(world.listing());
    QCOMPARE(follower.summary().stall_total(), 3);
  }

  void what_stands_in_the_logs_place_is_named_beside_older_ones() {
    World world;
    world.append("LOG.old.1000", stall(1));
    world.append("LOG", stall(2));
    const auto problem = [&] {
      LogFollower follower(world.directory());
      follower.look(world.listing());
      follower.look(world.listing());
      return follower.newest_problem().value_or(Problem{}).text;
    };
    QCOMPARE(problem(), std::string());
    QFile::remove(world.path("LOG"));
    QCOMPARE(problem(), std::string());  // the node is about to write it
    world.append("LOG", std::string(200'000, '\xfe'));
    QVERIFY2(problem().find("holds no line of RocksDB") != std::string::npos, problem().c_str());
    QFile::remove(world.path("LOG"));
    QCOMPARE(::mkfifo(world.path("LOG").toUtf8().constData(), 0600), 0);
    QVERIFY2(problem().find("LOG") != std::string::npos, problem().c_str());
  }

  void links_pipes_and_rubbish_are_no_log() {
    World world;
    QVERIFY(QFile::link("/etc/passwd", world.path("LOG")));
    LogFollower follower(world.directory());
    follower.look(world.listing());
    QCOMPARE(follower.summary().records, 0);
    QVERIFY(follower.problem().has_value());
    World other;
    other.append("LOG", std::string(100'000, '\0'));
    LogFollower second(other.directory());
    second.look(other.listing());
    second.look(other.listing());
    QCOMPARE(second.summary().records, 0);
    QVERIFY(second.problem().has_value());
  }
};

QTEST_APPLESS_MAIN(LogFollowerTest)
#include "log_follower_test.moc"
