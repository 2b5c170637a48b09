// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/files/directory_listing.h"

#include <QTemporaryDir>
#include <QtTest>

#include "test_files.h"

using namespace nodetune;
using namespace nodetune::testing;

class DirectoryListingTest : public QObject {
  Q_OBJECT
 private slots:
  void names_tell_the_type() {
    const std::pair<const char*, DatabaseFileType> expected[] = {
        {"000123.sst", DatabaseFileType::sst},
        {"000123.ldb", DatabaseFileType::sst},
        {"000124.blob", DatabaseFileType::blob},
        {"000125.log", DatabaseFileType::wal},
        {"MANIFEST-000004", DatabaseFileType::manifest},
        {"OPTIONS-000007", DatabaseFileType::options},
        {"OPTIONS-000007.dbtmp", DatabaseFileType::other},
        {"LOG", DatabaseFileType::info_log},
        {"LOG.old.1729234266693161", DatabaseFileType::info_log},
        {"srv_node_db_LOG", DatabaseFileType::info_log},
        {"srv_node_db_LOG.old.17", DatabaseFileType::info_log},
        {"CATALOG", DatabaseFileType::other},
        {"LOG.old.bak", DatabaseFileType::other},
        {"CURRENT", DatabaseFileType::other},
        {"x.sst", DatabaseFileType::other},
        {"", DatabaseFileType::other},
    };
    for (const auto& [name, type] : expected) {
      QVERIFY2(classify_database_file(name) == type, name);
    }
  }

  void totals_are_sums_of_the_regular_files() {
    QTemporaryDir folder;
    write_file(folder.filePath("000001.sst"), "12345");
    write_file(folder.filePath("000002.sst"), "123");
    write_file(folder.filePath("000003.log"), "1");
    write_file(folder.filePath("000004.sst/inside"), "a directory is not counted");
    const auto listing = list_database_files(folder.path().toStdString());
    QCOMPARE(listing->total(DatabaseFileType::sst).files, 2);
    QCOMPARE(listing->total(DatabaseFileType::sst).bytes, 8);
    QCOMPARE(listing->total(DatabaseFileType::wal).bytes, 1);
    QCOMPARE(listing->all.bytes, 9);
    QCOMPARE(listing->files[1].number.value(), std::uint64_t{2});
    ListingLimits small;
    small.entries_max = 1;
    QVERIFY(list_database_files(folder.path().toStdString(), small)->truncated);
  }

  void a_real_directory_adds_up() {
    const auto path = data_root() + "/rocksdb-dirs/besu-ehr-single/database";
    if (!QDir(path).exists()) QSKIP("besu-ehr-single not present");
    const auto listing = list_database_files(path.toStdString());
    std::int64_t bytes = 0;
    for (const auto& info : QDir(path).entryInfoList(QDir::Files)) bytes += info.size();
    QCOMPARE(listing->all.bytes, bytes);
    QCOMPARE(listing->total(DatabaseFileType::sst).files, 9);
    QCOMPARE(listing->total(DatabaseFileType::blob).files, 2);
    QCOMPARE(listing->total(DatabaseFileType::options).files, 2);
    const auto logs = info_log_paths(path.toStdString(), *listing);
    QCOMPARE(logs.size(), std::size_t{4});
    QVERIFY(logs[0].ends_with("/LOG.old.1729234266693161"));
    QVERIFY(logs[3].ends_with("/LOG"));
  }
};

QTEST_APPLESS_MAIN(DirectoryListingTest)
#include "directory_listing_test.moc"
