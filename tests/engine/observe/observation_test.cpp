// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/observe/observation.h"

#include <QProcess>
#include <QRegularExpression>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QtTest>
#include <cmath>
#include <set>
#include <utility>

#include "engine/observe/compaction_debt.h"
#include "tests/engine/files/test_files.h"
#include "tests/engine/observe/directory_copy.h"

using namespace nodetune;
using namespace nodetune::testing;

namespace {

#define NEEDS_DATA() \
  if (!QDir(data_root() + "/rocksdb-dirs").exists()) QSKIP("the real directories are not present")

#define NEEDS_DB_BENCH()                                    \
  if (QStandardPaths::findExecutable("db_bench").isEmpty()) \
  QSKIP("db_bench (rocksdb-tools) is not installed")

QString run_db_bench(const QString& directory, const QStringList& options) {
  QProcess bench;
  bench.start("db_bench",
              QStringList{"--db=" + directory, "--value_size=200", "--write_buffer_size=400000",
                          "--target_file_size_base=300000", "--max_bytes_for_level_multiplier=4",
                          "--num_levels=6", "--compression_type=none"} +
                  options);
  return bench.waitForFinished(120'000) && bench.exitCode() == 0
             ? QString::fromLatin1(bench.readAllStandardOutput())
             : QString();
}

// A family whose files are as wide as its keys: "a" to "c" on level 1, and so on.
ManifestFile table(std::uint64_t number, int level, std::int64_t bytes, std::string from,
                   std::string to) {
  ManifestFile file;
  file.number = number;
  file.level = level;
  file.bytes = bytes;
  file.smallest_key = std::move(from);
  file.largest_key = std::move(to);
  return file;
}

Manifest manifest_of(const std::vector<ManifestFile>& files) {
  Manifest manifest;
  manifest.path = "/db/MANIFEST-000050";
  manifest.next_file_number = 60;
  auto& family = manifest.column_families[0];
  family.name = "default";
  family.comparator = "leveldb.BytewiseComparator";
  for (const auto& file : files) family.files.emplace(file.number, file);
  return manifest;
}

TableRow row_of(double entries, double deletions, TableNames& names) {
  TableRow row;
  row.entries = entries;
  row.deletions = deletions;
  row.index_bytes = 10;
  row.filter_bytes = 20;
  row.format_version = 5;
  row.compression = names.id_of("LZ4");
  row.filter_policy = names.id_of("");
  return row;
}

DatabaseFile listed(const char* name, DatabaseFileType type, std::uint64_t number,
                    TimePoint modified) {
  DatabaseFile file;
  file.name = name;
  file.type = type;
  file.number = number;
  file.bytes = 100;
  file.modified = modified;
  return file;
}

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
    QVERIFY((*seen)->manifest != nullptr);  // what was known last
    QCOMPARE((*seen)->problems.size(), std::size_t{2});
    for (const auto& problem : (*seen)->problems) {
      QVERIFY2(problem.text.find(" shown as before: ") != std::string::npos, problem.text.c_str());
      QVERIFY2(problem.text.find("No such file") != std::string::npos, problem.text.c_str());
    }
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

  void in_time_all_tables_are_read_and_the_figures_are_exact() {
    NEEDS_DATA();
    World world;
    ObserverLimits limits;
    limits.tables_first_max = 3;
    limits.tables_each_max = 4;
    DirectoryObserver observer(world.directory(), world.clock, limits);
    const auto first = observer.refresh();
    QVERIFY(!(*first)->table_figures->total.is_exact());
    QCOMPARE((*first)->table_figures->total.read_files, 3);
    world.clock.advance(std::chrono::seconds(1));
    QCOMPARE((*observer.refresh())->tables.checked, 3);  // nobody waits for the rest
    for (int i = 0; i < 2; ++i) {
      world.clock.advance(std::chrono::seconds(11));
      QVERIFY(observer.refresh().is_ok());
    }
    const auto all = *observer.refresh();
    const auto& total = all->table_figures->total;
    QVERIFY(total.is_exact());
    // As sst_dump prints them, added up.
    QCOMPARE(total.entries, 10 + 8893 + 12359 + 1 + 2 + 5 + 1 + 5 + 1.0);
    QCOMPARE(total.deletions, 15.0);
    QCOMPARE(total.estimated_keys(), 21277 - 30.0);
    QCOMPARE(total.index_bytes, 33 + 482 + 806 + 49 + 33 + 32 + 33 + 32 + 33.0);
    QCOMPARE(total.filter_bytes, 11141 + 15493 + 7 * 69.0);
    QCOMPARE(total.compression_bytes.size(), std::size_t{1});
    QCOMPARE(total.compression_bytes.at("LZ4"), total.bytes);
    QCOMPARE(total.format_version_files.at(5), 9);
  }

  void what_was_read_of_some_files_is_scaled_by_their_bytes() {
    TableNames names;
    const auto manifest = manifest_of(
        {table(1, 1, 100, "a", "b"), table(2, 1, 300, "c", "d"), table(3, 2, 400, "a", "z")});
    std::map<std::uint64_t, TableRow> rows{{1, row_of(50, 5, names)}};
    const auto lookup = [&](std::uint64_t number) {
      const auto found = rows.find(number);
      return found == rows.end() ? nullptr : &found->second;
    };
    auto figures = sum_up_tables(manifest, lookup, names);
    QCOMPARE(figures.find(0)->levels.at(1).entries, 200.0);
    QVERIFY(std::isnan(figures.find(0)->levels.at(2).entries));
    QCOMPARE(figures.total.entries, 400.0);  // level 2 is taken to be like level 1
    QCOMPARE(figures.total.deletion_share(), 0.1);
    QVERIFY(!figures.total.is_exact());
    QCOMPARE(figures.find(0)->overlaps, std::optional(true));
    rows.clear();
    QVERIFY(std::isnan(sum_up_tables(manifest, lookup, names).total.entries));
    // Nothing there is known to hold nothing.
    QCOMPARE(sum_up_tables(manifest_of({}), lookup, names).total.entries, 0.0);
    const auto in_order =
        manifest_of({table(1, 0, 1, "e", "f"), table(2, 1, 1, "a", "b"), table(3, 2, 1, "c", "d")});
    QCOMPARE(sum_up_tables(in_order, lookup, names).find(0)->overlaps, std::optional(false));
  }

  void each_level_is_in_the_sample_before_any_is_in_it_twice() {
    std::vector<ManifestFile> files{table(1, 6, 1, "a", "b"), table(2, 5, 1, "a", "b")};
    for (std::uint64_t number = 10; number < 110; ++number) {
      files.push_back(table(number, 4, 1, "a", "b"));
    }
    const auto manifest = manifest_of(files);
    std::set<std::uint64_t> known;
    const auto is_known = [&](std::uint64_t number) { return known.contains(number); };
    const auto chosen = tables_to_read(manifest, is_known, 10, 0);
    QVERIFY(chosen.size() <= 10 && chosen.size() > 5);
    std::set<int> levels;
    for (std::size_t i = 0; i < 3; ++i) levels.insert(chosen[i]->level);
    QCOMPARE(levels.size(), std::size_t{3});
    for (std::size_t round = 0; known.size() < files.size() && round < 20; ++round) {
      for (const auto* file : tables_to_read(manifest, is_known, 10, round)) {
        QVERIFY(known.insert(file->number).second);
      }
    }
    QCOMPARE(known.size(), files.size());
    QVERIFY(tables_to_read(manifest, is_known, 10, 0).empty());
  }

  void debt_is_what_rocksdb_itself_estimates_data() {
    QTest::addColumn<QStringList>("options");
    QTest::newRow("all levels over their targets") << QStringList{
        "--max_bytes_for_level_base="
        "200000"};
    QTest::newRow("level 0 alone") << QStringList{"--max_bytes_for_level_base=40000000"};
    QTest::newRow("level 0 below its trigger") << QStringList{
        "--max_bytes_for_level_base=40000000", "--level0_file_num_compaction_trigger=1000"};
    QTest::newRow("dynamic") << QStringList{"--level_compaction_dynamic_level_bytes=true",
                                            "--max_bytes_for_level_base=200000"};
    QTest::newRow("dynamic, a large base") << QStringList{
        "--level_compaction_dynamic_level_bytes=true", "--max_bytes_for_level_base=3000000"};
    QTest::newRow("more multipliers")
        << QStringList{"--max_bytes_for_level_base=200000",
                       "--max_bytes_for_level_multiplier_additional=1,2,1,3,1,1"};
  }

  void debt_is_what_rocksdb_itself_estimates() {
    NEEDS_DB_BENCH();
    QFETCH(const QStringList, options);
    QTemporaryDir root;
    const auto path = root.path() + "/db";
    const bool dynamic = options.front().contains("dynamic");
    QStringList fill{"--benchmarks=fillrandom,overwrite", "--num=40000",
                     "--max_bytes_for_level_base=500000"};
    if (dynamic) fill << options.front();
    QVERIFY(!run_db_bench(path, fill).isEmpty());
    // Then it may not compact any more, with targets that its levels exceed.
    QVERIFY(!run_db_bench(path,
                          QStringList{"--benchmarks=overwrite,flush", "--num=10000",
                                      "--use_existing_db=true", "--disable_auto_compactions=true"} +
                              options)
                 .isEmpty());
    QProcess ldb;
    ldb.start("ldb", {"--db=" + path, "--try_load_options", "get_property",
                      "rocksdb.estimate-pending-compaction-bytes"});
    QVERIFY(ldb.waitForFinished(60'000));
    const auto printed = QString::fromLatin1(ldb.readAllStandardOutput());
    static const QRegularExpression line("pending-compaction-bytes: (\\d+)");
    const auto found = line.match(printed);
    QVERIFY2(found.hasMatch(), qPrintable(printed));
    const auto theirs = found.captured(1).toDouble();

    const auto manifest = read_manifest(path.toStdString());
    const auto file = read_newest_options(path.toStdString());
    QVERIFY(manifest && file);
    const auto targets = level_targets(file->column_families.front(), file->rocksdb_version);
    QVERIFY(targets.has_value());
    const auto debt = estimate_compaction_debt(manifest->column_families.at(0).levels(), *targets);
    qInfo("%.0f bytes, RocksDB says %.0f", debt.total_bytes, theirs);
    QVERIFY(std::abs(debt.total_bytes - theirs) <= 10);  // each level is rounded there
    QCOMPARE(debt.total_bytes > 0, !options.contains("--level0_file_num_compaction_trigger=1000"));
  }

  void of_another_compaction_style_no_debt_is_known() {
    ColumnFamilyOptionValues family;
    QVERIFY(!level_targets(family, "8.3.2"));
    family.options = {{"compaction_style", "kCompactionStyleLevel"},
                      {"num_levels", "7"},
                      {"level0_file_num_compaction_trigger", "4"},
                      {"max_bytes_for_level_base", "268435456"},
                      {"max_bytes_for_level_multiplier", "10.000000"},
                      {"level_compaction_dynamic_level_bytes", "false"}};
    QVERIFY(level_targets(family, "8.3.2").has_value());
    QVERIFY(level_targets(family, "7.4.5")->level0_raises_targets);
    QVERIFY(!level_targets(family, "7.5.3")->level0_raises_targets);
    family.options["compaction_style"] = "kCompactionStyleUniversal";
    QVERIFY(!level_targets(family, "8.3.2"));
  }

  void files_that_nothing_names_are_told_from_those_being_written() {
    const TimePoint begin(std::chrono::hours(1000));
    const auto manifest = manifest_of({table(10, 1, 100, "a", "b")});
    DirectoryListing listing;
    const auto old = begin - std::chrono::hours(2);
    listing.files = {listed("000010.sst", DatabaseFileType::sst, 10, old),
                     listed("000020.sst", DatabaseFileType::sst, 20, old),    // left over
                     listed("000055.sst", DatabaseFileType::sst, 55, old),    // of a compaction
                     listed("000021.sst", DatabaseFileType::sst, 21, begin),  // just written
                     listed("000022.log", DatabaseFileType::wal, 22, old)};
    OrphanWatch running;
    QVERIFY(!running.look(listing, manifest, true, begin));
    QVERIFY(!running.look(listing, manifest, true, begin + std::chrono::minutes(5)));
    const auto found = running.look(listing, manifest, true, begin + std::chrono::minutes(10));
    QVERIFY(found.has_value());
    QCOMPARE(found->names, std::vector<std::string>{"000020.sst"});
    QCOMPARE(found->bytes, 100);
    listing.files.erase(listing.files.begin() + 1);  // it was deleted after all
    QCOMPARE(running.look(listing, manifest, true, begin + std::chrono::minutes(11))->files, 0);

    OrphanWatch stopped;
    QVERIFY(!stopped.look(listing, manifest, false, begin));
    const auto left = stopped.look(listing, manifest, false, begin + std::chrono::seconds(10));
    QCOMPARE(left->names, std::vector<std::string>{"000055.sst"});
    listing.files.resize(1);
    QCOMPARE(OrphanWatch().look(listing, manifest, true, begin)->files, 0);  // known at once
  }

  void files_that_somebody_deleted_are_told_from_those_that_a_compaction_replaced() {
    const TimePoint begin(std::chrono::hours(1000));
    const auto at = [&](int seconds) { return begin + std::chrono::seconds(seconds); };
    auto manifest = manifest_of(
        {table(10, 1, 100, "a", "b"), table(11, 1, 100, "c", "d"), table(12, 1, 100, "e", "f")});
    DirectoryListing listing;
    listing.files = {listed("000010.sst", DatabaseFileType::sst, 10, begin),
                     listed("000011.sst", DatabaseFileType::sst, 11, begin)};
    LostFileWatch watch;
    QVERIFY(watch.look(listing, manifest, at(0)).empty());  // 12 lies elsewhere, for all we know
    listing.files.pop_back();
    QVERIFY(watch.look(listing, manifest, at(10)).empty());  // just missed
    QCOMPARE(watch.look(listing, manifest, at(20)), std::vector<std::string>{"000011.sst"});
    listing.truncated = true;
    QVERIFY(watch.look(listing, manifest, at(25)).empty());
    listing.truncated = false;
    manifest.column_families[0].files.erase(11);  // it was a compaction after all
    QVERIFY(watch.look(listing, manifest, at(30)).empty());
    // A blob file likewise, and both back again.
    manifest.column_families[0].files.at(10).oldest_blob_file = 30;
    manifest.column_families[0].blob_files[30] = {30, 5, 500, 0, 0};
    listing.files.push_back(listed("000030.blob", DatabaseFileType::blob, 30, begin));
    QVERIFY(watch.look(listing, manifest, at(40)).empty());
    const auto all = std::exchange(listing.files, {});
    QVERIFY(watch.look(listing, manifest, at(50)).empty());
    QCOMPARE(watch.look(listing, manifest, at(60)),
             (std::vector<std::string>{"000010.sst", "000030.blob"}));
    listing.files = all;
    QVERIFY(watch.look(listing, manifest, at(70)).empty());
  }

  void lost_files_are_said_with_what_may_save_them() {
    QVERIFY(lost_files_text({}, "MANIFEST-000058", 7).empty());
    QCOMPARE(lost_files_text({"000012.sst"}, "MANIFEST-000058", -1),
             std::string("000012.sst is gone, but MANIFEST-000058 names it"));
    QCOMPARE(lost_files_text({"000012.sst", "000013.sst", "000014.blob"}, "MANIFEST-000058", 7),
             std::string("000012.sst and 2 more files are gone, but MANIFEST-000058 names them; "
                         "process 7 may hold them open still: copy them out of /proc/7/fd before "
                         "it ends"));
  }

  void a_table_that_is_deleted_under_our_eyes_is_damage() {
    NEEDS_DATA();
    World world;
    DirectoryObserver observer(world.directory(), world.clock);
    QVERIFY(observer.refresh().is_ok());
    QVERIFY(QFile::remove(world.path("000050.sst")));
    for (int look = 0; look < 3; ++look) {
      world.clock.advance(std::chrono::seconds(11));
      QVERIFY(observer.refresh().is_ok());
    }
    const auto seen = observer.refresh();
    QCOMPARE((*seen)->problems.size(), std::size_t{1});
    QVERIFY((*seen)->problems[0].kind == ProblemKind::damaged);
    QCOMPARE((*seen)->problems[0].text,
             std::string("000050.sst is gone, but MANIFEST-000058 names it"));
  }

  void a_damaged_table_is_forgotten_once_it_is_no_longer_live() {
    NEEDS_DATA();
    World world;
    write_file(world.path("000055.sst"), "damaged");
    DirectoryObserver observer(world.directory(), world.clock);
    const auto seen = observer.refresh();
    QCOMPARE((*seen)->tables.damaged.size(), std::size_t{1});
    QVERIFY((*seen)->tables.damaged.front().text.starts_with("000055.sst is damaged"));
    // Another database's tree, as if a compaction had replaced all of this one's files.
    QVERIFY(
        QFile::copy(data_root() + "/rocksdb-dirs/besu-2019-v1-single-run/database/MANIFEST-000004",
                    world.path("MANIFEST-000072")));
    write_file(world.path("CURRENT"), "MANIFEST-000072\n");
    world.clock.advance(std::chrono::seconds(2));
    const auto later = observer.refresh();
    QCOMPARE((*later)->tables.files, 0);
    QVERIFY((*later)->tables.damaged.empty());
    QVERIFY((*later)->problems.empty());
  }

  void a_directory_that_is_missing_is_an_error_at_first() {
    ManualClock clock;
    DirectoryObserver observer("/nonexistent/db", clock);
    QCOMPARE(observer.refresh().status().code(), StatusCode::not_found);
  }
};

QTEST_GUILESS_MAIN(ObservationTest)
#include "observation_test.moc"
