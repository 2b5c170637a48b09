// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
//
// Defaults of every release, and what became of options from open to open.
#include "engine/observe/option_history.h"

#include <QTemporaryDir>
#include <QtTest>
#include <map>
#include <set>

#include "engine/files/log_options.h"
#include "engine/files/log_settings.h"
#include "engine/observe/rocksdb_defaults.h"
#include "tests/engine/files/test_files.h"

using namespace nodetune;
using namespace nodetune::testing;

namespace {

constexpr std::string_view kTable = "TableOptions/BlockBasedTable \"default\"";

// What the program that wrote a LOG has set. The one of 10.5.1 has no Snappy: its default is no
// compression. Those below were written by a program that sets nothing.
constexpr std::pair<const char*, const char*> kDiffering[] = {
    {"generated/LOG.sample-6.17.3",
     "create_if_missing filter_policy max_log_file_size max_open_files "
     "paranoid_checks write_buffer_size"},
    {"generated/LOG.sample",
     "bytes_per_sync cache_index_and_filter_blocks compression create_if_missing "
     "create_missing_column_families delayed_write_rate filter_policy "
     "hard_pending_compaction_bytes_limit level0_file_num_compaction_trigger "
     "level0_slowdown_writes_trigger level0_stop_writes_trigger "
     "max_bytes_for_level_base report_bg_io_stats soft_pending_compaction_bytes_limit "
     "stats_dump_period_sec stats_persist_period_sec target_file_size_base "
     "write_buffer_size"},
    {"generated/LOG.sample-8.3.2",
     "avoid_unnecessary_blocking_io cache_index_and_filter_blocks capacity "
     "compression_opts.max_dict_bytes compression_opts.zstd_max_train_bytes "
     "create_if_missing create_missing_column_families enable_pipelined_write "
     "filter_policy level0_file_num_compaction_trigger max_background_jobs "
     "max_bytes_for_level_base max_write_buffer_number "
     "min_write_buffer_number_to_merge target_file_size_base use_adaptive_mutex "
     "write_dbid_to_manifest"},
    {"generated/LOG.sample-9.7.4",
     "avoid_unnecessary_blocking_io capacity compression_opts.max_dict_bytes "
     "compression_opts.zstd_max_train_bytes create_if_missing "
     "create_missing_column_families filter_policy level0_file_num_compaction_trigger "
     "max_background_jobs max_bytes_for_level_base max_write_buffer_number "
     "min_write_buffer_number_to_merge target_file_size_base write_buffer_size"},
    {"generated/LOG.sample-10.5.1",
     "blob_file_size block_size bytes_per_sync cache_index_and_filter_blocks "
     "compression create_if_missing create_missing_column_families "
     "enable_blob_garbage_collection filter_policy format_version "
     "max_file_opening_threads write_buffer_size"},
    {"generated/LOG.sample-11.8.1",
     "atomic_flush blob_compression_type create_if_missing "
     "create_missing_column_families disable_auto_compactions enable_blob_files "
     "enable_blob_garbage_collection keep_log_file_num max_background_jobs "
     "max_log_file_size max_open_files max_write_buffer_number "
     "max_write_buffer_size_to_maintain min_blob_size write_buffer_size"},
    {"speedb-log-parser/baseline_logs/LOG-rocksdb-6.0.1", ""},
    {"speedb-log-parser/baseline_logs/LOG-rocksdb-6.8.1", ""},
    {"speedb-log-parser/baseline_logs/LOG-rocksdb-6.19.3", ""},
    {"speedb-log-parser/baseline_logs/LOG-rocksdb-6.26.0", ""},
    {"speedb-log-parser/baseline_logs/LOG-rocksdb-7.0.0", ""},
    {"speedb-log-parser/baseline_logs/LOG-rocksdb-7.0.1", ""},
    {"speedb-log-parser/baseline_logs/LOG-rocksdb-7.2.0", ""},
    {"speedb-log-parser/baseline_logs/LOG-rocksdb-7.4.3", ""},
    {"speedb-log-parser/baseline_logs/LOG-rocksdb-7.6.0", ""},
    {"speedb-log-parser/baseline_logs/LOG-rocksdb-7.7.3", ""},
    {"speedb-log-parser/baseline_logs/LOG-rocksdb-7.7.8", ""},
    {"speedb-log-parser/baseline_logs/LOG-rocksdb-7.8.3", ""},
    {"speedb-log-parser/baseline_logs/LOG-rocksdb-7.9.2", ""},
    {"speedb-log-parser/baseline_logs/LOG-rocksdb-8.0.0", ""},
    {"speedb-log-parser/baseline_logs/LOG-rocksdb-8.1.1", ""},
    {"speedb-log-parser/baseline_logs/LOG-rocksdb-8.3.2", ""},
    {"speedb-log-parser/baseline_logs/LOG-rocksdb-8.3.3", ""},
    {"speedb-log-parser/baseline_logs/LOG-rocksdb-8.4.4", ""},
    {"speedb-log-parser/baseline_logs/LOG-rocksdb-8.5.3", ""},
    {"speedb-log-parser/baseline_logs/LOG-rocksdb-8.6.7", ""},
    {"speedb-log-parser/baseline_logs/LOG-rocksdb-8.7.3", ""},
    {"speedb-log-parser/baseline_logs/LOG-rocksdb-8.8.1", ""},
};

QString text_of(const std::optional<std::string>& value) {
  return value ? QString::fromStdString(*value) : QString("nothing");
}

struct Opened {
  int minute = 0;
  const char* version = "8.3.2";
  std::map<std::string, std::string> database = {};
  std::map<std::string, std::string> family = {};  // of `default` and of 0x0A
  bool open = true;                                // false: a file that was rolled over
};

// A LOG as RocksDB begins it.
std::string log_of(const Opened& opened) {
  std::string log;
  const auto add = [&](const std::string& text) {
    log += QString("2024/11/10-10:%1:00.000000 7f01 ")
               .arg(opened.minute, 2, 10, QChar('0'))
               .toStdString() +
           text + "\n";
  };
  add(std::string("RocksDB version: ") + opened.version);
  for (const auto& [name, value] : opened.database) add("  Options." + name + ": " + value);
  if (opened.open) add("[/version_set.cc:1] Recovering from manifest file: MANIFEST-000004");
  for (const char* family : {"default", "\n"}) {
    add(std::string("[/cf.cc:1] --------------- Options for column family [") + family + "]:");
    for (const auto& [name, value] : opened.family) add("  Options." + name + ": " + value);
  }
  if (opened.open) {
    add("[/version_set.cc:1] Recovered from manifest file:/db/MANIFEST-000004 succeeded");
    add("[/cf.cc:1] --------------- Options for column family [later]:");
    add("  Options.write_buffer_size: 1");
  }
  add("[/db_impl.cc:1] something else");
  return log;
}

// A directory as its observer sees it.
struct World {
  QTemporaryDir folder;
  OptionHistory history;

  void write(const QString& name, std::string_view text) {
    write_file(folder.filePath(name), text);
  }
  std::int64_t look(std::int64_t bytes_max = 1 << 30) {
    const auto path = folder.path().toStdString();
    const auto listing = list_database_files(path);
    if (!listing) return -1;
    return history.look({path, {}}, *listing, path, *listing, bytes_max);
  }
  QStringList steps() const {
    QStringList all;
    for (const auto& step : history.log_steps()) all << text(step);
    return all;
  }
  static QString text(const OptionStep& step) {
    const auto& what = step.difference;
    return QString::fromStdString(what.section + " " + what.name + " " + what.before + "->" +
                                  what.after + " " + step.origin);
  }
};

std::string options_file(const char* version, const char* open_files) {
  return std::string("[Version]\n  rocksdb_version=") + version +
         "\n[DBOptions]\n  max_open_files=" + open_files + "\n[CFOptions \"default\"]\n  ttl=0\n";
}

}  // namespace

class OptionHistoryTest : public QObject {
  Q_OBJECT

 private slots:
  void a_default_is_that_of_its_release_data() {
    QTest::addColumn<QString>("version");
    QTest::addColumn<QString>("section");
    QTest::addColumn<QString>("name");
    QTest::addColumn<QString>("value");
    const auto add = [](const char* version, const char* section, const char* name,
                        const char* value) {
      QTest::addRow("%s-%s", version, name) << version << section << name << value;
    };
    constexpr auto kFamily = "CFOptions \"a\"";
    const auto* table = kTable.data();
    add("8.3.3", kFamily, "level_compaction_dynamic_level_bytes", "false");
    add("8.4.0", kFamily, "level_compaction_dynamic_level_bytes", "true");
    add("8.5.4", "DBOptions", "compaction_readahead_size", "0");
    add("8.6.7", "DBOptions", "compaction_readahead_size", "2097152");
    for (const auto& [version, value] : {std::pair{"6.8.1", "2"},
                                         {"6.9.0", "4"},
                                         {"6.18.3", "4"},
                                         {"6.19.3", "5"},
                                         {"8.11.3", "5"},
                                         {"9.0.0", "6"},
                                         {"10.10.1", "6"},
                                         {"10.11.0", "7"},
                                         {"11.8.1", "7"}}) {
      add(version, table, "format_version", value);
    }
    add("8.1.1", table, "capacity", "8388608");
    add("8.2.0", table, "capacity", "nothing");
    add("8.3.2", table, "capacity", "33554432");
    add("7.7.8", table, "checksum", "kCRC32c");
    add("7.8.0", table, "checksum", "kXXH3");
    add("8.11.3", table, "optimize_filters_for_memory", "false");
    add("9.1.0", table, "optimize_filters_for_memory", "nothing");
    add("9.5.0", table, "optimize_filters_for_memory", "true");
    add("7.2.0", "DBOptions", "verify_sst_unique_id_in_manifest", "nothing");
    add("7.4.3", "DBOptions", "verify_sst_unique_id_in_manifest", "false");
    add("7.7.3", "DBOptions", "verify_sst_unique_id_in_manifest", "true");
    add("6.4.6", kFamily, "ttl", "0");
    add("6.8.1", kFamily, "ttl", "2592000");
    add("5.15.10", kFamily, "compaction_pri", "kByCompensatedSize");
    add("5.15.10", kFamily, "force_consistency_checks", "false");
    add("6.14.5", kFamily, "force_consistency_checks", "true");
    add("5.14.0", "DBOptions", "stats_dump_period_sec", "600");
    add("8.7.3", "DBOptions", "daily_offpeak_time_utc", "nothing");
    add("8.8.1", "DBOptions", "daily_offpeak_time_utc", "");
    add("9.7.4", kFamily, "uncache_aggressiveness", "0");
    add("8.3.2", kFamily, "uncache_aggressiveness", "nothing");
    add("11.1.2", kFamily, "compression", "kSnappyCompression");
    add("11.3.0", kFamily, "compression", "nothing");
    add("7.8.3", kFamily, "compression_opts.level", "32767");
    add("7.8.3", kFamily, "compression_opts.no_such_field", "nothing");
    add("5.13.4", "DBOptions", "max_open_files", "nothing");
    add("12.0.0", "DBOptions", "max_open_files", "nothing");
    add("", "DBOptions", "max_open_files", "nothing");
    add("-8.3", "DBOptions", "max_open_files", "nothing");
  }
  void a_default_is_that_of_its_release() {
    QFETCH(const QString, version);
    QFETCH(const QString, section);
    QFETCH(const QString, name);
    QFETCH(const QString, value);
    QCOMPARE(
        text_of(rocksdb_default(version.toStdString(), section.toStdString(), name.toStdString())),
        value);
  }

  void what_rocksdb_works_out_is_no_difference() {
    const OptionMap options = {{"write_buffer_size", "4194304"},
                               {"target_file_size_base", "524288"}};
    const auto usual = [&](const char* version, const char* name) {
      return text_of(rocksdb_default_among(options, version, "CFOptions \"a\"", name));
    };
    QCOMPARE(usual("6.17.3", "arena_block_size"), QString("524288"));
    QCOMPARE(usual("8.3.2", "max_compaction_bytes"), QString("13107200"));
    const OptionMap large = {{"write_buffer_size", "67108864"}};
    QCOMPARE(text_of(rocksdb_default_among(large, "6.20.0", "CFOptions", "arena_block_size")),
             QString("8388608"));
    QCOMPARE(text_of(rocksdb_default_among(large, "6.21.0", "CFOptions", "arena_block_size")),
             QString("1048576"));
    const OptionMap hostile = {{"target_file_size_base", "9223372036854775807"}};
    QCOMPARE(text_of(rocksdb_default_among(hostile, "8.3.2", "CFOptions", "max_compaction_bytes")),
             QString("1677721600"));
  }

  void one_value_is_written_in_many_ways() {
    QVERIFY(same_option_value("paranoid_checks", "1", "true"));
    QVERIFY(!same_option_value("paranoid_checks", "1", "false"));
    QVERIFY(same_option_value("wal_recovery_mode", "2", "kPointInTimeRecovery"));
    QVERIFY(!same_option_value("wal_recovery_mode", "1", "kPointInTimeRecovery"));
    QVERIFY(same_option_value("blob_compression_type", "NoCompression", "kNoCompression"));
    QVERIFY(same_option_value("merge_operator", "None", "nullptr"));
    QVERIFY(same_option_value("f", "FlushBlockBySizePolicyFactory (0x1f)",
                              "FlushBlockBySizePolicyFactory"));
    QVERIFY(same_option_value("m", "1:{1}:{1}", "1:1:1"));
    QVERIFY(!same_option_value("m", "1:{2}:{1}", "1:1:1"));
    QVERIFY(same_option_value("o", "{a=1;b=true;}", "{b=1;c=7;a=1.0;}"));
  }

  void logs_of_many_releases_differ_where_they_were_set_data() {
    QTest::addColumn<QString>("file");
    QTest::addColumn<QString>("names");
    for (const auto& [file, names] : kDiffering)
      QTest::newRow(file) << QString(file) << QString(names);
  }
  void logs_of_many_releases_differ_where_they_were_set() {
    QFETCH(const QString, file);
    QFETCH(const QString, names);
    const auto path = data_root() + "/rocksdb-logs/" + file;
    if (!QFile::exists(path)) QSKIP("the real LOG files are not present");
    const auto options = read_log_options(path.toStdString());
    QVERIFY(options);
    std::set<QString> differing;
    int compared = 0;
    const auto compare = [&](const std::string& section, const OptionMap& values) {
      for (const auto& [name, value] : values) {
        const auto usual = rocksdb_default_among(values, options->rocksdb_version, section, name);
        compared += usual ? 1 : 0;
        if (usual && !same_option_value(name, value, *usual)) {
          differing.insert(QString::fromStdString(name));
        }
      }
    };
    compare("DBOptions", options->db_options);
    for (const auto& family : options->column_families) {
      compare("CFOptions", family.options);
      compare("TableOptions/" + family.table_factory, family.table_options);
    }
    QStringList all;
    for (const auto& name : differing) all << name;
    QCOMPARE(all.join(' '), names);
    QVERIFY2(compared > 100, qPrintable(QString::number(compared)));
  }

  void three_opens_tell_two_changes() {
    World world;
    world.write("LOG.old.1", log_of({1, "8.3.2", {{"max_open_files", "512"}}, {{"ttl", "0"}}}));
    world.write("LOG.old.2", log_of({2, "8.3.2", {{"max_open_files", "1024"}}, {{"ttl", "0"}}}));
    world.write("LOG", log_of({3, "8.3.2", {{"max_open_files", "1024"}}, {{"ttl", "60"}}}));
    QVERIFY(world.look() > 0);
    QVERIFY(world.history.complete());
    QCOMPARE(world.history.opens(), std::size_t{3});
    QCOMPARE(world.steps(), (QStringList{"CFOptions ttl 0->60 LOG", "CFOptions ttl 0->60 LOG",
                                         "DBOptions max_open_files 512->1024 LOG.old.2"}));
    QCOMPARE(world.history.log_steps()[1].difference.family, std::string("\n"));
    QCOMPARE(world.look(), std::int64_t{0});  // nothing has changed: nothing is read
  }

  void a_restart_under_us_is_one_more_open() {
    World world;
    world.write("LOG", log_of({1, "8.3.2", {{"max_open_files", "512"}}}));
    world.look();
    QFile::rename(world.folder.filePath("LOG"), world.folder.filePath("LOG.old.7"));
    world.write("LOG", "2024/11/10-10:05:00.000000 7f01 RocksDB version: 8.3.2\n");
    world.look();
    QCOMPARE(world.history.opens(), std::size_t{1});  // not open yet
    world.write("LOG", log_of({5, "8.3.2", {{"max_open_files", "1024"}}}));
    world.look();
    QCOMPARE(world.history.opens(), std::size_t{2});
    QCOMPARE(world.steps(), QStringList{"DBOptions max_open_files 512->1024 LOG"});
  }

  void a_file_that_was_rolled_over_is_no_open() {
    World world;
    world.write("LOG.old.1", log_of({1, "8.3.2", {{"max_open_files", "512"}}}));
    world.write("LOG", log_of({2, "8.3.2", {{"max_open_files", "1024"}}, {}, false}));
    world.look();
    QCOMPARE(world.history.opens(), std::size_t{1});
    QVERIFY(world.history.log_steps().empty());
  }

  void names_that_came_with_a_release_are_no_change() {
    World world;
    world.write("LOG.old.1", log_of({1, "8.3.2", {{"max_open_files", "512"}, {"gone", "1"}}}));
    world.write("LOG", log_of({2, "9.7.4", {{"max_open_files", "512"}, {"came", "1"}}}));
    world.look();
    QCOMPARE(world.steps(), QStringList{"Version rocksdb_version 8.3.2->9.7.4 LOG"});
  }

  void objects_are_set_or_not_wherever_they_lie() {
    World world;
    world.write("LOG.old.1", log_of({1, "8.3.2", {{"env", "0x7f01"}, {"statistics", "(nil)"}}}));
    world.write("LOG", log_of({2, "8.3.2", {{"env", "0x7f02"}, {"statistics", "0x7f03"}}}));
    world.look();
    QCOMPARE(world.steps(), QStringList{"DBOptions statistics none->set LOG"});
  }

  void options_files_tell_of_all_families() {
    World world;
    world.write("OPTIONS-000009", options_file("8.3.2", "512"));
    world.write("OPTIONS-000011", options_file("8.3.2", "1024"));
    world.look();
    QCOMPARE(world.history.file_steps().size(), std::size_t{1});
    QCOMPARE(World::text(world.history.file_steps().front()),
             QString("DBOptions max_open_files 512->1024 OPTIONS-000011"));
    QVERIFY(world.history.file_steps().front().utc);
    world.write("OPTIONS-000013", options_file("8.3.2", "-1"));
    world.look();
    QCOMPARE(world.history.file_steps().size(), std::size_t{2});
  }

  void no_more_opens_are_read_than_are_wanted() {
    World world;
    for (int i = 0; i < 50; ++i) {
      world.write(QString("LOG.old.%1").arg(100 + i),
                  log_of({i, "8.3.2", {{"max_open_files", std::to_string(i)}}}));
    }
    int looks = 0;
    for (; looks < 100 && !world.history.complete(); ++looks) {
      QVERIFY(world.look(1) < 4096);  // one file at a look
    }
    QCOMPARE(looks, 20);
    QCOMPARE(world.history.opens(), std::size_t{20});
    QCOMPARE(world.steps().front(), QString("DBOptions max_open_files 48->49 LOG.old.149"));
  }

  void hostile_files_are_no_opens() {
    World world;
    std::string noise(300'000, '\0');
    noise.append("Recovered from manifest file");
    world.write("LOG.old.1", noise);
    world.write("LOG.old.2", log_of({1}).substr(0, 40));
    world.write("OPTIONS-000001", std::string(1000, '['));
    QVERIFY(QFile::link("LOG", world.folder.filePath("LOG")));
    QVERIFY(world.look() >= 0);
    QVERIFY(world.history.complete());
    QCOMPARE(world.history.opens(), std::size_t{0});
    std::mt19937_64 random(5);
    const auto log = log_of({1, "8.3.2", {{"max_open_files", "512"}}, {{"ttl", "0"}}});
    for (int i = 0; i < 200; ++i) {
      World other;
      other.write("LOG.old.1", mutate(log, random));
      other.write("LOG", mutate(log, random));
      other.look();
      QVERIFY(other.history.opens() <= 2);
    }
  }

  void what_is_set_while_open_is_found() {
    SettingsInLog settings;
    const TimePoint time(std::chrono::seconds(7));
    const auto take = [&](std::string_view message) { return settings.take(time, message); };
    QVERIFY(take("SetOptions() on column family [a]b], inputs:").empty());
    QVERIFY(take("write_buffer_size: 1048576\n").empty());
    QVERIFY(take("[default] [JOB 3] Flushing memtable").empty());
    QVERIFY(take("ttl: 60").empty());
    const auto set = take("[a]b] SetOptions() succeeded");
    QCOMPARE(set.size(), std::size_t{2});
    QCOMPARE(set[0].column_family, std::string("a]b"));
    QCOMPARE(set[0].name, std::string("write_buffer_size"));
    QCOMPARE(set[0].value, std::string("1048576"));
    QVERIFY(take("SetDBOptions(), inputs:").empty());
    QVERIFY(take("max_background_jobs: 3").empty());
    QVERIFY(take("SetDBOptions failed").empty());
    QVERIFY(take("SetDBOptions() succeeded").empty());
    QVERIFY(take("Set options on column family [x] (0/1), inputs:").empty());
    QVERIFY(take("disable_auto_compactions: false").empty());
    QCOMPARE(take("Set options on column family [x] (0/1) succeeded, updated CF options:").size(),
             std::size_t{1});
    QVERIFY(take("SetDBOptions(), inputs:").empty());
    for (int i = 0; i < 10'000; ++i) QVERIFY(take("name: " + std::string(300, 'x')).empty());
    QVERIFY(take("SetDBOptions() succeeded").empty());  // too far away
  }
};

QTEST_APPLESS_MAIN(OptionHistoryTest)
#include "option_history_test.moc"
