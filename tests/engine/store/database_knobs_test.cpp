// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include <sys/resource.h>

#include <QTemporaryDir>
#include <QtTest>
#include <atomic>
#include <cmath>
#include <csignal>
#include <random>
#include <thread>

#include "engine/base/format.h"
#include "engine/store/database.h"
#include "engine/store/knob_safety.h"

using namespace nodetune;

namespace {

std::unique_ptr<Database> must_open(const std::string& path, const DatabaseConfig& config) {
  auto opened = Database::open(path, config, SystemClock::instance());
  if (!opened) qFatal("open: %s", opened.status().message().c_str());
  return *std::move(opened);
}

DatabaseConfig fresh() {
  DatabaseConfig config;
  config.create_if_missing = true;
  return config;
}

// A sync of what was not logged is a flush.
void put_keys(Database& database, int from, int count, Durability durability = Durability::log) {
  std::vector<WriteOperation> puts;
  for (int number = from; number < from + count; ++number) {
    puts.push_back(
        WriteOperation::put(Family::storage, std::to_string(number), std::string(50, 'v')));
  }
  if (const auto status = database.write(puts, durability); !status)
    qFatal("%s", status.message().c_str());
}

struct Bad {
  Knob knob;
  std::int64_t value;
};

}  // namespace

class DatabaseKnobsTest : public QObject {
  Q_OBJECT

 private:
  // In memory where there is such a place: these tests sync a great many files.
  QTemporaryDir dir_{QDir("/dev/shm").exists() ? "/dev/shm/nodetune-XXXXXX"
                                               : QDir::tempPath() + "/nodetune-XXXXXX"};
  int count_ = 0;
  std::string new_path() { return dir_.filePath(QString::number(++count_)).toStdString(); }

 private slots:
  void each_knob_is_read_back_and_survives_a_reopen() {
    const auto path = new_path();
    KnobValues wanted;
    wanted[Knob::write_buffer_size] = 3 * kMiB;
    wanted[Knob::max_write_buffer_number] = 5;
    wanted[Knob::target_file_size_base] = 7 * kMiB;
    wanted[Knob::level0_file_num_compaction_trigger] = 30;  // above the default slowdown trigger
    wanted[Knob::max_background_jobs] = 3;
    wanted[Knob::compression] = static_cast<std::int64_t>(Compression::zstd);
    wanted[Knob::block_cache_size] = 9 * kMiB;
    wanted[Knob::bloom_bits_per_key] = 13;
    {
      const auto database = must_open(path, fresh());
      QVERIFY(*database->knobs() == KnobValues::defaults());
      for (const auto knob : kKnobs) {
        const auto status = database->set_knob(knob, wanted[knob]);
        QVERIFY2(status, status.message().c_str());
        QCOMPARE((*database->knobs())[knob], wanted[knob]);
      }
      put_keys(*database, 0, 1'000);
      QVERIFY(database->save_knobs(wanted));
    }
    const auto database = must_open(path, {});
    QVERIFY(*database->knobs() == wanted);
    QVERIFY(database->get(Family::storage, "999")->has_value());
  }

  void a_knob_that_was_not_saved_is_gone_after_a_reopen() {
    const auto path = new_path();
    {
      const auto database = must_open(path, fresh());
      QVERIFY(database->set_knob(Knob::max_background_jobs, 4));
    }
    QVERIFY(*must_open(path, {})->knobs() == KnobValues::defaults());
  }

  void every_compression_can_be_chosen() {
    const auto database = must_open(new_path(), fresh());
    for (const auto compression : kCompressions) {
      const auto status =
          database->set_knob(Knob::compression, static_cast<std::int64_t>(compression));
      QVERIFY2(status, status.message().c_str());
      QCOMPARE(database->knobs()->compression(), compression);
    }
  }

  // reference: SetOptions does not sanitise; each of these aborts, hangs or reads back otherwise.
  void what_makes_rocksdb_abort_or_hang_is_refused() {
    const auto path = new_path();
    const auto database = must_open(path, fresh());
    for (const auto& bad : {Bad{Knob::write_buffer_size, 0},
                            {Knob::write_buffer_size, 1'024},
                            {Knob::write_buffer_size, 64 * kKiB - 1},
                            {Knob::write_buffer_size, -1},
                            {Knob::max_write_buffer_number, 0},
                            {Knob::max_write_buffer_number, -3},
                            {Knob::max_write_buffer_number, 1},
                            {Knob::target_file_size_base, 0},
                            {Knob::target_file_size_base, -1},
                            {Knob::level0_file_num_compaction_trigger, 0},
                            {Knob::level0_file_num_compaction_trigger, -1},
                            {Knob::level0_file_num_compaction_trigger, INT64_MAX},
                            {Knob::max_background_jobs, 0},
                            {Knob::max_background_jobs, -1},
                            {Knob::max_background_jobs, 100'000},
                            {Knob::compression, -1},
                            {Knob::compression, 5},
                            {Knob::compression, 255},  // kDisableCompressionOption
                            {Knob::block_cache_size, -1},
                            {Knob::bloom_bits_per_key, -1},
                            {Knob::bloom_bits_per_key, 101}}) {
      const auto status = database->set_knob(bad.knob, bad.value);
      QVERIFY2(status.code() == StatusCode::invalid_argument,
               (std::string(to_string(bad.knob)) + " " + std::to_string(bad.value)).c_str());
      auto values = KnobValues::defaults();
      values[bad.knob] = bad.value;
      QCOMPARE(database->save_knobs(values).code(), StatusCode::invalid_argument);
      auto config = fresh();
      config.knobs = values;
      QVERIFY(!Database::open(new_path(), config, SystemClock::instance()));
    }
    QVERIFY(*database->knobs() == KnobValues::defaults());
    put_keys(*database, 0, 10);
  }

  void a_knob_that_cannot_be_set_leaves_the_old_value_in_force() {
    const auto path = new_path();
    {
      const auto database = must_open(path, fresh());
      put_keys(*database, 0, 100);
      // No file may grow: neither MANIFEST nor OPTIONS can be written.
      const auto old_handler = std::signal(SIGXFSZ, SIG_IGN);
      struct rlimit before = {};
      QVERIFY(::getrlimit(RLIMIT_FSIZE, &before) == 0);
      auto none = before;
      none.rlim_cur = 1;
      QVERIFY(::setrlimit(RLIMIT_FSIZE, &none) == 0);
      const auto status = database->set_knob(Knob::write_buffer_size, 1 * kMiB);
      auto changed = KnobValues::defaults();
      changed[Knob::write_buffer_size] = 1 * kMiB;
      const auto saved = database->save_knobs(changed);
      QVERIFY(::setrlimit(RLIMIT_FSIZE, &before) == 0);
      std::signal(SIGXFSZ, old_handler);
      QVERIFY(!status);
      QVERIFY(!saved);
      QVERIFY2(*database->knobs() == KnobValues::defaults(), status.message().c_str());
    }
    const auto database = must_open(path, {});  // NODETUNE.json is the old one, whole
    QVERIFY(*database->knobs() == KnobValues::defaults());
    QVERIFY(database->get(Family::storage, "99")->has_value());
    const auto status = database->set_knob(Knob::write_buffer_size, 1 * kMiB);
    QVERIFY2(status, status.message().c_str());
  }

  // The values that the facts call deadly without the options that move along.
  void small_memtables_and_high_triggers_work_while_writes_run() {
    const auto path = new_path();
    {
      const auto database = must_open(path, fresh());
      std::atomic<bool> stop = false;
      std::thread writer([&] {
        for (int round = 0; !stop; ++round) put_keys(*database, round % 50 * 200, 200);
      });
      for (const std::int64_t bytes : {420'000L, 64 * kKiB, 100'000L, 32 * kMiB, 64 * kKiB}) {
        const auto status = database->set_knob(Knob::write_buffer_size, bytes);
        QVERIFY2(status, status.message().c_str());
      }
      for (const std::int64_t trigger : {21, 1'000, 1, 40, 2}) {
        QVERIFY(database->set_knob(Knob::level0_file_num_compaction_trigger, trigger));
      }
      for (const std::int64_t bytes : {64 * kKiB, 1'000'001L}) {
        QVERIFY(database->set_knob(Knob::target_file_size_base, bytes));
        QVERIFY(database->set_knob(Knob::block_cache_size, bytes));
      }
      QVERIFY(database->set_knob(Knob::max_write_buffer_number, 2));
      stop = true;
      writer.join();
      QVERIFY(database->save_knobs(*database->knobs()));
    }
    const auto database = must_open(path, {});
    QCOMPARE((*database->knobs())[Knob::write_buffer_size], 64 * kKiB);
    put_keys(*database, 0, 5'000);
  }

  void random_safe_values_never_harm_a_database_under_writes() {
    const auto seed = std::random_device()();
    qInfo("seed %u", seed);
    std::mt19937_64 random(seed);
    const auto path = new_path();
    const auto database = must_open(path, fresh());
    for (int round = 0; round < 25; ++round) {
      const auto knob = kKnobs[random() % kKnobCount];
      const auto limits = safe_limits(knob);
      // Memory is the tuner's to watch: the ceiling here is what a test may take.
      const auto ceiling = std::min(limits.max, limits.min < 1'000 ? limits.max : 8 * kMiB);
      std::uniform_int_distribution<std::int64_t> among(limits.min, ceiling);
      const auto value = among(random);
      const auto status = database->set_knob(knob, value);
      QVERIFY2(status, status.message().c_str());
      put_keys(*database, round * 500, 500);
      QCOMPARE((*database->knobs())[knob], value);
    }
    QVERIFY(database->sync());
  }

  void bloom_bits_change_in_new_files_only_by_the_knob() {
    const auto path = new_path();
    {
      auto config = fresh();  // a compaction would write all files anew, by the last setting
      config.knobs[Knob::level0_file_num_compaction_trigger] = 20;
      const auto database = must_open(path, config);
      QVERIFY(std::isnan(database->newest_filter_bits_per_key()));
      int from = 0;
      for (const int bits : {5, 16, 10}) {
        QVERIFY(database->set_knob(Knob::bloom_bits_per_key, bits));
        put_keys(*database, from, 5'000, Durability::none);
        from += 5'000;
        QVERIFY(database->sync());
        const double measured = database->newest_filter_bits_per_key();
        QVERIFY2(std::abs(measured - bits) < 0.3, std::to_string(measured).c_str());
      }
      QVERIFY(database->set_knob(Knob::bloom_bits_per_key, 0));
      put_keys(*database, from, 5'000, Durability::none);
      QVERIFY(database->sync());
      QVERIFY(std::isnan(database->newest_filter_bits_per_key()));
    }
    // A filter written with one setting serves under every other.
    const auto database = must_open(path, {});
    for (int number = 0; number < 20'000; number += 7) {
      QVERIFY(database->get(Family::storage, std::to_string(number))->has_value());
    }
    Snapshot snapshot;
    database->fill(snapshot);
    QVERIFY(snapshot.value(Metric::db_bloom_full_positive_total) > 0);
  }

  void a_smaller_block_cache_gives_its_memory_back_at_once() {
    const auto database = must_open(new_path(), fresh());
    put_keys(*database, 0, 50'000, Durability::none);
    QVERIFY(database->sync());
    for (int number = 0; number < 50'000; number += 3) {
      QVERIFY(database->get(Family::storage, std::to_string(number))->has_value());
    }
    Snapshot before;
    database->fill(before);
    QVERIFY(before.value(Metric::db_block_cache_usage_bytes) > 512 * 1024);
    QVERIFY(database->set_knob(Knob::block_cache_size, 64 * kKiB));
    Snapshot after;
    database->fill(after);
    QCOMPARE(after.value(Metric::db_block_cache_capacity_bytes), 64.0 * 1024);
    QVERIFY(after.value(Metric::db_block_cache_usage_bytes) <
            before.value(Metric::db_block_cache_usage_bytes) / 2);
  }
};

QTEST_GUILESS_MAIN(DatabaseKnobsTest)
#include "database_knobs_test.moc"
