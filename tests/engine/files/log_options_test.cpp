// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/files/log_options.h"

#include <QtTest>

#include "tests/engine/files/test_files.h"

using namespace nodetune;
using namespace nodetune::testing;

namespace {

std::string line(const std::string& text) {
  return "2024/11/10-10:23:09.139440 7f01 " + text + "\n";
}

}  // namespace

class LogOptionsTest : public QObject {
  Q_OBJECT

 private slots:
  void sections_follow_the_families() {
    const auto read = parse_log_options(
        line("RocksDB version: 8.3.2") + line("       Options.max_background_jobs: 6") +
        line("[/cf.cc:6] --------------- Options for column family [default]:") +
        line("   Options.compression: LZ4") + line("   Options.table_factory: BlockBasedTable") +
        line("  table_factory options:   cache_index_and_filter_blocks: 0\n  filter_policy: "
             "bloomfilter:10:false\n  block_cache_options:\n    capacity : 134217728") +
        line("[/cf.cc:6] --------------- Options for column family [a]\n[b]:") +
        line("   Options.write_buffer_size: 1048576"));
    QVERIFY(read);
    QCOMPARE(read->rocksdb_version, std::string("8.3.2"));
    QCOMPARE(read->column_families.size(), std::size_t{2});
    QCOMPARE(read->column_families[1].name, std::string("a]\n[b"));
    QCOMPARE(read->column_families[0].table_factory, std::string("BlockBasedTable"));
    const auto knobs = observed_knobs(*read);
    QCOMPARE(knobs[0].compression, std::optional<std::string>("kLZ4Compression"));
    QCOMPARE(knobs[0].bloom_bits_per_key, std::optional<double>(10));
    QCOMPARE(knobs[1].max_background_jobs, std::optional<std::int64_t>(6));
    QCOMPARE(knobs[1].write_buffer_size_bytes, std::optional<std::int64_t>(1 << 20));
    QVERIFY(!knobs[0].write_buffer_size_bytes);
  }

  void the_last_open_counts() {
    const auto read =
        parse_log_options(line("RocksDB version: 7.0.0") + line("Options.max_background_jobs: 2") +
                          line("RocksDB version: 8.0.0") + line("Options.max_background_jobs: 4"));
    QVERIFY(read);
    QCOMPARE(read->rocksdb_version, std::string("8.0.0"));
    QCOMPARE(find_option_integer(read->db_options, "max_background_jobs"),
             std::optional<std::int64_t>(4));
  }

  void text_without_options_gives_nothing() {
    QVERIFY(!parse_log_options(""));
    QVERIFY(!parse_log_options("Options.max_background_jobs: 2\n"));  // no record
    QVERIFY(!parse_log_options(line("RocksDB version: 8.3.2")));
    QVERIFY(!read_log_options("/nonexistent/LOG"));
  }

  // An independent source: the OPTIONS file that the same open wrote.
  void the_validators_log_agrees_with_its_options_file() {
    const auto folder = data_root() + "/rocksdb-logs/besu/caliper-node-2";
    if (!QDir(folder).exists()) QSKIP("the validators' LOGs are not present");
    const auto logged = read_log_options((folder + "/LOG").toStdString());
    const auto stored = read_newest_options(folder.toStdString());
    QVERIFY(logged);
    QVERIFY(stored);
    QCOMPARE(logged->rocksdb_version, stored->rocksdb_version);
    QCOMPARE(logged->column_families.size(), std::size_t{10});  // RocksDB lists no more
    QCOMPARE(stored->column_families.size(), std::size_t{16});
    const auto mine = observed_knobs(*logged);
    const auto theirs = observed_knobs(*stored);
    for (std::size_t i = 0; i < mine.size(); ++i) {
      QCOMPARE(mine[i].column_family, theirs[i].column_family);
      QCOMPARE(mine[i].write_buffer_size_bytes, theirs[i].write_buffer_size_bytes);
      QCOMPARE(mine[i].max_write_buffer_number, theirs[i].max_write_buffer_number);
      QCOMPARE(mine[i].target_file_size_base_bytes, theirs[i].target_file_size_base_bytes);
      QCOMPARE(mine[i].level0_file_num_compaction_trigger,
               theirs[i].level0_file_num_compaction_trigger);
      QCOMPARE(mine[i].max_background_jobs, theirs[i].max_background_jobs);
      QCOMPARE(mine[i].compression, theirs[i].compression);
    }
  }

  void mutations_never_crash() {
    const auto seed = QRandomGenerator::global()->generate();
    qInfo("seed %u", seed);
    std::mt19937_64 random(seed);
    const auto whole = line("RocksDB version: 8.3.2") + line("Options.max_background_jobs: 2") +
                       line("--------------- Options for column family [default]:") +
                       line("table_factory options:   index_type: 0\n  filter_policy: nullptr");
    for (int i = 0; i < 2'000; ++i) (void)parse_log_options(mutate(whole, random));
  }
};

QTEST_APPLESS_MAIN(LogOptionsTest)
#include "log_options_test.moc"
