// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/observe/observation.h"

#include <QTemporaryDir>
#include <QtTest>

#include "tests/engine/files/test_files.h"
#include "tests/engine/observe/directory_copy.h"

using namespace nodetune;
using namespace nodetune::testing;

namespace {

#define NEEDS_DATA() \
  if (!QDir(data_root() + "/rocksdb-dirs").exists()) QSKIP("the real directories are not present")

struct World {
  QTemporaryDir root;
  ManualClock clock;

  World() {
    copy_directory(data_root() + "/rocksdb-dirs/besu-ehr-single/database", root.path() + "/db");
  }
  QString path(const QString& name) const { return root.path() + "/db/" + name; }
  std::string directory() const { return path("").toStdString(); }
};

}  // namespace

class ObservationTest : public QObject {
  Q_OBJECT

 private slots:
  void what_has_not_changed_is_not_read_again() {
    NEEDS_DATA();
    World world;
    DirectoryObserver observer(world.directory(), world.clock);
    const auto first = observer.refresh();
    QVERIFY2(first.is_ok(), first.status().message().c_str());
    world.clock.advance(std::chrono::seconds(2));
    const auto second = observer.refresh();
    QVERIFY((*second)->manifest == (*first)->manifest);
    QVERIFY((*second)->options == (*first)->options);
    QVERIFY((*second)->listing != (*first)->listing);
    const auto third = observer.refresh();  // too soon for another listing
    QVERIFY((*third)->listing == (*second)->listing);
    QCOMPARE((*first)->tables.checked, 9);
    QCOMPARE((*first)->tables.format_version, std::optional<int>(5));
  }

  void new_options_and_a_new_manifest_are_seen() {
    NEEDS_DATA();
    World world;
    DirectoryObserver observer(world.directory(), world.clock);
    QVERIFY(observer.refresh().is_ok());
    auto options = read_bytes(world.path("OPTIONS-000060"));
    const auto at = options.find("max_background_jobs=2");
    options.replace(at, 21, "max_background_jobs=7");
    write_file(world.path("OPTIONS-000070"), options);
    QVERIFY(QFile::copy(world.path("MANIFEST-000058"), world.path("MANIFEST-000071")));
    write_file(world.path("CURRENT"), "MANIFEST-000071\n");
    world.clock.advance(std::chrono::seconds(2));
    const auto seen = observer.refresh();
    QCOMPARE((*seen)->options->name, std::string("OPTIONS-000070"));
    QCOMPARE((*seen)->options->knobs.front().max_background_jobs, std::optional<std::int64_t>(7));
    QVERIFY((*seen)->manifest->path.ends_with("MANIFEST-000071"));
  }

  void a_directory_that_goes_away_is_remembered_and_said() {
    NEEDS_DATA();
    World world;
    DirectoryObserver observer(world.directory(), world.clock);
    QVERIFY(observer.refresh().is_ok());
    QVERIFY(QDir(world.path("")).removeRecursively());
    world.clock.advance(std::chrono::seconds(2));
    const auto seen = observer.refresh();
    QVERIFY(seen.is_ok());
    QVERIFY(!(*seen)->notes.empty());
    QVERIFY((*seen)->manifest != nullptr);  // what was known last
  }

  void a_sample_of_many_tables_is_checked_and_then_the_new_ones() {
    NEEDS_DATA();
    World world;
    ObserverLimits limits;
    limits.tables_first_max = 3;
    DirectoryObserver observer(world.directory(), world.clock, limits);
    const auto seen = observer.refresh();
    QCOMPARE((*seen)->tables.files, 9);
    QCOMPARE((*seen)->tables.checked, 3);
  }

  void a_damaged_table_is_forgotten_once_it_is_no_longer_live() {
    NEEDS_DATA();
    World world;
    write_file(world.path("000055.sst"), "damaged");
    DirectoryObserver observer(world.directory(), world.clock);
    const auto seen = observer.refresh();
    QCOMPARE((*seen)->tables.damaged.size(), std::size_t{1});
    QVERIFY((*seen)->tables.damaged.front().starts_with("000055.sst is damaged"));
    // Another database's tree, as if a compaction had replaced all of this one's files.
    QVERIFY(
        QFile::copy(data_root() + "/rocksdb-dirs/besu-2019-v1-single-run/database/MANIFEST-000004",
                    world.path("MANIFEST-000072")));
    write_file(world.path("CURRENT"), "MANIFEST-000072\n");
    world.clock.advance(std::chrono::seconds(2));
    const auto later = observer.refresh();
    QCOMPARE((*later)->tables.files, 0);
    QVERIFY((*later)->tables.damaged.empty());
    QVERIFY((*later)->notes.empty());
  }

  void a_directory_that_is_missing_is_an_error_at_first() {
    ManualClock clock;
    DirectoryObserver observer("/nonexistent/db", clock);
    QCOMPARE(observer.refresh().status().code(), StatusCode::not_found);
  }
};

QTEST_GUILESS_MAIN(ObservationTest)
#include "observation_test.moc"
