// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include <QTemporaryDir>
#include <QtTest>
#include <algorithm>
#include <clocale>
#include <cmath>

#include "engine/base/format.h"
#include "engine/store/database.h"
#include "tests/engine/store/faulty_file_system.h"

using namespace nodetune;
using namespace nodetune::testing;

namespace {

DatabaseConfig tiny() {
  DatabaseConfig config;
  config.create_if_missing = true;
  config.knobs[Knob::write_buffer_size] = 64 * kKiB;
  config.knobs[Knob::target_file_size_base] = 64 * kKiB;
  config.knobs[Knob::compression] = static_cast<std::int64_t>(Compression::none);
  return config;
}

std::unique_ptr<Database> must_open(const std::string& path, const DatabaseConfig& config) {
  auto opened = Database::open(path, config, SystemClock::instance());
  if (!opened) qFatal("open: %s", opened.status().message().c_str());
  return *std::move(opened);
}

std::string key_of(int number) {
  return QString("key%1").arg(number, 8, 10, QChar('0')).toStdString();
}

void put_many(Database& database, Family family, int count, std::size_t value_bytes) {
  for (int number = 0; number < count; ++number) {
    const auto status = database.write(
        std::vector{WriteOperation::put(family, key_of(number), std::string(value_bytes, 'v'))},
        Durability::log);
    if (!status) qFatal("write: %s", status.message().c_str());
  }
}

Snapshot figures(const Database& database) {
  Snapshot snapshot;
  database.fill(snapshot);
  return snapshot;
}

bool has(const std::vector<DatabaseEvent>& events, DatabaseEvent::Type type) {
  return std::any_of(events.begin(), events.end(),
                     [type](const DatabaseEvent& event) { return event.type == type; });
}

}  // namespace

class DatabaseFiguresTest : public QObject {
  Q_OBJECT

 private:
  // In memory where there is such a place: these tests sync a great many files.
  QTemporaryDir dir_{QDir("/dev/shm").exists() ? "/dev/shm/nodetune-XXXXXX"
                                               : QDir::tempPath() + "/nodetune-XXXXXX"};
  int count_ = 0;
  std::string new_path() { return dir_.filePath(QString::number(++count_)).toStdString(); }

 private slots:
  void a_known_workload_shows_in_the_figures() {
    const auto database = must_open(new_path(), tiny());
    put_many(*database, Family::storage, 5'000, 200);
    for (int number = 0; number < 500; ++number) {
      QVERIFY(database->get(Family::storage, key_of(number))->has_value());
      QVERIFY(!database->get(Family::storage, key_of(number) + "absent")->has_value());
    }
    const std::vector<ReadKey> keys(10, ReadKey{Family::storage, "key00000001"});
    QVERIFY(database->multi_get(keys));
    const auto snapshot = figures(*database);

    const double payload = 5'000 * (200 + 11);
    QVERIFY(snapshot.value(Metric::db_bytes_written_total) >= payload);
    QVERIFY(snapshot.value(Metric::db_bytes_written_total) < 1.5 * payload);
    QVERIFY(snapshot.value(Metric::db_wal_bytes_total) >= payload);
    QVERIFY(snapshot.value(Metric::db_bytes_read_total) >= 500 * 200);
    QVERIFY(snapshot.value(Metric::db_flushes_total) >= 5);
    QVERIFY(snapshot.value(Metric::db_flush_bytes_total) > payload / 2);
    QVERIFY(snapshot.value(Metric::db_sst_files) > 0);
    QVERIFY(snapshot.value(Metric::db_sst_bytes) > payload / 2);
    QVERIFY(snapshot.value(Metric::db_memtable_bytes) > 0);
    QVERIFY(snapshot.value(Metric::db_block_cache_hits_total) > 0);
    QVERIFY(snapshot.value(Metric::db_block_cache_misses_total) > 0);
    QVERIFY(snapshot.value(Metric::db_bloom_useful_total) > 0);
    QCOMPARE(snapshot.value(Metric::db_block_cache_capacity_bytes), 256.0 * kMiB);
    QCOMPARE(snapshot.value(Metric::db_write_stopped), 0.0);
    QCOMPARE(snapshot.totals.at(Metric::db_get_seconds).count, std::uint64_t{1'000});
    QCOMPARE(snapshot.totals.at(Metric::db_multi_get_seconds).count, std::uint64_t{1});
    QCOMPARE(snapshot.totals.at(Metric::db_write_seconds).count, std::uint64_t{5'000});
    for (const auto metric :
         {Metric::db_running_compactions, Metric::db_running_flushes, Metric::db_l0_files,
          Metric::db_pending_compaction_bytes, Metric::db_immutable_memtables,
          Metric::db_compactions_total, Metric::db_compaction_read_bytes_total,
          Metric::db_compaction_write_bytes_total, Metric::db_bloom_full_positive_total,
          Metric::db_bloom_true_positive_total, Metric::db_table_reader_bytes,
          Metric::db_stall_seconds_total, Metric::db_block_cache_usage_bytes}) {
      QVERIFY2(!std::isnan(snapshot.value(metric)), info(metric).name.c_str());
    }
    QVERIFY(std::isnan(snapshot.value(Metric::system_cpu_ratio)));  // not the database's to say
  }

  void families_and_levels_name_what_they_are() {
    const auto database = must_open(new_path(), tiny());
    put_many(*database, Family::receipts, 5'000, 200);
    const auto snapshot = figures(*database);
    QCOMPARE(snapshot.families.size(), kFamilyCount);
    QCOMPARE(snapshot.families.back().name, std::string("nodetune"));
    std::int64_t files = 0;
    std::int64_t bytes = 0;
    for (const auto& level : snapshot.levels) {
      if (level.family != "receipts") continue;
      files += level.files;
      bytes += level.bytes;
      QVERIFY(std::isnan(level.write_amplification) || level.write_amplification > 0);
    }
    const auto& receipts = snapshot.families[index_of(Family::receipts)];
    QCOMPARE(receipts.name, std::string("receipts"));
    QCOMPARE(receipts.files, files);
    QCOMPARE(receipts.bytes, bytes);
    QVERIFY(receipts.bytes > 0);
    QVERIFY(receipts.estimated_keys > 1'000);
    QCOMPARE(snapshot.families[index_of(Family::blocks)].files, std::int64_t{0});
  }

  void stalls_are_counted_by_cause() {
    auto config = tiny();
    config.knobs[Knob::max_write_buffer_number] = 2;
    const auto files = std::make_shared<FaultyFileSystem>();
    files->break_files(Fault::slow_sync, ".sst");  // no flush is quicker than a writer
    config.file_system = files;
    const auto database = must_open(new_path(), config);
    put_many(*database, Family::storage, 20'000, 400);  // 8 MiB through memtables of 64 KiB
    const auto snapshot = figures(*database);
    QCOMPARE(snapshot.stalls.size(), std::size_t{6});
    const auto stopped = snapshot.value(Metric::db_stalls_memtable_stop_total);
    QVERIFY2(stopped > 0, "two tiny memtables did not stop a writer");
    for (const auto& stall : snapshot.stalls) {
      if (stall.cause == StallCause::memtables && stall.stopped) {
        QCOMPARE(static_cast<double>(stall.count), stopped);
      }
      if (stall.cause == StallCause::pending_compaction_bytes)
        QCOMPARE(stall.count, std::uint64_t{0});
    }
    QVERIFY(snapshot.value(Metric::db_stall_seconds_total) > 0);
    QVERIFY(has(database->take_events(), DatabaseEvent::Type::stall_begin));
  }

  void figures_survive_a_locale_with_a_decimal_comma() {
    const char* const found = [] {
      for (const char* name : {"de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8"}) {
        if (std::setlocale(LC_NUMERIC, name) != nullptr) return name;
      }
      return static_cast<const char*>(nullptr);
    }();
    if (found == nullptr) QSKIP("no locale with a decimal comma is installed");
    const auto database = must_open(new_path(), tiny());
    put_many(*database, Family::storage, 2'000, 200);
    const auto snapshot = figures(*database);
    std::setlocale(LC_NUMERIC, "C");
    QVERIFY(snapshot.value(Metric::db_sst_bytes) > 100'000);
  }

  void events_tell_of_flushes_tables_and_compactions() {
    const auto database = must_open(new_path(), tiny());
    put_many(*database, Family::storage, 20'000, 200);
    std::vector<DatabaseEvent> events;
    QTRY_VERIFY_WITH_TIMEOUT(
        [&] {
          for (auto& event : database->take_events()) events.push_back(std::move(event));
          return has(events, DatabaseEvent::Type::compaction);
        }(),
        10'000);
    QVERIFY(has(events, DatabaseEvent::Type::flush));
    QVERIFY(has(events, DatabaseEvent::Type::table_created));
    QVERIFY(!has(events, DatabaseEvent::Type::background_error));
    for (const auto& event : events) {
      QVERIFY(!event.text.empty());
      QVERIFY(event.time > TimePoint());
      if (event.type == DatabaseEvent::Type::flush) QVERIFY(event.output_bytes > 0);
    }
    QVERIFY(database->background_error());
  }
};

QTEST_GUILESS_MAIN(DatabaseFiguresTest)
#include "database_figures_test.moc"
