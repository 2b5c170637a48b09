// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/observe/logs_alone.h"

#include <sys/stat.h>

#include <QTemporaryDir>
#include <QtTest>

#include "engine/observe/inspect.h"
#include "tests/engine/files/test_files.h"

using namespace nodetune;
using namespace nodetune::testing;

namespace {

// A LOG of a database in `place` that begins and ends at these minutes of one day.
std::string log_of(const char* place, int first, int last) {
  const auto line = [](int minute, const std::string& text) {
    return QString("2024/11/10-%1:%2:00.000000 7f01 %3\n")
        .arg(minute / 60, 2, 10, QChar('0'))
        .arg(minute % 60, 2, 10, QChar('0'))
        .arg(QString::fromStdString(text))
        .toStdString();
  };
  return line(first, "RocksDB version: 8.3.2") +
         line(first, std::string("SST files in ") + place + " dir, Total Num: 0, files: ") +
         line(last, "[/db_impl.cc:1] Shutdown complete");
}

QString name_of(const LogsAlone::File& file) {
  return QFileInfo(QString::fromStdString(file.path)).fileName();
}

}  // namespace

class LogsAloneTest : public QObject {
  Q_OBJECT

 private slots:
  void any_name_will_do_and_time_orders_them() {
    QTemporaryDir folder;
    write_file(folder.filePath("LOG_besu_validator"), log_of("/data/db", 200, 300));
    write_file(folder.filePath("older.log"), log_of("/data/db", 10, 20));
    write_file(folder.filePath("LOG.old.17"), log_of("/data/db", 30, 100));
    write_file(folder.filePath("notes.txt"), "2024/11/10 the node was slow\n");
    write_file(folder.filePath("empty"), "");
    const auto found = find_logs_alone(folder.path().toStdString());
    QVERIFY(found);
    QCOMPARE(found->files.size(), std::size_t{3});
    QCOMPARE(name_of(found->files[0]), QString("older.log"));
    QCOMPARE(name_of(found->files[1]), QString("LOG.old.17"));
    QCOMPARE(name_of(found->files[2]), QString("LOG_besu_validator"));
    QVERIFY(found->others.empty());
    QCOMPARE(found->files[2].last - found->files[2].first, Duration(std::chrono::minutes(100)));
  }

  void logs_of_several_databases_are_not_mixed() {
    QTemporaryDir folder;
    write_file(folder.filePath("a1"), log_of("/data/a", 0, 10) + std::string(1'000, '\n'));
    write_file(folder.filePath("a2"), log_of("/data/a", 10, 20));
    write_file(folder.filePath("b"), log_of("/data/b", 30, 40));
    write_file(folder.filePath("a-elsewhere"), log_of("/data/a", 5, 15));  // at the same time
    const auto found = find_logs_alone(folder.path().toStdString());
    QVERIFY(found);
    QCOMPARE(found->files.size(), std::size_t{2});
    QCOMPARE(name_of(found->files[0]), QString("a1"));
    QCOMPARE(name_of(found->files[1]), QString("a2"));
    QCOMPARE(found->others.size(), std::size_t{2});
    QVERIFY(what_it_is(*found).find("2 other databases") != std::string::npos);
  }

  void one_file_is_enough() {
    QTemporaryDir folder;
    const auto path = folder.filePath("sent by a colleague");
    write_file(path, log_of("/data/db", 0, 10));
    const auto found = find_logs_alone(path.toStdString());
    QVERIFY(found);
    QCOMPARE(found->files.size(), std::size_t{1});
    QCOMPARE(found->path, path.toStdString());
  }

  void a_database_is_no_folder_of_logs_data() {
    QTest::addColumn<QString>("beside");
    for (const char* name : {"CURRENT", "IDENTITY", "LOCK", "MANIFEST-000004", "000012.sst",
                             "000007.log", "000008.blob", "NODETUNE.json"}) {
      QTest::newRow(name) << QString(name);
    }
  }
  void a_database_is_no_folder_of_logs() {
    QFETCH(QString, beside);
    QTemporaryDir folder;
    write_file(folder.filePath("LOG"), log_of("/data/db", 0, 10));
    QVERIFY(find_logs_alone(folder.path().toStdString()));
    write_file(folder.filePath(beside), "");
    QVERIFY(!find_logs_alone(folder.path().toStdString()));
  }

  void databases_below_are_what_is_meant() {
    QTemporaryDir folder;
    write_file(folder.filePath("LOG"), log_of("/data/db", 0, 10));
    write_file(folder.filePath("notes/readme"), "nothing");
    QVERIFY(find_logs_alone(folder.path().toStdString()));
    write_file(folder.filePath("db/CURRENT"), "MANIFEST-000001\n");
    write_file(folder.filePath("db/IDENTITY"), "a");
    QVERIFY(!find_logs_alone(folder.path().toStdString()));
    QVERIFY(find_logs_alone(folder.filePath("LOG").toStdString()));
  }

  void what_is_no_log_is_passed_over() {
    QTemporaryDir folder;
    const auto inside = [&](const char* name) { return folder.filePath(name).toStdString(); };
    QCOMPARE(::mkfifo(inside("LOG").c_str(), 0600), 0);
    write_file(folder.filePath("noise"), std::string(100'000, '\xfe'));
    QVERIFY(!find_logs_alone(folder.path().toStdString()));
    QVERIFY(!find_logs_alone(inside("LOG")));
    QVERIFY(!find_logs_alone(inside("noise")));
    QVERIFY(!find_logs_alone(inside("missing")));
    QVERIFY(!find_logs_alone(""));
  }

  void a_limit_ends_the_search_and_is_told() {
    QTemporaryDir folder;
    for (int i = 0; i < 5; ++i) {
      write_file(folder.filePath(QString::number(i)), log_of("/data/db", 10 * i, 10 * i + 9));
    }
    LogsAloneLimits limits;
    limits.files_max = 3;
    const auto found = find_logs_alone(folder.path().toStdString(), limits);
    QVERIFY(found);
    QCOMPARE(found->files.size(), std::size_t{3});
    QVERIFY(found->truncated);
    QVERIFY(what_it_is(*found).find("more files") != std::string::npos);
  }

  void the_validators_logs_are_recognised_as_besus() {
    const auto path = data_root() + "/rocksdb-logs/besu/caliper-node-2";
    if (!QDir(path).exists()) QSKIP("the validators' LOGs are not present");
    const auto found = inspect((path + "/LOG").toStdString());
    QVERIFY2(found, found.status().message().c_str());
    QCOMPARE(found->way, std::string("recorded"));
    QCOMPARE(found->kind, std::string("logs"));
    QCOMPARE(found->rocksdb_version, std::string("8.3.2"));
    QCOMPARE(found->client, std::string("Besu"));
    QVERIFY(!found->locked_by);
    QVERIFY(!found->column_families.empty());
    const auto folder = inspect(path.toStdString());
    QVERIFY2(folder, folder.status().message().c_str());
    QCOMPARE(folder->way, std::string("recorded"));
    // RocksDB lists the options of ten families, the OPTIONS file beside it those of all.
    QCOMPARE(found->column_families.size(), std::size_t{10});
    QCOMPARE(folder->column_families.size(), std::size_t{16});
  }
};

QTEST_APPLESS_MAIN(LogsAloneTest)
#include "logs_alone_test.moc"
