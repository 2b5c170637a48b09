// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/files/log_summary.h"

#include <sys/stat.h>

#include <QRegularExpression>
#include <QTemporaryDir>
#include <QtTest>
#include <numeric>
#include <set>

#include "engine/base/format.h"
#include "engine/files/directory_listing.h"
#include "engine/files/log_summariser.h"
#include "test_files.h"

using namespace nodetune;
using namespace nodetune::testing;

namespace {

QStringList all_logs() {
  auto files = real_files("rocksdb-logs", {"LOG*", "Rolled_LOG*"});
  files += real_files("rocksdb-dirs", {"LOG*"});
  return files;
}

LogSummary summarise_text(std::string_view text, const LogSummaryLimits& limits = {}) {
  LogSummariser summariser(limits);
  summariser.feed(text);
  summariser.end_file();
  return summariser.summary();
}

const std::string kPrefix = "2024/11/10-10:00:00.000000 7f00 ";

}  // namespace

class LogSummaryTest : public QObject {
  Q_OBJECT
 private slots:
  // Substring counts over the raw bytes know nothing of lines, records or JSON.
  void counts_agree_with_naive_ones_on_every_real_log() {
    const auto files = all_logs();
    if (files.isEmpty()) QSKIP("LOGs not present");
    std::int64_t stalls = 0;
    for (const auto& path : files) {
      const auto text = read_bytes(path);
      const auto summary = summarise_logs({path.toStdString()});
      QVERIFY2(summary.is_ok(), qPrintable(path));
      const auto naive = [&text](std::string_view part) {
        return static_cast<std::int64_t>(count_of(text, part));
      };
      for (const auto& [name, count] : summary->events) {
        QCOMPARE(count, naive("\"event\": \"" + name + "\""));
      }
      const auto events =
          std::accumulate(summary->events.begin(), summary->events.end(), summary->nameless_events,
                          [](std::int64_t sum, const auto& each) { return sum + each.second; });
      QVERIFY2(events == naive("EVENT_LOG_v1 "), qPrintable(path));
      QVERIFY2(summary->damaged_events == 0, qPrintable(path));
      QVERIFY2(summary->dumps == naive("** DB Stats **"), qPrintable(path));
      QCOMPARE(summary->stall_total(),
               naive("Stopping writes because") + naive("Stalling writes because"));
      QCOMPARE(summary->error_lines, naive(" [ERROR] ") + naive(" [FATAL] "));
      QCOMPARE(summary->warning_lines, naive(" [WARN] "));
      QCOMPARE(summary->flush_totals.count, naive("\"flush_finished\""));
      QCOMPARE(summary->compaction_totals.count, naive("\"compaction_finished\""));
      QVERIFY(summary->first_time && summary->last_time);
      QVERIFY(*summary->first_time <= *summary->last_time);
      stalls += summary->stall_total();
    }
    QVERIFY(stalls > 250);
  }

  void the_generated_log_shows_all_three_stalls() {
    const auto path = data_root() + "/rocksdb-logs/generated/LOG.sample";
    if (!QFile::exists(path)) QSKIP("generated LOGs not present");
    const auto text = read_bytes(path);
    const auto summary = summarise_logs({path.toStdString()});
    QCOMPARE(summary->product, std::string("RocksDB"));
    QCOMPARE(summary->version, std::string("7.8.3"));
    QCOMPARE(summary->session_id, std::string("T1GBBO0QXDZRXA2ZZHLQ"));
    QVERIFY(summary->column_families == std::set<std::string>({"default", "blocks"}));
    QCOMPARE(summary->utc_offset->count(), 0);
    const auto of = [&](const char* family, StallCause cause, StallAction action) {
      const auto found = summary->stall_counts.find({family, cause, action});
      return found == summary->stall_counts.end() ? 0 : found->second;
    };
    const auto naive = [&text](const std::string& head, const char* middle) {
      std::int64_t count = 0;
      for (const auto& line : QString::fromStdString(text).split('\n')) {
        count += line.contains(QString::fromStdString(head)) && line.contains(middle) ? 1 : 0;
      }
      return count;
    };
    for (const char* family : {"default", "blocks"}) {
      const auto name = "[" + std::string(family) + "] ";
      const auto stop = name + "Stopping writes because ";
      const auto delay = name + "Stalling writes because ";
      QCOMPARE(of(family, StallCause::memtables, StallAction::stop),
               naive(stop, "immutable memtables"));
      QCOMPARE(of(family, StallCause::level0_files, StallAction::stop),
               naive(stop, "level-0 files"));
      QCOMPARE(of(family, StallCause::level0_files, StallAction::delay),
               naive(delay, "level-0 files"));
      QCOMPARE(of(family, StallCause::pending_compaction_bytes, StallAction::delay),
               naive(delay, "pending compaction bytes"));
    }
    QVERIFY(of("blocks", StallCause::level0_files, StallAction::delay) > 0);
    QVERIFY(summary->stalls.back().amount.has_value());
    // The dumps say the same twice: as a running total, and interval by interval.
    QVERIFY(*summary->cumulative_stall_seconds > 1);
    QVERIFY(std::abs(*summary->cumulative_stall_seconds - *summary->interval_stall_seconds) < 0.1);
    QCOMPARE(summary->dump_stalls.size(), static_cast<std::size_t>(summary->dumps));
    QVERIFY(summary->family_dumps.at("default").levels.size() > 1);
    const auto counters = parse_stall_counters(summary->family_dumps.at("default").stall_counters);
    QVERIFY(counters.at("memtable_compaction") > 0);
  }

  void flushes_and_compactions_have_their_figures() {
    const auto path = data_root() + "/rocksdb-logs/generated/LOG.sample-10.5.1";
    if (!QFile::exists(path)) QSKIP("generated LOGs not present");
    const auto summary = summarise_logs({path.toStdString()});
    const auto& flush = summary->flushes[0];
    QCOMPARE(flush.column_family.value(), std::string("default"));
    QCOMPARE(flush.output_bytes.value(), 411'537);
    QCOMPARE(flush.memtable_bytes.value(), 421'376);
    QCOMPARE(flush.entries.value(), 500);
    QCOMPARE(flush.reason, std::string("Write Buffer Full"));
    QCOMPARE(flush.seconds.value(), 0.017353);  // 1795355822333447 - 1795355822316094
    const auto& compaction = summary->compactions[0];
    QCOMPARE(compaction.column_family.value(), std::string("default"));
    QCOMPARE(compaction.input_bytes.value(), 1'645'984);
    QCOMPARE(compaction.output_bytes.value(), 1'641'614);
    QCOMPARE(compaction.input_level.value(), 0);
    QCOMPARE(compaction.output_level.value(), 6);
    QCOMPARE(compaction.seconds.value(), 0.020051);
    QCOMPARE(summary->block_cache_bytes.at("default"), 32 * 1024 * 1024);
  }

  void a_besu_history_is_one_story_in_the_order_of_time() {
    const auto path = data_root() + "/rocksdb-dirs/besu-ehr-single/database";
    if (!QDir(path).exists()) QSKIP("besu-ehr-single not present");
    const auto listing = list_database_files(path.toStdString());
    auto files = info_log_paths(path.toStdString(), *listing);
    std::reverse(files.begin(), files.end());
    const auto summary = summarise_logs(files);
    QCOMPARE(summary->version, std::string("8.3.2"));
    QCOMPARE(summary->headers, 4);
    QCOMPARE(summary->recoveries.size(),
             static_cast<std::size_t>(summary->events.at("recovery_started")));
    for (const auto& recovery : summary->recoveries) QVERIFY(recovery.seconds.has_value());
    QCOMPARE(*summary->utc_offset, Duration(std::chrono::minutes(330)));  // India
    QVERIFY(std::is_sorted(summary->dump_stalls.begin(), summary->dump_stalls.end(),
                           [](const auto& a, const auto& b) { return a.time < b.time; }));
    std::set<std::string> names = {"default"};
    for (const char name :
         std::string("\x01\x03\x04\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\x10\x11"))
      names.insert(std::string(1, name));
    QVERIFY(summary->column_families == names);
    QCOMPARE(summary->block_cache_bytes.at("\n"), 128 * 1024 * 1024);
  }

  void an_open_lasts_from_the_version_to_the_pointer() {
    const std::string version = " RocksDB version: 8.3.2\n";
    const auto summary = summarise_text(
        "2024/11/10-09:00:00.000000 7f" + version +  // rolled over: no open
        "2024/11/10-10:00:00.000000 7f" + version +
        "2024/11/10-10:00:05.000000 7f EVENT_LOG_v1 {\"time_micros\": 1731241805000000, "
        "\"job\": 1, \"event\": \"recovery_started\", \"wal_files\": [3]}\n"
        "2024/11/10-10:00:41.500000 7f DB pointer 0x7f6d2ab1ff80\n"
        "2024/11/10-10:01:00.000000 7f DB pointer 0x7f6d2ab1ff80\n");
    QCOMPARE(summary.opens.size(), std::size_t{1});
    QCOMPARE(summary.opens.front().seconds, 41.5);
    QCOMPARE(format_time_utc(summary.opens.front().time), std::string("2024-11-10T12:30:00Z"));
    std::string many;
    for (int i = 0; i < 100; ++i) {
      many += "2024/11/10-10:00:00.000000 7f" + version +
              "2024/11/10-10:00:01.000000 7f DB pointer 0x1\n";
    }
    QCOMPARE(summarise_text(many).opens.size(), LogSummaryLimits{}.opens_max);
  }

  // Two families with one address have one cache; each dump's line counts for it.
  void families_that_share_a_block_cache_are_known_by_its_address() {
    const auto folder = data_root() + "/rocksdb-logs/generated/";
    if (!QFile::exists(folder + "LOG.sample")) QSKIP("generated LOGs not present");
    const auto shared = summarise_logs({(folder + "LOG.sample").toStdString()});
    QCOMPARE(shared->block_caches.families.size(), std::size_t{2});
    QCOMPARE(shared->block_caches.caches.size(), std::size_t{1});
    const auto& cache = shared->block_caches.caches.at("0x558146cc5680");
    QCOMPARE(cache.stats.capacity_bytes.value(), 8.0 * kMiB);
    QCOMPARE(cache.stats.content->total_bytes(), 0.0);
    const auto& dump = shared->dump_stalls.back();
    QCOMPARE(dump.block_cache.capacity_bytes.value(), 8.0 * kMiB);
    QVERIFY(dump.time - *cache.time == std::chrono::seconds(20));  // secs_since of the last
    const auto apart = summarise_logs({(folder + "LOG.sample-9.7.4").toStdString()});
    QCOMPARE(apart->block_caches.caches.size(), std::size_t{2});
    QCOMPARE(apart->dump_stalls.back().block_cache.capacity_bytes.value(), 16.0 * kMiB);
  }

  void block_caches_of_every_real_log_are_those_that_grep_finds() {
    const auto files = all_logs();
    if (files.isEmpty()) QSKIP("LOGs not present");
    const QRegularExpression told("\nBlock cache \\w+@(0x[0-9a-f]+)#?\\d* capacity");
    const QRegularExpression listed("\n +block_cache: (0x[0-9a-f]+)\n");
    std::size_t caches = 0;
    for (const auto& path : files) {
      const auto text = QString::fromLatin1(QByteArray::fromStdString(read_bytes(path)));
      std::set<std::string> found;
      for (const auto* pattern : {&told, &listed}) {
        for (auto each = pattern->globalMatch(text); each.hasNext();) {
          found.insert(each.next().captured(1).toStdString());
        }
      }
      const auto summary = summarise_logs({path.toStdString()});
      std::set<std::string> known;
      for (const auto& [address, cache] : summary->block_caches.caches) known.insert(address);
      QVERIFY2(known == found, qPrintable(path));
      caches += known.size();
    }
    qInfo("%zu block caches", caches);
  }

  void another_run_has_other_block_caches() {
    const auto run = [](const std::string& session, const std::string& address) {
      return kPrefix + "RocksDB version: 8.3.2\n" + kPrefix + "DB Session ID:  " + session + "\n" +
             kPrefix + "[x.cc:1] --------------- Options for column family [default]:\n" + kPrefix +
             "table_factory options:   no_block_cache: 0\n  block_cache: " + address +
             "\n  block_cache_name: LRUCache\n  block_cache_options:\n    capacity : 1000\n";
    };
    auto summary = summarise_text(run("A", "0x1") + run("B", "0x2"));
    QCOMPARE(summary.block_caches.caches.size(), std::size_t{1});
    QCOMPARE(summary.block_caches.families.at("default"), std::string("0x2"));
    // A file that is rolled over repeats the header of the same run.
    summary = summarise_text(run("A", "0x1") + run("A", "0x1"));
    QCOMPARE(summary.block_caches.caches.size(), std::size_t{1});
  }

  void times_before_the_zone_is_known_are_moved() {
    const auto summary = summarise_text(
        kPrefix +
        "[WARN] [db/column_family.cc:1] [a] Stopping writes because we have 4 immutable "
        "memtables (waiting for flush), max_write_buffer_number is set to 4\n" +
        kPrefix +
        "[ERROR] [db/x.cc:1] Waiting after background compaction error: IO error: No "
        "space left on device: /data/000012.sst\n" +
        "2024/11/10-10:00:05.000000 7f EVENT_LOG_v1 {\"time_micros\": 1731241805000000, "
        "\"job\": 1, \"event\": \"recovery_finished\"}\n");
    // 10:00:05 local is 12:30:05 UTC: 2.5 hours behind.
    QCOMPARE(*summary.utc_offset, Duration(std::chrono::minutes(-150)));
    QCOMPARE(format_time_utc(summary.stalls[0].time), std::string("2024-11-10T12:30:00Z"));
    QCOMPARE(format_time_utc(*summary.first_time), std::string("2024-11-10T12:30:00Z"));
    QCOMPARE(format_time_utc(*summary.last_time), std::string("2024-11-10T12:30:05Z"));
    QCOMPARE(format_time_utc(summary.problems[0].time), std::string("2024-11-10T12:30:00Z"));
    QVERIFY(summary.problems[0].text.find("000012.sst") != std::string::npos);
    QCOMPARE(summary.error_lines, 1);
  }

  // What RocksDB 7.8.3 wrote when its disk was full, and when an SST was damaged.
  void a_failing_disk_is_told_as_problems() {
    const auto summary = summarise_text(
        kPrefix +
        "[WARN] [db/error_handler.cc:397] Background IO error IO error: No space left on "
        "device: While appending to file: /db/000038.sst: No space left on device\n" +
        kPrefix +
        "[ERROR] [db/db_impl/db_impl_compaction_flush.cc:2893] Waiting after background "
        "flush error: IO error: No space left on device\n" +
        kPrefix +
        "[WARN] [db/db_impl/db_impl_compaction_flush.cc:3496] Compaction error: "
        "Corruption: block checksum mismatch: stored = 1, computed = 2, type = 4  in "
        "/db/000026.sst offset 3809 size 3804\n" +
        kPrefix + "[WARN] [utilities/x.cc:1] Transaction write_policy is 0\n" + kPrefix +
        "[db/x.cc:1] [default] compacted to: files[2 1] IO error\n");
    QCOMPARE(summary.error_lines, 1);
    QCOMPARE(summary.warning_lines, 3);
    QCOMPARE(summary.problems.size(), std::size_t{3});
    QVERIFY(summary.problems[1].level == LogLevel::error);
    QVERIFY(summary.problems[2].text.find("/db/000026.sst") != std::string::npos);
  }

  void flushes_that_never_ended_do_not_hide_later_ones() {
    LogSummaryLimits limits;
    limits.running_jobs_max = 4;
    std::string text;
    for (int job = 1; job <= 50; ++job) {
      text += kPrefix + "EVENT_LOG_v1 {\"time_micros\": 1000, \"job\": " + std::to_string(job) +
              ", \"event\": \"flush_started\", \"memory_usage\": 7}\n";
    }
    text += kPrefix +
            "EVENT_LOG_v1 {\"time_micros\": 3000, \"job\": 50, \"event\": \"flush_finished\"}\n";
    const auto summary = summarise_text(text, limits);
    QCOMPARE(summary.flushes[0].memtable_bytes.value(), 7);
    QCOMPARE(summary.flushes[0].seconds.value(), 0.002);
  }

  // One job flushes several families; only the files say which.
  void atomic_flushes_are_told_apart() {
    const auto event = [](const char* fields) {
      return kPrefix + "EVENT_LOG_v1 {\"time_micros\": 1000, \"job\": 3, " + fields + "}\n";
    };
    const auto summary = summarise_text(
        event("\"event\": \"flush_started\", \"memory_usage\": 1") +
        event("\"event\": \"table_file_creation\", \"cf_name\": \"a\", \"file_size\": 10") +
        event("\"event\": \"flush_started\", \"memory_usage\": 2") +
        event("\"event\": \"table_file_creation\", \"cf_name\": \"b\", \"file_size\": 20") +
        event("\"event\": \"flush_finished\"") + event("\"event\": \"flush_finished\""));
    QCOMPARE(summary.flushes.size(), std::size_t{2});
    QCOMPARE(summary.flushes[0].column_family.value(), std::string("a"));
    QCOMPARE(summary.flushes[0].output_bytes.value(), 10);
    QCOMPARE(summary.flushes[1].column_family.value(), std::string("b"));
    QCOMPARE(summary.flushes[1].memtable_bytes.value(), 2);
    QCOMPARE(summary.flush_totals.output_bytes, 30);
  }

  void all_six_stall_messages_are_understood() {
    const std::string at = kPrefix + "[WARN] [db/column_family.cc:1] [\x01\n] ";
    const std::string text =
        at +
        "Stopping writes because we have 4 immutable memtables (waiting for flush), "
        "max_write_buffer_number is set to 4\n" +
        at +
        "Stalling writes because we have 3 immutable memtables (waiting for flush), "
        "max_write_buffer_number is set to 4 rate 16777216\n" +
        at + "Stopping writes because we have 36 level-0 files\n" + at +
        "Stalling writes because we have 20 level-0 files rate 39886\n" + at +
        "Stopping writes because of estimated pending compaction bytes 274877906944\n" + at +
        "Stalling writes because of estimated pending compaction bytes 68719476736 rate 5\n" + at +
        "Stopping writes because of the moon\n";
    const auto summary = summarise_text(text);
    QCOMPARE(summary.stall_counts.size(), std::size_t{6});
    QCOMPARE(summary.stall_total(), 6);
    QVERIFY(!summary.utc_offset);
    const std::int64_t amounts[] = {4, 3, 36, 20, 274'877'906'944, 68'719'476'736};
    for (std::size_t i = 0; i < 6; ++i) {
      const auto& stall = summary.stalls[i];
      QCOMPARE(stall.column_family, std::string("\x01\n"));
      QCOMPARE(stall.amount.value(), amounts[i]);
      QCOMPARE(stall.rate_bytes_per_second.has_value(), stall.action == StallAction::delay);
    }
  }

  void stalls_are_counted_by_family_however_they_follow_each_other() {
    const auto stall = [](const std::string& family) {
      return kPrefix + "[WARN] [db/column_family.cc:1] [" + family +
             "] Stalling writes because we have 20 level-0 files rate 39886\n";
    };
    const auto text = stall("a") + stall("a") + kPrefix + "[WARN] [a] something else\n" +
                      stall("a") + stall("b") + stall("b") + stall("a");
    LogSummaryLimits limits;
    for (const std::size_t most : {2, 1}) {
      limits.column_families_max = most;
      LogSummariser summariser(limits);
      summariser.feed(text);
      summariser.end_file();
      const auto& counts = summariser.summary().stall_counts;
      QCOMPARE(counts.size(), most);
      QCOMPARE(counts.begin()->second, 4);
      if (most == 2) QCOMPARE(std::next(counts.begin())->second, 2);
      QCOMPARE(summariser.summary().stalls.size(), std::size_t{6});
      QCOMPARE(summariser.summary().stalls[4].column_family, std::string("b"));
    }
  }

  void stalled_seconds_of_several_opens_are_added_up() {
    const auto dump = [](const char* uptime, const char* cumulative, const char* interval) {
      return kPrefix + "[db/db_impl.cc:1] \n** DB Stats **\nUptime(secs): " + uptime +
             " total, 1.0 interval\nCumulative stall: 00:00:" + cumulative +
             " H:M:S, 1.0 percent\nInterval stall: 00:00:" + interval + " H:M:S, 1.0 percent\n";
    };
    const auto summary =
        summarise_text(dump("10.0", "1.000", "1.000") + dump("20.0", "5.000", "4.000") +
                       dump("3.0", "2.000", "2.000"));
    QCOMPARE(summary.dumps, 3);
    QCOMPARE(summary.cumulative_stall_seconds.value(), 7.0);
    QCOMPARE(summary.interval_stall_seconds.value(), 7.0);
    QVERIFY(!summarise_text(kPrefix + "x\n").cumulative_stall_seconds);
  }

  void lists_keep_the_newest_and_totals_keep_all() {
    LogSummaryLimits limits;
    limits.list_entries_max = 3;
    limits.event_names_max = 2;
    limits.column_families_max = 5;
    std::string text;
    for (int i = 0; i < 100; ++i) {
      text += kPrefix + "[WARN] [db/c.cc:1] [f" + std::to_string(i) +
              "] Stopping writes because we have " + std::to_string(i) + " level-0 files\n";
      text += kPrefix + "EVENT_LOG_v1 {\"time_micros\": 1, \"event\": \"e" + std::to_string(i) +
              "\"}\n";
    }
    const auto summary = summarise_text(text, limits);
    QCOMPARE(summary.stalls.size(), std::size_t{3});
    QCOMPARE(summary.stalls.back().amount.value(), 99);
    QCOMPARE(summary.events.size(), std::size_t{3});
    QCOMPARE(summary.events.at("other"), 98);
    QCOMPARE(summary.column_families.size(), std::size_t{5});
  }

  void what_cannot_be_read_is_named() {
    QTemporaryDir folder;
    const auto path = folder.path().toStdString();
    write_file(folder.filePath("text"), "no LOG at all\n");
    write_file(folder.filePath("LOG"), kPrefix + "RocksDB version: 9.1.0\n");
    QCOMPARE(::mkfifo((path + "/pipe").c_str(), 0600), 0);
    QCOMPARE(summarise_logs({path + "/text"}).status().code(), StatusCode::not_a_database);
    QCOMPARE(summarise_logs({path + "/gone"}).status().code(), StatusCode::not_found);
    QCOMPARE(summarise_logs({path + "/pipe"}).status().code(), StatusCode::invalid_argument);
    QCOMPARE(summarise_logs({}).status().code(), StatusCode::invalid_argument);
    const auto some = summarise_logs({path + "/gone", path + "/LOG", path + "/text"});
    QCOMPARE(some->version, std::string("9.1.0"));
    QCOMPARE(some->unread_files.size(), std::size_t{2});
    QCOMPARE(summarise_logs({path + "/LOG"}, {}, [] { return true; }).status().code(),
             StatusCode::cancelled);
  }

  // Limits on how many there are bound no memory while each may be as long as a record.
  void names_are_cut_wherever_they_come_from() {
    LogSummaryLimits limits;
    limits.name_bytes_max = 20;
    const std::string name(5'000, 'n');
    const auto event = [](const std::string& fields) {
      return kPrefix + "EVENT_LOG_v1 {\"time_micros\": 1000, \"job\": 3, " + fields + "}\n";
    };
    const auto summary = summarise_text(
        kPrefix + "RocksDB version: " + name + '\n' + kPrefix + "DB Session ID: " + name + '\n' +
            kPrefix + "[db/x.cc:1] Options for column family [" + name + "]:\n" + kPrefix +
            "Options.table_factory: x\nblock_cache_options:\n capacity : 7\n" + kPrefix +
            "[WARN] [db/x.cc:1] [" + name + "] Stopping writes because we have 4 level-0 files\n" +
            kPrefix + "[db/x.cc:1] \n** Compaction Stats [" + name + "] **\n" +
            event("\"event\": \"" + name + "\"") +
            event("\"event\": \"flush_started\", \"flush_reason\": \"" + name + "\"") +
            event("\"event\": \"table_file_creation\", \"cf_name\": \"" + name + "\"") +
            event("\"event\": \"flush_finished\"") +
            event("\"event\": \"compaction_started\", \"compaction_reason\": \"" + name + "\"") +
            event("\"event\": \"compaction_finished\""),
        limits);
    const auto cut = name.substr(0, 20);
    QCOMPARE(summary.version, cut);
    QCOMPARE(summary.session_id, cut);
    QVERIFY(summary.column_families == std::set<std::string>{cut});
    QCOMPARE(summary.block_cache_bytes.at(cut), 7);
    QCOMPARE(summary.stall_counts.begin()->second, 1);
    QCOMPARE(summary.stalls[0].column_family, cut);
    QCOMPARE(summary.family_dumps.at(cut).name, cut);
    QCOMPARE(summary.events.at(cut), 1);
    QCOMPARE(summary.flushes[0].reason, cut);
    QCOMPARE(summary.flushes[0].column_family.value(), cut);
    QCOMPARE(summary.compactions[0].reason, cut);
    QCOMPARE(std::get<0>(summary.stall_counts.begin()->first), cut);
    QCOMPARE(summary.damaged_events, 0);
  }

  void mutations_never_crash() {
    const auto files = all_logs();
    if (files.isEmpty()) QSKIP("LOGs not present");
    const auto seed = std::random_device{}();
    qInfo("seed %u", seed);
    std::mt19937_64 random(seed);
    std::int64_t records = 0;
    for (int round = 0; round < 60; ++round) {
      const auto pick = random() % static_cast<std::size_t>(files.size());
      auto bytes = read_bytes(files[static_cast<int>(pick)]);
      for (int hits = 0; hits < 50; ++hits) bytes = mutate(std::move(bytes), random);
      records += summarise_text(bytes).records;
    }
    for (int round = 0; round < 200; ++round) {
      auto bytes =
          read_bytes(data_root() + "/rocksdb-logs/generated/LOG.sample").substr(0, 100'000);
      for (int flips = 0; flips < 1000 && !bytes.empty(); ++flips) {
        bytes[random() % bytes.size()] = static_cast<char>(random());
      }
      records += summarise_text(bytes).records;
    }
    QVERIFY(records > 0);
  }
};

QTEST_APPLESS_MAIN(LogSummaryTest)
#include "log_summary_test.moc"
