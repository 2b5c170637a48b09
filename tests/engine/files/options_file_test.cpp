// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/files/options_file.h"

#include <sys/stat.h>

#include <QTemporaryDir>
#include <QtTest>

#include "test_files.h"

using namespace nodetune;
using namespace nodetune::testing;

class OptionsFileTest : public QObject {
  Q_OBJECT
 private slots:
  void a_real_besu_node_shows_its_families_and_knobs() {
    const auto path = data_root() + "/rocksdb-dirs/besu-ehr-single/database";
    if (!QDir(path).exists()) QSKIP("besu-ehr-single not present");
    const auto options = read_newest_options(path.toStdString());
    QVERIFY2(options.is_ok(), options.status().message().c_str());
    QVERIFY(options->path.ends_with("/OPTIONS-000060"));
    QCOMPARE(options->rocksdb_version, std::string("8.3.2"));
    QCOMPARE(find_option_integer(options->db_options, "max_open_files").value(), 1024);
    std::string names;
    for (const auto& family : options->column_families) {
      names += family.name == "default" ? "D" : family.name;
      QCOMPARE(family.table_factory, std::string("BlockBasedTable"));
    }
    QCOMPARE(names, std::string("D\x01\x03\x04\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\x10\x11"));

    const auto all = observed_knobs(*options);
    QCOMPARE(all.size(), std::size_t{16});
    for (const auto& knobs : all) {
      QCOMPARE(knobs.write_buffer_size_bytes.value(), 67'108'864);
      QCOMPARE(knobs.max_write_buffer_number.value(), 2);
      QCOMPARE(knobs.target_file_size_base_bytes.value(), 67'108'864);
      QCOMPARE(knobs.level0_file_num_compaction_trigger.value(), 4);
      QCOMPARE(knobs.max_background_jobs.value(), 2);
      QCOMPARE(knobs.compression.value(), std::string("kLZ4Compression"));
      QCOMPARE(knobs.bottommost_compression.value(), std::string("kDisableCompressionOption"));
      QVERIFY(!knobs.block_cache_bytes);
      QCOMPARE(knobs.bloom_bits_per_key.value(), 10.0);
    }
  }

  // Every "key=value" line of every real file must be found again under its section.
  void nothing_of_a_real_file_is_lost() {
    auto files = real_files("rocksdb-dirs", {"OPTIONS-*"});
    files += real_files("rocksdb-logs", {"OPTIONS-*", "*options*.ini"});
    if (files.isEmpty()) QSKIP("OPTIONS files not present");
    for (const auto& path : files) {
      const auto options = read_options_file(path.toStdString());
      QVERIFY2(options.is_ok(), qPrintable(path));
      std::size_t parsed = options->version.size() + options->db_options.size();
      for (const auto& family : options->column_families) {
        parsed += family.options.size() + family.table_options.size();
      }
      std::size_t written = 0;
      for (auto line : QString::fromLatin1(read_bytes(path).c_str()).split('\n')) {
        line = line.trimmed();
        written += !line.startsWith('#') && !line.startsWith('[') && line.contains('=') ? 1 : 0;
      }
      QVERIFY2(written > 5, qPrintable(path));
      QCOMPARE(parsed + options->other.size(), written);
    }
  }

  void names_are_unescaped() {
    const auto options = parse_options(
        "[Version]\n rocksdb_version=9.0.0\n"
        "[CFOptions \"a\\#b\\:c\\\\d\\n\\r\\\"]\\\"\"]\n  write_buffer_size=1\n"
        "[TableOptions/PlainTable \"a\\#b\\:c\\\\d\\n\\r\\\"]\\\"\"]\n user_key_len=0 # comment\n",
        "test");
    QCOMPARE(options->column_families.size(), std::size_t{1});
    const auto& family = options->column_families[0];
    QCOMPARE(family.name, std::string("a#b:c\\d\n\r\"]\""));
    QCOMPARE(family.table_factory, std::string("PlainTable"));
    QCOMPARE(find_option(family.table_options, "user_key_len").value(), std::string("0"));
    QVERIFY(options->find_column_family("a#b:c\\d\n\r\"]\"") == &family);
    QVERIFY(options->find_column_family("default") == nullptr);
  }

  void what_a_file_does_not_say_stays_missing() {
    const auto options = parse_options("[CFOptions \"default\"]\nwrite_buffer_size=big\n", "test");
    const auto knobs = observed_knobs(*options).at(0);
    QVERIFY(!knobs.write_buffer_size_bytes);
    QVERIFY(!knobs.max_background_jobs);
    QVERIFY(!knobs.compression);
    QVERIFY(!knobs.bloom_bits_per_key);
    QCOMPARE(options->rocksdb_version, std::string());
  }

  void bloom_bits_are_read_in_every_spelling() {
    const std::pair<const char*, std::optional<double>> spellings[] = {
        {"bloomfilter:10:false", 10.0},
        {"rocksdb.BloomFilter:12", 12.0},
        {"bloomfilter:9.9:true", 9.9},
        {"ribbonfilter:8:-1", 8.0},
        {"{id=bloomfilter:7:false;bloom_before_level=0;}", 7.0},
        {"nullptr", 0.0},
        {"rocksdb.BuiltinBloomFilter", std::nullopt},
        {"bloomfilter:", std::nullopt},
        {"bloomfilter:-3:false", std::nullopt},
        {"bloomfilter:nan", std::nullopt},
        {"", std::nullopt},
    };
    for (const auto& [text, bits] : spellings) QVERIFY2(bloom_bits_of(text) == bits, text);
  }

  void the_newest_file_counts() {
    QTemporaryDir folder;
    write_file(folder.filePath("OPTIONS-000099"), "[Version]\nrocksdb_version=1.0.0\n");
    write_file(folder.filePath("OPTIONS-000100"), "[Version]\nrocksdb_version=2.0.0\n");
    write_file(folder.filePath("OPTIONS-000101.dbtmp"), "[Version]\nrocksdb_version=3.0.0\n");
    const auto options = read_newest_options(folder.path().toStdString());
    QCOMPARE(options->rocksdb_version, std::string("2.0.0"));
  }

  void what_is_no_options_file_is_an_error() {
    QTemporaryDir folder;
    const auto path = folder.path().toStdString();
    QCOMPARE(read_newest_options(path).status().code(), StatusCode::not_found);
    QCOMPARE(::mkfifo((path + "/OPTIONS-000001").c_str(), 0600), 0);
    QVERIFY(!read_newest_options(path));
    QVERIFY(!read_options_file(path + "/OPTIONS-000001"));
    QCOMPARE(parse_options("no section = here", "x").status().code(), StatusCode::not_a_database);
    // A line of noise that happens to stand in brackets.
    QCOMPARE(parse_options("[\xfe\x01]\nx=y", "x").status().code(), StatusCode::not_a_database);
    QCOMPARE(parse_options("[Version]\n pebble_version=0.1\n", "x").status().code(),
             StatusCode::other_engine);
  }

  // As many as a file of the allowed size holds: looking each up among all would take hours.
  void a_file_of_nothing_but_families_is_read() {
    std::string text;
    for (int i = 0; i < 400'000; ++i) {
      text += "[CFOptions \"" + std::to_string(i) + "\"]\na=1\n";
    }
    text += "[CFOptions \"3\"]\nb=2\n";
    const auto options = parse_options(text, "x");
    QCOMPARE(options->column_families.size(), std::size_t{20'000});
    QCOMPARE(options->find_column_family("3")->options.size(), std::size_t{2});
    QVERIFY(options->find_column_family("20000") == nullptr);
  }

  void mutations_never_crash() {
    const auto files = real_files("rocksdb-dirs", {"OPTIONS-*"});
    if (files.isEmpty()) QSKIP("rocksdb-dirs not present");
    const auto seed = std::random_device{}();
    qInfo("seed %u", seed);
    std::mt19937_64 random(seed);
    std::size_t families = 0;
    for (int round = 0; round < 300; ++round) {
      const auto bytes = mutate(
          read_bytes(files[static_cast<int>(random() % static_cast<std::size_t>(files.size()))]),
          random);
      if (const auto options = parse_options(bytes, "x")) {
        families += observed_knobs(*options).size();
      }
    }
    QVERIFY(families > 0);
  }
};

QTEST_APPLESS_MAIN(OptionsFileTest)
#include "options_file_test.moc"
