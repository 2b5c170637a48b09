// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/observe/inspect.h"

#include <sys/inotify.h>
#include <unistd.h>

#include <QTemporaryDir>
#include <QtTest>

#include "engine/observe/observation.h"
#include "tests/engine/files/test_files.h"
#include "tests/engine/observe/directory_copy.h"

using namespace nodetune;
using namespace nodetune::testing;

namespace {

QString real(const char* name) {
  return data_root() + "/rocksdb-dirs/" + name;
}

#define NEEDS_DATA() \
  if (!QDir(data_root() + "/rocksdb-dirs").exists()) QSKIP("the real directories are not present")

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

// Acts as user `nobody` for a while; only root can.
class AsNobody {
 public:
  AsNobody() : became_(::geteuid() == 0 && ::seteuid(65'534) == 0) {}
  ~AsNobody() {
    if (became_ && ::seteuid(0) != 0) qFatal("cannot become root again");
  }
  bool became() const { return became_; }

 private:
  bool became_;
};

}  // namespace

class InspectTest : public QObject {
  Q_OBJECT

 private slots:
  void every_real_directory_is_identified_data() {
    QTest::addColumn<QString>("client");
    QTest::addColumn<QString>("version");
    QTest::addColumn<int>("families");
    QTest::newRow("besu-ehr-single") << "Besu"
                                     << "8.3.2" << 15;
    QTest::newRow("besu-24.9.1-caliper-node-1") << "Besu"
                                                << "8.3.2" << 15;
    QTest::newRow("besu-ehr-ibft2-v1") << "Besu"
                                       << "8.3.2" << 12;
    QTest::newRow("besu-2019-v1") << "Besu"
                                  << "5.15.10" << 5;
    QTest::newRow("besu-2019-v1-single-run") << "Besu"
                                             << "5.15.10" << 5;
    QTest::newRow("besu-2020-v0-full") << "Besu"
                                       << "6.4.6" << 1;
    QTest::newRow("besu-2020-v1-full") << "Besu"
                                       << "6.4.6" << 5;
    QTest::newRow("pantheon-2019-v0") << "Besu (Pantheon)"
                                      << "5.15.10" << 1;
  }
  void every_real_directory_is_identified() {
    NEEDS_DATA();
    QFETCH(QString, client);
    QFETCH(QString, version);
    QFETCH(int, families);
    QTemporaryDir root;
    const QString copy = root.path() + "/data";
    copy_directory(real(QTest::currentDataTag()), copy);
    const auto before = marks_of(root.path());

    // The node's data directory, and the database in it.
    for (const QString& path : {copy, copy + "/database", copy + "/database/"}) {
      const auto found = inspect(path.toStdString());
      QVERIFY2(found.is_ok(), found.status().message().c_str());
      QCOMPARE(QString::fromStdString(found->path), copy + "/database");
      QCOMPARE(found->kind, std::string("rocksdb"));
      QCOMPARE(found->way, std::string("observed"));
      QCOMPARE(QString::fromStdString(found->client), client);
      QCOMPARE(QString::fromStdString(found->rocksdb_version), version);
      QCOMPARE(static_cast<int>(found->column_families.size()), families);
      QVERIFY(!found->locked_by);
      for (const auto& name : found->column_families) {
        QVERIFY(
            std::all_of(name.begin(), name.end(), [](char c) { return c >= 0x20 && c < 0x7f; }));
      }
    }
    QCOMPARE(difference(before, marks_of(root.path())), std::string());
  }

  void nobody_can_see_on_disk_that_it_was_looked_at() {
    NEEDS_DATA();
    QTemporaryDir root;
    const QString copy = root.path() + "/database";
    copy_directory(real("besu-ehr-single") + "/database", copy);
    const int watch = ::inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    QVERIFY(watch >= 0);
    QVERIFY(::inotify_add_watch(watch, copy.toUtf8().constData(),
                                IN_MODIFY | IN_ATTRIB | IN_CLOSE_WRITE | IN_CREATE | IN_DELETE |
                                    IN_MOVED_FROM | IN_MOVED_TO | IN_DELETE_SELF) >= 0);
    QVERIFY(inspect(copy.toStdString()).is_ok());
    alignas(inotify_event) char buffer[4096];
    QCOMPARE(::read(watch, buffer, sizeof buffer), ssize_t{-1});
    // The watch itself works.
    write_file(copy + "/new", "x");
    QVERIFY(::read(watch, buffer, sizeof buffer) > 0);
    ::close(watch);
  }

  void a_damaged_table_is_named() {
    NEEDS_DATA();
    const auto found = inspect((real("besu-2019-v1") + "/database").toStdString());
    QVERIFY2(found.is_ok(), found.status().message().c_str());
    QVERIFY2(has(found->reason, "000030.sst is damaged"), found->reason.c_str());
    QVERIFY2(has(found->reason, "backup"), found->reason.c_str());
    QVERIFY2(!has(found->reason, "000029.sst"), found->reason.c_str());
  }

  void a_missing_table_is_named() {
    NEEDS_DATA();
    QTemporaryDir root;
    copy_directory(real("besu-ehr-single") + "/database", root.path() + "/db");
    QVERIFY(QFile::remove(root.path() + "/db/000055.sst"));
    const auto found = inspect((root.path() + "/db").toStdString());
    QVERIFY(found.is_ok());
    QVERIFY2(has(found->reason, "000055.sst is missing"), found->reason.c_str());
  }

  void tables_that_lie_elsewhere_are_not_called_damaged_one_by_one() {
    NEEDS_DATA();
    QTemporaryDir root;
    QDir copy(root.path() + "/db");
    copy_directory(real("besu-ehr-single") + "/database", copy.path());
    for (const auto& name : copy.entryList({"*.sst"}, QDir::Files)) QVERIFY(copy.remove(name));
    const auto found = inspect(copy.path().toStdString());
    QVERIFY(found.is_ok());
    QVERIFY2(has(found->reason, "9 of 9 SST files are not here"), found->reason.c_str());
    QVERIFY2(!has(found->reason, "is missing"), found->reason.c_str());
  }

  void files_that_only_their_owner_may_read_are_named() {
    NEEDS_DATA();
    QTemporaryDir root;
    const QString copy = root.path() + "/db";
    copy_directory(real("besu-ehr-single") + "/database", copy);
    QVERIFY(::chmod(root.path().toUtf8().constData(), 0755) == 0);
    QVERIFY(::chmod((copy + "/MANIFEST-000058").toUtf8().constData(), 0600) == 0);
    const AsNobody nobody;
    if (!nobody.became()) QSKIP("only root can act as another user");
    const auto found = inspect(copy.toStdString());
    QVERIFY2(found.is_ok(), found.status().message().c_str());
    QVERIFY2(has(found->reason, "LSM tree is not known"), found->reason.c_str());
    QVERIFY2(has(found->reason, "sudo -u root nodetune-cli open"), found->reason.c_str());
    QCOMPARE(found->client, std::string("Besu"));
  }

  void what_is_left_of_a_directory_is_still_told_data() {
    QTest::addColumn<QString>("lost");
    QTest::addColumn<QString>("said");
    QTest::addColumn<int>("families");
    QTest::newRow("no OPTIONS") << "OPTIONS-*"
                                << "no OPTIONS file" << 15;
    QTest::newRow("no LOG") << "LOG*"
                            << "" << 15;
    // OPTIONS alone cannot tell that `default` is empty.
    QTest::newRow("no MANIFEST") << "MANIFEST-*"
                                 << "LSM tree is not known" << 16;
    QTest::newRow("no CURRENT") << "CURRENT"
                                << "LSM tree is not known" << 16;
  }
  void what_is_left_of_a_directory_is_still_told() {
    NEEDS_DATA();
    QFETCH(QString, lost);
    QFETCH(QString, said);
    QFETCH(int, families);
    QTemporaryDir root;
    QDir copy(root.path() + "/db");
    copy_directory(real("besu-ehr-single") + "/database", copy.path());
    for (const auto& name : copy.entryList({lost}, QDir::Files)) QVERIFY(copy.remove(name));
    const auto found = inspect(copy.path().toStdString());
    QVERIFY2(found.is_ok(), found.status().message().c_str());
    QCOMPARE(found->kind, std::string("rocksdb"));
    QCOMPARE(found->client, std::string("Besu"));
    QVERIFY2(has(found->reason, said.toStdString()), found->reason.c_str());
    QCOMPARE(static_cast<int>(found->column_families.size()), families);
  }

  // Bytes flipped or files cut at random: an answer, whatever it is, and no crash.
  void damage_of_any_kind_is_survived() {
    NEEDS_DATA();
    const auto seed = std::random_device{}();
    qInfo("seed %u", seed);
    std::mt19937_64 random(seed);
    QTemporaryDir root;
    const QDir source(real("besu-ehr-single") + "/database");
    for (int round = 0; round < 30; ++round) {
      const QString copy = root.path() + "/" + QString::number(round);
      for (const auto& name : source.entryList(QDir::Files)) {
        auto bytes = read_bytes(source.filePath(name));
        if (name != "IDENTITY" && random() % 3 == 0) bytes = mutate(std::move(bytes), random);
        write_file(copy + "/" + name, bytes);
      }
      const auto found = inspect(copy.toStdString());
      QVERIFY(found.is_ok());
      QCOMPARE(found->kind, std::string("rocksdb"));
      QVERIFY(!found->reason.empty());
      QDir(copy).removeRecursively();
    }
  }

  void other_engines_are_named_politely_data() {
    QTest::addColumn<QStringList>("files");
    QTest::addColumn<QByteArray>("content");
    QTest::addColumn<QString>("kind");
    QTest::addColumn<QString>("word");
    QTest::newRow("leveldb") << QStringList{"CURRENT", "MANIFEST-000002", "000005.ldb"}
                             << QByteArray("MANIFEST-000002\n") << "leveldb"
                             << "LevelDB";
    QTest::newRow("pebble") << QStringList{"CURRENT", "MANIFEST-000001", "OPTIONS-000003"}
                            << QByteArray("[Version]\n  pebble_version=0.1\n") << "pebble"
                            << "Pebble";
    QTest::newRow("mdbx") << QStringList{"mdbx.dat", "mdbx.lck"} << QByteArray("?") << "mdbx"
                          << "MDBX";
    QTest::newRow("paritydb") << QStringList{"metadata", "table_00_0"} << QByteArray("version=8")
                              << "paritydb"
                              << "ParityDB";
  }
  void other_engines_are_named_politely() {
    QFETCH(QStringList, files);
    QFETCH(QByteArray, content);
    QFETCH(QString, kind);
    QFETCH(QString, word);
    QTemporaryDir root;
    for (const auto& name : files) {
      write_file(root.path() + "/chaindata/" + name, content.toStdString());
    }
    for (const QString& path : {root.path() + "/chaindata", root.path()}) {
      const auto found = inspect(path.toStdString());
      QVERIFY2(found.is_ok(), found.status().message().c_str());
      QCOMPARE(QString::fromStdString(found->kind), kind);
      QCOMPARE(found->way, std::string("none"));
      QVERIFY2(has(found->reason, word.toStdString()), found->reason.c_str());
      QVERIFY2(has(found->reason, "NodeTune reads RocksDB"), found->reason.c_str());
    }
  }

  void several_databases_are_listed_and_others_are_named() {
    NEEDS_DATA();
    QTemporaryDir root;
    copy_directory(real("besu-2019-v1-single-run") + "/database", root.path() + "/a/small");
    copy_directory(real("besu-ehr-single") + "/database", root.path() + "/b/large");
    write_file(root.path() + "/c/OPTIONS-000003", "[Version]\n  pebble_version=0.1\n");
    const auto found = inspect(root.path().toStdString());
    QVERIFY(found.is_ok());
    QCOMPARE(found->kind, std::string("none"));
    QCOMPARE(found->way, std::string("observed"));
    QCOMPARE(found->databases.size(), std::size_t{2});
    const auto largest = largest_database(found->databases);
    QCOMPARE(QString::fromStdString(largest), root.path() + "/b/large");
    QVERIFY2(has(found->reason, largest), found->reason.c_str());
    QVERIFY2(has(found->reason, "/c is a Pebble database"), found->reason.c_str());
  }

  void what_is_no_directory_is_refused_with_advice() {
    QTemporaryDir root;
    write_file(root.path() + "/file", "x");
    const auto missing = inspect((root.path() + "/nothing").toStdString());
    QCOMPARE(missing.status().code(), StatusCode::not_found);
    const auto file = inspect((root.path() + "/file").toStdString());
    QCOMPARE(file.status().code(), StatusCode::not_a_database);
    QVERIFY2(has(file.status().message(), "is a file"), file.status().message().c_str());
    const auto empty = inspect(root.path().toStdString());
    QVERIFY(empty.is_ok());
    QCOMPARE(empty->kind, std::string("none"));
    QCOMPARE(empty->way, std::string("none"));
    QVERIFY(has(empty->reason, "data directory"));
    QVERIFY(!inspect("").is_ok());
    QVERIFY(!inspect(std::string("a\0b", 3)).is_ok());
  }

  void without_permission_the_owners_command_is_told() {
    NEEDS_DATA();
    QTemporaryDir root;
    const QString copy = root.path() + "/it's here";
    copy_directory(real("besu-2020-v0-full") + "/database", copy);
    QFile::setPermissions(root.path(), QFile::Permissions(0x7755));
    QVERIFY(::chmod(copy.toUtf8().constData(), 0700) == 0);
    const AsNobody nobody;
    if (!nobody.became()) QSKIP("only root can act as another user");
    const auto found = inspect(copy.toStdString());
    QCOMPARE(found.status().code(), StatusCode::permission_denied);
    const auto& message = found.status().message();
    QVERIFY2(has(message, "sudo -u root nodetune-cli open '"), message.c_str());
    QVERIFY2(has(message, "it'\\''s here'"), message.c_str());
  }

  void another_users_directory_opens_where_it_may_only_be_read() {
    NEEDS_DATA();
    QTemporaryDir root;
    const QString copy = root.path() + "/database";
    copy_directory(real("besu-ehr-single") + "/database", copy);
    QDirIterator walk(copy, QDir::Files);
    while (walk.hasNext()) QVERIFY(::chmod(walk.next().toUtf8().constData(), 0444) == 0);
    QVERIFY(::chmod(copy.toUtf8().constData(), 0555) == 0);
    QVERIFY(::chmod(root.path().toUtf8().constData(), 0755) == 0);
    {
      const AsNobody nobody;
      const auto found = inspect(copy.toStdString());
      QVERIFY2(found.is_ok(), found.status().message().c_str());
      QCOMPARE(found->column_families.size(), std::size_t{15});
    }
    QVERIFY(::chmod(copy.toUtf8().constData(), 0755) == 0);
  }

  void hostile_names_are_read_and_printed_harmlessly() {
    NEEDS_DATA();
    QTemporaryDir root;
    const QString copy = root.path() + "/a\n\x1b[31m b'\"$(x)";
    copy_directory(real("besu-ehr-single") + "/database", copy);
    write_file(copy + "/OPTIONS-99999999999999999999", "[Version]\n");
    write_file(copy + "/MANIFEST-", "x");
    write_file(copy + "/LOG.old.abc", "x");
    QVERIFY(QFile::link("/etc/passwd", copy + "/000999.sst"));
    QVERIFY(QDir(copy).mkdir("OPTIONS-000099"));
    const auto found = inspect(copy.toStdString());
    QVERIFY2(found.is_ok(), found.status().message().c_str());
    QCOMPARE(found->rocksdb_version, std::string("8.3.2"));
    QCOMPARE(found->column_families.size(), std::size_t{15});
  }
};

QTEST_GUILESS_MAIN(InspectTest)
#include "inspect_test.moc"
