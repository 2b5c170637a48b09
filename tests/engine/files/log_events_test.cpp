// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/files/log_events.h"

#include <QtTest>

#include "engine/base/format.h"
#include "engine/files/log_line.h"
#include "test_files.h"

using namespace nodetune;
using namespace nodetune::testing;

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

  void every_event_of_the_real_logs_parses() {
    auto files = real_files("rocksdb-logs", {"LOG*", "Rolled_LOG*"});
    files += real_files("rocksdb-dirs", {"LOG*"});
    if (files.isEmpty()) QSKIP("LOGs not present");
    int events = 0;
    for (const auto& path : files) {
      LogRecordReader reader;
      const auto check = [&](const LogRecord& record) {
        const auto json = event_json(record.message);
        if (!json) return;
        const auto event = parse_log_event(*json);
        QVERIFY2(event.is_ok(), event.status().message().c_str());
        QVERIFY2(event->kind != LogEventKind::other, std::string(event->name).c_str());
        QVERIFY(event->time && event->name == event_name(*json));
        QVERIFY(event->time == event_time(*json));
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
