// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/files/log_line.h"

#include <QtTest>
#include <chrono>
#include <cstdio>
#include <random>
#include <vector>

#include "engine/base/format.h"
#include "test_files.h"

using namespace nodetune;
using namespace nodetune::testing;

class LogLineTest : public QObject {
  Q_OBJECT
 private:
  static std::vector<std::string> messages_of(std::string_view text, std::size_t chunk,
                                              const LogLimits& limits = {}) {
    std::vector<std::string> messages;
    const auto keep = [&messages](const LogRecord& record) {
      messages.emplace_back(record.message);
    };
    LogRecordReader reader(limits);
    for (std::size_t at = 0; at < text.size(); at += chunk) {
      reader.feed(text.substr(at, chunk), keep);
    }
    reader.finish(keep);
    return messages;
  }

 private slots:
  void every_part_of_a_line_is_found() {
    const auto record = parse_log_record(
        "2024/11/10-10:23:09.139440 7f82b2f20700 [WARN] [db/column_family.cc:743] [default] x");
    QCOMPARE(format_time_utc(record->time), std::string("2024-11-10T10:23:09Z"));
    QCOMPARE(record->time.time_since_epoch().count() % 1'000'000, 139'440);
    QVERIFY(record->level == LogLevel::warn);
    QVERIFY(record->message == "[default] x");
    QVERIFY(record->original_time == record->time);
  }

  void the_original_time_is_kept_beside() {
    const auto record = parse_log_record(
        "2018/05/25-14:34:21.048017 7f (Original Log Time 2018/05/25-14:34:20.000005) "
        "EVENT_LOG_v1 {}");
    QCOMPARE((record->time - record->original_time).count(), 1'048'012);
    QVERIFY(record->message == "EVENT_LOG_v1 {}");
  }

  void what_looks_like_a_location_is_not_always_one() {
    const auto record = parse_log_record("2024/11/10-10:23:09.139440 77 [col:7] [JOB 3] x");
    QVERIFY(record->message == "[col:7] [JOB 3] x");
    const auto header = parse_log_record("2024/11/10-10:23:09.139440 77           Options.x: 1");
    QVERIFY(header->message.ends_with("Options.x: 1"));
  }

  // Against a check of one character after the other, with every byte at every place.
  void a_time_has_its_shape_at_every_place() {
    const std::string shape = "dddd/dd/dd-dd:dd:dd.dddddd";
    const std::string good = "2011/10/10-10:11:12.345678 7f x";
    for (std::size_t at = 0; at < shape.size(); ++at) {
      for (int byte = 0; byte < 256; ++byte) {
        auto line = good;
        line[at] = static_cast<char>(byte);
        const bool fits = shape[at] == 'd' ? byte >= '0' && byte <= '9' : byte == shape[at];
        QCOMPARE(starts_log_record(line), fits);
      }
    }
    const auto time = parse_log_time(good);
    QCOMPARE(format_time_utc(*time), std::string("2011-10-10T10:11:12Z"));
    QCOMPARE(time->time_since_epoch().count() % 1'000'000, 345'678);
  }

  void impossible_times_start_no_record() {
    for (const char* line :
         {"", "2024/11/10", "2024-11-10-10:23:09.139440 7 x", " 2024/11/10-10:23:09.139440 7 x",
          "2024/13/10-10:23:09.139440 7 x", "2024/02/30-10:23:09.139440 7 x",
          "2024/11/10-25:23:09.139440 7 x", "2024/11/10-10:23:09.139440", "** DB Stats **"}) {
      QVERIFY2(!parse_log_record(line), line);
    }
  }

  void names_with_newlines_are_whole_again() {
    const auto messages = messages_of(
        "2024/11/10-10:23:09.139440 77 [db/column_family.cc:743] [\n] Stopping writes because x\n"
        "2024/11/10-10:23:09.139441 77 [db/column_family.cc:743] [a] b]] Stopping writes because y",
        1000);
    QCOMPARE(messages.size(), std::size_t{2});
    QCOMPARE(messages[0], std::string("[\n] Stopping writes because x"));
    QCOMPARE(messages[1], std::string("[a] b]] Stopping writes because y"));
  }

  // Beside a plain reading of the numbers, wherever the minute changes and whatever is damaged.
  void times_in_a_row_are_those_of_each_alone() {
    const auto seed = std::random_device{}();
    qInfo("seed %u", seed);
    std::mt19937_64 random(seed);
    LogTimeReader times;
    int whole = 0;
    for (int round = 0; round < 20'000; ++round) {
      int parts[7] = {2024,
                      2,
                      28 + static_cast<int>(random() % 3),
                      23,
                      59,
                      static_cast<int>(random() % 62),
                      static_cast<int>(random() % 1'000'000)};
      if (random() % 3 == 0) parts[4] = static_cast<int>(random() % 61);
      char line[32];
      std::snprintf(line, sizeof line, "%04d/%02d/%02d-%02d:%02d:%02d.%06d", parts[0], parts[1],
                    parts[2], parts[3], parts[4], parts[5], parts[6]);
      const bool damaged = random() % 5 == 0;
      if (damaged) line[random() % 26] = static_cast<char>("x/\xff\0:"[random() % 5]);
      const std::string text(line, 26);
      TimePoint read;
      const auto time = times.read(text, read) ? std::optional(read) : std::nullopt;
      QVERIFY2(time == parse_log_time(text), line);
      TimePoint of_record;
      QVERIFY(!times.read_record(text + " ", of_record));
      QCOMPARE(times.read_record(text + " 7f00 text", of_record), time.has_value());
      if (time) QVERIFY2(of_record == *time && starts_log_record(text + " 7f"), line);
      if (damaged) continue;
      const bool valid = parts[2] < 30 && parts[4] < 60 && parts[5] <= 60;
      QVERIFY2(time.has_value() == valid, line);
      if (!valid) continue;
      using namespace std::chrono;
      const TimePoint expected = sys_days(2024y / 2 / parts[2]) + hours(parts[3]) +
                                 minutes(parts[4]) + seconds(parts[5]) + microseconds(parts[6]);
      QVERIFY2(*time == expected, line);
      ++whole;
    }
    QVERIFY(whole > 5'000);
    // Before any minute is known, nothing passes for one.
    constexpr char kNoMinute[27] = "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0:05.123456";
    TimePoint none;
    QVERIFY(!LogTimeReader().read(std::string_view(kNoMinute, 26), none));
  }

  void any_chunk_size_gives_the_same_records() {
    const auto files = real_files("rocksdb-dirs/besu-ehr-single", {"LOG"});
    if (files.isEmpty()) QSKIP("besu-ehr-single not present");
    const auto text = read_bytes(files.first());
    const auto whole = messages_of(text, text.size());
    QVERIFY(whole.size() > 1000);
    for (const std::size_t chunk : {1, 7, 4096}) QVERIFY(messages_of(text, chunk) == whole);
  }

  void endless_lines_and_records_are_cut() {
    LogLimits limits;
    limits.line_bytes_max = 100;
    limits.record_bytes_max = 300;
    const std::string start = "2024/11/10-10:23:09.139440 77 ";
    std::string text = start + std::string(100'000, 'x') + "\n";
    for (int i = 0; i < 1000; ++i) text += "continued\n";
    text += start + "end";
    for (const std::size_t chunk : {std::size_t{64}, text.size()}) {
      const auto messages = messages_of(text, chunk, limits);
      QCOMPARE(messages.size(), std::size_t{2});
      QVERIFY(messages[0].size() < 300);
      QCOMPARE(messages[1], std::string("end"));
    }
  }

  void text_before_the_first_prefix_is_dropped() {
    const auto messages = messages_of("half a line\nanother\n2024/11/10-10:23:09.139440 7 x\n", 5);
    QCOMPARE(messages.size(), std::size_t{1});
    QVERIFY(messages_of("", 1).empty());
  }
};

QTEST_APPLESS_MAIN(LogLineTest)
#include "log_line_test.moc"
