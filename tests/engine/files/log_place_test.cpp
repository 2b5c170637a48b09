// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/files/log_place.h"

#include <QTemporaryDir>
#include <QtTest>

#include "engine/files/directory_listing.h"
#include "engine/files/file_reader.h"
#include "test_files.h"

using namespace nodetune;
using namespace nodetune::testing;

class LogPlaceTest : public QObject {
  Q_OBJECT
 private:
  QTemporaryDir root_;
  QString database_;
  std::string logs_;

  LogPlace place() const { return find_log_place(database_.toStdString(), logs_); }

 private slots:
  void init() {
    database_ = root_.path() + "/" + QTest::currentTestFunction() + "/my db";
    logs_ = (root_.path() + "/" + QTest::currentTestFunction() + "/logs").toStdString();
    QVERIFY(QDir().mkpath(database_));
    QVERIFY(QDir().mkpath(QString::fromStdString(logs_)));
  }

  // As RocksDB 7.8.3 named them for these paths.
  void paths_become_prefixes_as_in_rocksdb() {
    QCOMPARE(info_log_prefix("/srv/node/db"), std::string("srv_node_db_"));
    QCOMPARE(info_log_prefix("/srv/my node/db-1.x_y"), std::string("srv_my_node_db-1.x_y_"));
  }

  void without_the_option_it_is_the_database() {
    for (const auto& elsewhere : {std::string(), std::string("logs"), std::string("/nonexistent"),
                                  database_.toStdString()}) {
      const auto found = find_log_place(database_.toStdString(), elsewhere);
      QCOMPARE(found.directory, database_.toStdString());
      QCOMPARE(found.prefix, std::string());
    }
    QCOMPARE(find_log_place(database_.toStdString()).newest(), database_.toStdString() + "/LOG");
  }

  void with_it_the_own_path_names_the_files() {
    const auto own = info_log_prefix(database_.toStdString());
    QCOMPARE(place().newest(), logs_ + "/" + own + "LOG");  // it may come yet
    write_file(QString::fromStdString(logs_ + "/other_my_db_LOG"), "x");
    write_file(QString::fromStdString(logs_ + "/" + own + "LOG"), "x");
    write_file(QString::fromStdString(logs_ + "/" + own + "LOG.old.17"), "x");
    QCOMPARE(place().prefix, own);
    const auto listing = list_database_files(logs_);
    const auto paths = info_log_paths(logs_, *listing, own);
    QCOMPARE(paths.size(), std::size_t{2});
    QCOMPARE(paths.back(), place().newest());
    write_file(database_ + "/OPTIONS-000007",
               "[Version]\n  rocksdb_version=7.8.3\n  options_file_version=1.1\n[DBOptions]\n"
               "  db_log_dir=" +
                   logs_ + "\n[CFOptions \"default\"]\n");
    QCOMPARE(find_log_place(database_.toStdString()).newest(), place().newest());
  }

  void a_database_that_was_moved_is_found_by_its_last_part() {
    write_file(QString::fromStdString(logs_ + "/data_my_db_LOG.old.17"), "x");
    QCOMPARE(place().prefix, std::string("data_my_db_"));
    write_file(QString::fromStdString(logs_ + "/data_his_db_LOG"), "x");
    QCOMPARE(place().prefix, std::string("data_my_db_"));
    write_file(QString::fromStdString(logs_ + "/old_my_db_LOG"), "x");
    QCOMPARE(place().prefix, info_log_prefix(database_.toStdString()));  // two fit: neither
  }
};

QTEST_APPLESS_MAIN(LogPlaceTest)
#include "log_place_test.moc"
