// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/files/log_dump.h"

#include <QtTest>

#include "engine/base/format.h"
#include "test_files.h"

using namespace nodetune;

namespace {

// As RocksDB 10 writes it, with a column that older versions lack.
const char* const kDump =
    "\n** DB Stats **\n"
    "Uptime(secs): 20.0 total, 2.0 interval\n"
    "Cumulative writes: 7 writes, 7 keys, 7 commit groups, 1.0 writes per commit group, "
    "ingest: 1.50 GB, 5.17 MB/s\n"
    "Cumulative stall: 12:10:56.123 H:M:S, 98.7 percent\n"
    "Interval stall: 00:00:2.204 H:M:S, 110.1 percent\n"
    "Write Stall (count): write-buffer-manager-limit-stops: 3\n"
    "\n"
    "** Compaction Stats [\n] **\n"
    "Level    Files   Size     Score Read(GB)  Rn(GB) Rnp1(GB) Write(GB) WPreComp(GB) Wnew(GB) "
    "Moved(GB) W-Amp Rd(MB/s) Wr(MB/s) Comp(sec) CompMergeCPU(sec) Comp(cnt) Avg(sec)\n"
    "-----\n"
    "  L0      3/1    3.73 KB   0.8      0.0     0.0      0.0       0.5       0.6      0.0"
    "       0.1   1.0      0.0      0.1      0.02              0.00         4    0.017\n"
    "  L6      1/0    2.00 MB   0.0      2.0     0.0      0.0       1.0       0.6      0.0"
    "       0.0   2.5      0.0      0.1      7.25              0.00         1    0.017\n"
    " Sum      4/1    2.00 MB   0.0      2.0     0.0      0.0       1.5       0.6      0.0"
    "       0.1   3.0      0.0      0.1      7.27              0.00         5    0.017\n"
    "\n"
    "** Compaction Stats [\n] **\n"
    "Priority    Files   Size     Score Read(GB)  Rn(GB)\n"
    "-----\n"
    "User      0/0    0.00 KB   0.0      0.0     0.0\n"
    "\n"
    "Uptime(secs): 1.0 total, 1.0 interval\n"
    "Estimated pending compaction bytes: 4711\n"
    "Write Stall (count): l0-file-count-limit-stops: 2, total-stops: 5, interval: 0 total count\n"
    "\n"
    "** Compaction Stats [old] **\n"
    "Stalls(count): 7 level0_slowdown, 0 stop for pending_compaction_bytes, interval 3 total "
    "count\n"
    "** Compaction Stats [cut wi";

}  // namespace

class LogDumpTest : public QObject {
  Q_OBJECT
 private slots:
  void database_figures_are_read() {
    const auto dump = parse_stats_dump(kDump);
    QVERIFY(dump && dump->has_db_stats);
    QCOMPARE(dump->uptime_seconds.value(), 20.0);
    QCOMPARE(dump->interval_seconds.value(), 2.0);
    QCOMPARE(dump->cumulative_stall_seconds.value(), 12 * 3600 + 10 * 60 + 56.123);
    QCOMPARE(dump->cumulative_stall_ratio.value(), 0.987);
    QCOMPARE(dump->interval_stall_seconds.value(), 2.204);
    QCOMPARE(dump->cumulative_ingest_bytes.value(), 1.5 * 1024 * 1024 * 1024);
    QCOMPARE(parse_stall_counters(dump->stall_counters).at("write-buffer-manager-limit-stops"), 3);
    QCOMPARE(dump->column_families.size(), std::size_t{2});
  }

  void levels_are_read_by_their_columns_heads() {
    const auto dump = parse_stats_dump(kDump);
    const auto& family = dump->column_families[0];
    QCOMPARE(family.name, std::string("\n"));
    QCOMPARE(family.levels.size(), std::size_t{2});
    const auto& first = family.levels[0];
    QCOMPARE(first.level.value(), 0);
    QCOMPARE(first.files.value(), 3);
    QCOMPARE(first.files_compacting.value(), 1);
    QCOMPARE(first.bytes.value(), 3.73 * 1024);
    QCOMPARE(first.score.value(), 0.8);
    QCOMPARE(first.written_bytes.value(), 0.5 * 1024 * 1024 * 1024);
    QCOMPARE(first.write_amplification.value(), 1.0);
    QCOMPARE(first.compactions.value(), 4.0);
    QCOMPARE(family.levels[1].compaction_seconds.value(), 7.25);
    QCOMPARE(family.sum->write_amplification.value(), 3.0);
    QCOMPARE(family.pending_compaction_bytes.value(), 4711.0);
  }

  void both_forms_of_stall_counters_are_read() {
    const auto dump = parse_stats_dump(kDump);
    const StallCounters recent = {{"l0-file-count-limit-stops", 2}, {"total-stops", 5}};
    QVERIFY(parse_stall_counters(dump->column_families[0].stall_counters) == recent);
    const StallCounters old = {{"level0_slowdown", 7}, {"stop for pending_compaction_bytes", 0}};
    QVERIFY(parse_stall_counters(dump->column_families[1].stall_counters) == old);
  }

  void what_is_no_dump_is_none() {
    QVERIFY(!parse_stats_dump(""));
    QVERIFY(!parse_stats_dump("STATISTICS:\n rocksdb.block.cache.miss COUNT : 0\n"));
    const auto bare =
        parse_stats_dump("** DB Stats **\nCumulative stall: x:y:z H:M:S, nan percent");
    QVERIFY(bare && !bare->cumulative_stall_seconds && !bare->cumulative_stall_ratio);
    QVERIFY(!parse_hms("1:2") && !parse_hms("") && !parse_hms("inf:0:0"));
  }

  void a_dump_of_absurd_size_is_kept_within_bounds() {
    std::string text;
    for (int i = 0; i < 5'000; ++i) text += "** Compaction Stats [" + std::to_string(i) + "] **\n";
    QCOMPARE(parse_stats_dump(text)->column_families.size(), std::size_t{1024});
    text = "** Compaction Stats [a] **\nLevel Files\n";
    for (int i = 0; i < 5'000; ++i) text += "L0 1/0\n";
    text += "\nStalls(count): 7 " + std::string(5'000, 'x') + "\n";
    const auto dump = parse_stats_dump(text);
    QCOMPARE(dump->column_families[0].levels.size(), std::size_t{64});
    const auto counters = parse_stall_counters(dump->column_families[0].stall_counters);
    QCOMPARE(counters.begin()->first.size(), std::size_t{128});
  }

  // Lines of Lichess's opening explorer, and of older and newer versions.
  void block_caches_are_told_with_their_content() {
    std::optional<BlockCacheStats> cache;
    QVERIFY(read_block_cache_line(
        "Block cache LRUCache@0x7feb60a3f150#4001884 capacity: 40.00 GB usage: 39.97 GB "
        "table_size: "
        "524288 occupancy: 6030149 collections: 1018 last_copies: 5 last_secs: 0.039 secs_since: "
        "408",
        cache));
    QCOMPARE(cache->address, std::string("0x7feb60a3f150"));
    QCOMPARE(cache->capacity_bytes.value(), 40.0 * kGiB);
    QCOMPARE(cache->used_bytes().value(), 39.97 * kGiB);
    QCOMPARE(cache->age_seconds.value(), 408.0);
    QVERIFY(read_block_cache_line(
        "Block cache entry stats(count,size,portion): DataBlock(165238,10.35 GB,25.885%) "
        "FilterBlock(22233,29.11 GB,72.7832%) IndexBlock(22348,499.64 MB,1.21981%) "
        "WriteBuffer(1,256.00 KB,0.012207%) Misc(1,0.00 KB,0%)",
        cache));
    QCOMPARE(cache->content->data_bytes, 10.35 * kGiB);
    QCOMPARE(cache->content->filter_bytes, 29.11 * kGiB);
    QCOMPARE(cache->content->index_bytes, 499.64 * kMiB);
    QCOMPARE(cache->content->memtable_bytes, 256.0 * kKiB);
    QCOMPARE(cache->content->other_bytes, 0.0);
    // Before 7.4 there is no usage, before 6.23 no process; from 9.7 on there is another kind.
    QVERIFY(
        read_block_cache_line("Block cache LRUCache@0x1639ff0 capacity: 1.00 MB collections: 491 "
                              "last_copies: 0 last_secs: 2.5e-05 secs_since: 0",
                              cache));
    QVERIFY(cache->address == "0x1639ff0" && !cache->usage_bytes && !cache->content);
    QVERIFY(
        read_block_cache_line("Block cache AutoHyperClockCache@0x2c180f50#31996 capacity: 8.00 MB "
                              "seed: 1177849269 usage: "
                              "4.00 KB table_size: 64 occupancy: 1 collections: 1 secs_since: 0",
                              cache));
    QCOMPARE(cache->usage_bytes.value(), 4.0 * kKiB);
  }

  void what_is_no_block_cache_is_left_alone() {
    std::optional<BlockCacheStats> cache;
    for (const std::string_view line :
         {"Block cache [default]  DataBlock(0.00 KB) FilterBlock(0.00 KB)", "Block cache ",
          "Block cache LRUCache@0x", "Block cache LRUCache@7f00 capacity: 1.00 MB",
          "Block cache entry stats(count,size,portion): Misc(1,0.00 KB,0%)", "block cache x@0x1"}) {
      QVERIFY2(!read_block_cache_line(line, cache), std::string(line).c_str());
      QVERIFY(!cache);
    }
    // A capacity of nonsense is none, and half a line has no content.
    QVERIFY(
        read_block_cache_line("Block cache L@0xffffffffffffffffffff#1 capacity: 1e300 TB usage: "
                              "-1.00 MB secs_since: nan",
                              cache));
    QCOMPARE(cache->address, std::string("0xffffffffffffffff"));
    QVERIFY(!cache->capacity_bytes && !cache->usage_bytes && !cache->age_seconds);
    for (const std::string_view rest : {" DataBlock(1,2.00 MB", " DataBlock(", " DataBlock",
                                        " DataBlock(1,2.00 XB,1%)", " DataBlock(1,1e17 TB,1%)"}) {
      QVERIFY(read_block_cache_line(
          "Block cache entry stats(count,size,portion):" + std::string(rest), cache));
      QVERIFY2(!cache->content, std::string(rest).c_str());
    }
  }

  void mutations_never_crash() {
    const auto seed = std::random_device{}();
    qInfo("seed %u", seed);
    std::mt19937_64 random(seed);
    int dumps = 0;
    for (int round = 0; round < 20'000; ++round) {
      dumps += parse_stats_dump(nodetune::testing::mutate(kDump, random)) ? 1 : 0;
    }
    QVERIFY(dumps > 1000);
  }
};

QTEST_APPLESS_MAIN(LogDumpTest)
#include "log_dump_test.moc"
