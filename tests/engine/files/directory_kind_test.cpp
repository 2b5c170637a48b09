// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/files/directory_kind.h"

#include <sys/stat.h>
#include <unistd.h>

#include <QTemporaryDir>
#include <QtTest>

#include "test_files.h"

using namespace nodetune;
using namespace nodetune::testing;

class DirectoryKindTest : public QObject {
  Q_OBJECT
 private:
  static DirectoryKind kind_of(const QString& path) {
    const auto info = identify_directory(path.toStdString());
    return info ? info->kind : DirectoryKind::none;
  }

  static std::string with_magic_at(std::size_t offset, std::string_view magic) {
    return std::string(offset, '\0') + std::string(magic) + std::string(100, '\0');
  }

 private slots:
  void real_directories_are_rocksdb() {
    if (real_directories().isEmpty()) QSKIP("rocksdb-dirs not present");
    for (const auto& path : real_directories()) {
      const auto info = identify_directory(path.toStdString());
      QVERIFY2(info.is_ok(), qPrintable(path));
      QVERIFY2(info->kind == DirectoryKind::rocksdb, qPrintable(path));
      QVERIFY(!info->evidence.empty());
      QVERIFY(info->nested.empty());
    }
  }

  void rocksdb_is_known_without_its_options_too() {
    if (real_directories().isEmpty()) QSKIP("rocksdb-dirs not present");
    const QDir source(real_directories().first());
    for (const auto& witness : {QStringLiteral("IDENTITY"), QStringLiteral("LOG")}) {
      QTemporaryDir folder;
      for (const auto& name : source.entryList(QDir::Files)) {
        if (name == witness || name.startsWith("CURRENT") || name.startsWith("MANIFEST")) {
          QVERIFY(QFile::copy(source.filePath(name), folder.filePath(name)));
        }
      }
      QVERIFY2(kind_of(folder.path()) == DirectoryKind::rocksdb, qPrintable(witness));
    }
  }

  void a_client_directory_lists_the_databases_inside() {
    if (real_directories().isEmpty()) QSKIP("rocksdb-dirs not present");
    const auto info = identify_directory((data_root() + "/rocksdb-dirs/").toStdString());
    QCOMPARE(info->kind, DirectoryKind::none);
    QCOMPARE(static_cast<qsizetype>(info->nested.size()), real_directories().size());
    for (const auto& nested : info->nested) QVERIFY(nested.kind == DirectoryKind::rocksdb);
    QVERIFY(!info->search_truncated);
  }

  void a_database_inside_another_is_found() {
    QTemporaryDir folder;
    const QString full = "chains/polkadot/db/full";  // as Polkadot lays them out
    for (const auto& path : {full, full + "/parachains/db"}) {
      write_file(folder.filePath(path + "/CURRENT"), "MANIFEST-000001\n");
      write_file(folder.filePath(path + "/IDENTITY"), "x");
    }
    const auto info = identify_directory(folder.path().toStdString());
    QCOMPARE(info->nested.size(), std::size_t{2});
    QVERIFY(info->nested[0].path.ends_with("/db/full"));
    QVERIFY(info->nested[1].path.ends_with("/db/full/parachains/db"));
  }

  void search_ends_at_its_limits() {
    QTemporaryDir folder;
    for (int i = 0; i < 5; ++i) {
      write_file(folder.filePath(QString("db%1/NODETUNE.json").arg(i)), "{}");
    }
    write_file(folder.filePath("a/b/c/d/e/f/g/NODETUNE.json"), "{}");
    const auto all = identify_directory(folder.path().toStdString());
    QCOMPARE(all->nested.size(), std::size_t{5});
    QVERIFY(!all->search_truncated);
    SearchLimits few;
    few.databases_max = 2;
    const auto cut = identify_directory(folder.path().toStdString(), few);
    QCOMPARE(cut->nested.size(), std::size_t{2});
    QVERIFY(cut->search_truncated);
    SearchLimits deep;
    deep.depth_max = 7;
    QCOMPARE(identify_directory(folder.path().toStdString(), deep)->nested.size(), std::size_t{6});
  }

  void other_engines_are_named() {
    QTemporaryDir folder;
    const auto at = [&folder](const char* name) { return folder.filePath(name); };
    write_file(at("managed/NODETUNE.json"), "{}");
    write_file(at("managed/OPTIONS-000005"), "[Version]\n rocksdb_version=7.8.3\n");
    write_file(at("leveldb/CURRENT"), "MANIFEST-000004\n");
    write_file(at("leveldb/MANIFEST-000004"), "\1\x1aleveldb.BytewiseComparator");
    write_file(at("leveldb/LOG"), "2024/01/01-00:00:00.000001 7f00 Recovering log #3\n");
    write_file(at("leveldb/000005.ldb"), "x");
    write_file(at("pebble/CURRENT"), "MANIFEST-000001\n");
    write_file(at("pebble/MANIFEST-000001"), "");
    write_file(at("pebble/OPTIONS-000003"), "[Version]\n  pebble_version=0.1\n");
    write_file(at("pebble2/marker.manifest.000001.MANIFEST-000001"), "");
    write_file(at("mdbx/mdbx.dat"), with_magic_at(20, {"\x03\x11\x4c\xef\xbd\x9d\x65\x59", 8}));
    write_file(at("mdbx-by-name/mdbx.dat"), "");
    write_file(at("lmdb/data.mdb"), with_magic_at(16, "\xde\xc0\xef\xbe"));
    write_file(at("paritydb/metadata"), "version=8\n");
    write_file(at("paritydb/table_00_00"), "");
    write_file(at("text/readme"), "hello");
    QDir().mkpath(at("empty"));
    const std::pair<const char*, DirectoryKind> expected[] = {
        {"managed", DirectoryKind::managed}, {"leveldb", DirectoryKind::leveldb},
        {"pebble", DirectoryKind::pebble},   {"pebble2", DirectoryKind::pebble},
        {"mdbx", DirectoryKind::mdbx},       {"mdbx-by-name", DirectoryKind::mdbx},
        {"lmdb", DirectoryKind::other},      {"paritydb", DirectoryKind::paritydb},
        {"text", DirectoryKind::none},       {"empty", DirectoryKind::empty},
    };
    for (const auto& [name, kind] : expected) {
      const auto info = identify_directory(at(name).toStdString());
      QVERIFY2(info.is_ok(), name);
      QVERIFY2(info->kind == kind,
               qPrintable(QString("%1 is taken for %2").arg(name, to_string(info->kind).data())));
      QVERIFY2(!info->evidence.empty(), name);
    }
  }

  void pipes_with_the_names_of_files_do_not_block() {
    QTemporaryDir folder;
    for (const char* name : {"OPTIONS-000001", "LOG", "CURRENT", "MANIFEST-000001", "mdbx.dat"}) {
      QCOMPARE(::mkfifo(folder.filePath(name).toStdString().c_str(), 0600), 0);
    }
    QCOMPARE(kind_of(folder.path()), DirectoryKind::none);
  }

  void links_do_not_lead_the_search_away() {
    QTemporaryDir folder;
    write_file(folder.filePath("real/NODETUNE.json"), "{}");
    const auto link = folder.filePath("link").toStdString();
    QCOMPARE(::symlink(folder.filePath("real").toStdString().c_str(), link.c_str()), 0);
    QCOMPARE(::symlink("..", folder.filePath("real/loop").toStdString().c_str()), 0);
    QCOMPARE(identify_directory(folder.path().toStdString())->nested.size(), std::size_t{1});
    QCOMPARE(identify_directory(link)->kind, DirectoryKind::managed);  // asked for by name
  }

  void what_is_no_directory_is_an_error() {
    QTemporaryDir folder;
    write_file(folder.filePath("file"), "x");
    QCOMPARE(identify_directory(folder.filePath("file").toStdString()).status().code(),
             StatusCode::not_a_database);
    QCOMPARE(identify_directory(folder.filePath("gone").toStdString()).status().code(),
             StatusCode::not_found);
    if (::geteuid() == 0) QSKIP("root reads everything");
    QDir().mkpath(folder.filePath("secret"));
    QCOMPARE(::chmod(folder.filePath("secret").toStdString().c_str(), 0), 0);
    QCOMPARE(identify_directory(folder.filePath("secret").toStdString()).status().code(),
             StatusCode::permission_denied);
  }
};

QTEST_APPLESS_MAIN(DirectoryKindTest)
#include "directory_kind_test.moc"
