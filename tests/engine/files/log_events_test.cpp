// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/files/log_events.h"

#include <QtTest>
#include <array>
#include <random>

#include "engine/base/format.h"
#include "engine/files/log_line.h"
#include "test_files.h"

using namespace nodetune;
using namespace nodetune::testing;

namespace {

// Without an event before it.
Result<LogEvent> parse_log_event(std::string_view json) {
  LogEvent event;
  if (auto status = LogEventReader().read(json, event); !status) return status;
  return event;
}

bool same(const LogEvent& a, const LogEvent& b) {
  return a.kind == b.kind && a.name == b.name && a.time == b.time && a.job == b.job &&
         a.column_family == b.column_family && a.file_bytes == b.file_bytes &&
         a.input_bytes == b.input_bytes && a.output_bytes == b.output_bytes &&
         a.memtable_bytes == b.memtable_bytes && a.entries == b.entries &&
         a.output_level == b.output_level && a.input_level == b.input_level &&
         a.wal_files == b.wal_files && a.run_time == b.run_time && a.reason == b.reason;
}

// As RocksDB writes them, but that two end where nothing is looked at any more.
const std::array<std::string, 7> kWritten = {
    R"({"time_micros": 1795355822458855, "job": 9, "event": "compaction_started", )"
    R"("cf_name": "default", "compaction_reason": "LevelL0FilesNum", "files_L0": [21, 19], )"
    R"("files_L6": [7], "score": 1.5, "input_data_size": 1645984})",
    R"({"time_micros": 1795355822493437, "job": 9, "event": "compaction_finished", )"
    R"("compaction_time_micros": 20051, "output_level": 6, "total_output_size": 1641614, )"
    R"("lsm_state": [0, 0, 1]})",
    R"({"time_micros": 1795355822493438, "job": 10, "event": "flush_started", )"
    R"("num_memtables": 1, "num_entries": 28018, "memory_usage": 4065512, )"
    R"("flush_reason": "Write Buffer Full"})",
    R"({"time_micros": 1795355822493439, "job": 10, "event": "flush_finished", "x": [})",
    R"({"time_micros": 1795355822493440, "cf_name": "a", "job": 10, )"
    R"("event": "table_file_creation", "file_number": 7, "file_size": 8, "table_properties": {"cut": })",
    R"({"time_micros": 1795355822493442, "job": 11, "event": "table_file_deletion", )"
    R"("file_number": 7})",
    R"({"time_micros": 1795355822493441, "job": 1, "event": "recovery_started", )"
    R"("wal_files": [3, 4]})"};

}  // namespace

class LogEventsTest : public QObject {
  Q_OBJECT
 private slots:
  void a_compaction_tells_its_figures() {
    const auto started = parse_log_event(
        R"({"time_micros": 1795355822458855, "job": 9, "event": "compaction_started", )"
        R"("cf_name": "default", "compaction_reason": "LevelL0FilesNum", )"
        R"("files_L0": [21, 19, 15, 10], "files_L6": [7], "score": 1, "input_data_size": 1645984})");
    QVERIFY(started->kind == LogEventKind::compaction_started);
    QCOMPARE(format_time_utc(*started->time), std::string("2026-11-22T13:57:02Z"));
    QCOMPARE(started->job.value(), 9);
    QCOMPARE(started->column_family.value(), std::string_view("default"));
    QCOMPARE(started->reason, std::string_view("LevelL0FilesNum"));
    QCOMPARE(started->input_level.value(), 0);
    QCOMPARE(started->input_bytes.value(), 1'645'984);
    const auto finished = parse_log_event(
        R"({"time_micros": 1795355822493437, "job": 9, "event": "compaction_finished", )"
        R"("compaction_time_micros": 20051, "output_level": 6, "total_output_size": 1641614, )"
        R"("output_compression": "NoCompression", "lsm_state": [0, 0, 1]} trailing)");
    QCOMPARE(finished->run_time->count(), 20'051);
    QCOMPARE(finished->output_level.value(), 6);
    QCOMPARE(finished->output_bytes.value(), 1'641'614);
  }

  void both_spellings_of_the_entries_are_read() {
    QCOMPARE(parse_log_event(R"({"event": "flush_started", "num_entries": 5})")->entries.value(),
             5);
    QCOMPARE(parse_log_event(R"({"event": "flush_started", "total_num_input_entries": 6})")
                 ->entries.value(),
             6);
    QVERIFY(!parse_log_event(R"({"event": "flush_started"})")->entries);
  }

  void raw_names_come_back_byte_for_byte() {
    for (const std::string name : {"\x01", "\t", "\n", "\r", "\x7f\x80\xff", "Grüße", ""}) {
      const auto json = "{\"cf_name\": \"" + name + "\", \"event\": \"table_file_creation\"}";
      const auto event = parse_log_event(json);
      QVERIFY2(event.is_ok(), escape_name(name).c_str());
      QCOMPARE(event->column_family.value(), std::string_view(name));
    }
  }

  void half_lines_are_errors_but_keep_their_name() {
    const std::string whole =
        R"({"time_micros": 17, "job": 3, "event": "flush_started", "x": [1]})";
    QCOMPARE(event_name(whole).size(), std::size_t{13});
    QCOMPARE(event_time(whole)->time_since_epoch().count(), 17);
    for (std::size_t kept = 0; kept < whole.size(); ++kept) {
      QVERIFY(!parse_log_event(whole.substr(0, kept)));
    }
    // Of a finished flush the rest is not looked at, once its job and time are known.
    const std::string early = R"({"time_micros": 17, "job": 3, "event": "flush_finished", "x": [})";
    QVERIFY(parse_log_event(early) && parse_log_event(early)->job == 3);
    QVERIFY(!parse_log_event(R"({"job": 3, "event": "flush_finished", "x": [})"));
    QVERIFY(event_name(whole.substr(0, 55)) == "flush_started");
    QVERIFY(event_name(whole.substr(0, 20)).empty());
  }

  void absurd_figures_are_missing() {
    const auto event = parse_log_event(
        R"({"event": "compaction_finished", "time_micros": 9223372036854775807, )"
        R"("total_output_size": 18446744073709551615, "job": "x", "lsm_state": 7})");
    QVERIFY(!event->time && !event->output_bytes && !event->job);
    const auto texts = parse_log_event(
        R"({"event": 7, "cf_name": 8, "wal_files": "[1]", "files_L0": "[1]", "flush_reason": []})");
    QVERIFY(texts->name.empty() && !texts->column_family && texts->reason.empty());
    QVERIFY(!texts->wal_files && !texts->input_level);
    QVERIFY(!parse_log_event("[]") && !parse_log_event("null") && !parse_log_event(""));
  }

  // One reader for all, beside one for each: events follow their like, or are damaged anywhere.
  void an_event_tells_the_same_whatever_came_before() {
    const auto seed = std::random_device{}();
    qInfo("seed %u", seed);
    std::mt19937_64 random(seed);
    constexpr std::string_view kNoise("\"\\{}[], :019-x\n\0\xff", 18);
    LogEventReader reader;
    int whole = 0;
    for (int round = 0; round < 50'000; ++round) {
      auto text = kWritten[random() % kWritten.size()];
      for (auto changes = random() % 4; changes > 1; --changes) {
        auto& at = text[random() % text.size()];
        const bool digit = at >= '0' && at <= '9';
        at = digit && random() % 2 == 0 ? static_cast<char>('0' + random() % 10)
                                        : kNoise[random() % kNoise.size()];
      }
      if (random() % 8 == 0) text.insert(random() % text.size(), random() % 40, '7');
      if (random() % 8 == 0) text.insert(random() % text.size(), random() % 3, ' ');
      LogEvent event;
      const auto status = reader.read(text, event);
      const auto alone = parse_log_event(text);
      QVERIFY2(status.is_ok() == alone.is_ok(), text.c_str());
      if (status) QVERIFY2(same(event, *alone), text.c_str());
      whole += status ? 1 : 0;
    }
    QVERIFY(whole > 20'000);
  }

  void every_event_of_the_real_logs_parses() {
    auto files = real_files("rocksdb-logs", {"LOG*", "Rolled_LOG*"});
    files += real_files("rocksdb-dirs", {"LOG*"});
    if (files.isEmpty()) QSKIP("LOGs not present");
    int events = 0;
    for (const auto& path : files) {
      LogRecordReader reader;
      LogEventReader following;
      const auto check = [&](const LogRecord& record) {
        const auto json = event_json(record.message);
        if (!json) return;
        const auto event = parse_log_event(*json);
        QVERIFY2(event.is_ok(), event.status().message().c_str());
        QVERIFY2(event->kind != LogEventKind::other, std::string(event->name).c_str());
        QVERIFY(event->time && event->name == event_name(*json));
        QVERIFY(event->time == event_time(*json));
        LogEvent again;
        QVERIFY(following.read(*json, again) && same(again, *event));
        ++events;
      };
      reader.feed(read_bytes(path), check);
      reader.finish(check);
    }
    QVERIFY(events > 2000);
  }
};

QTEST_APPLESS_MAIN(LogEventsTest)
#include "log_events_test.moc"
