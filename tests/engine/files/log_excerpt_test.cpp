// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/files/log_excerpt.h"

#include <QTemporaryDir>
#include <QTest>
#include <algorithm>

#include "engine/base/format.h"
#include "engine/files/log_line.h"
#include "tests/engine/files/test_files.h"

using namespace nodetune;
using namespace nodetune::testing;

namespace {

constexpr auto kSpan = std::chrono::minutes(2);
const TimePoint kStart = TimePoint(std::chrono::seconds(1'700'000'000));  // 2023-11-14 22:13:20

// "2023/11/14-22:13:20.000000", as LOG has it.
std::string prefix(TimePoint local) {
  const auto text = format_time_utc(local);  // "2023-11-14 22:13:20 …"
  auto out = text.substr(0, 10) + "-" + text.substr(11, 8) + ".000000";
  out[4] = out[7] = '/';
  return out;
}

std::string line(TimePoint local, const std::string& message) {
  return prefix(local) + " 7f00 " + message + "\n";
}

std::string logged_event(TimePoint utc, Duration zone) {
  return line(utc + zone,
              "EVENT_LOG_v1 {\"time_micros\": " + std::to_string(utc.time_since_epoch().count()) +
                  ", \"job\": 1, \"event\": \"flush_started\"}");
}

// A line a second.
std::string seconds_of_log(TimePoint utc, int seconds, Duration zone, const char* what) {
  std::string text;
  for (int i = 0; i < seconds; ++i) {
    text += line(utc + zone + std::chrono::seconds(i), what + std::to_string(i));
  }
  return text;
}

}  // namespace

class LogExcerptTest : public QObject {
  Q_OBJECT
 private slots:
  void init() { directory_ = std::make_unique<QTemporaryDir>(); }

  void takes_what_lies_within_the_span() {
    write("LOG", logged_event(kStart, {}) + seconds_of_log(kStart, 1'000, {}, "second "));
    const auto found = excerpt(kStart + std::chrono::seconds(500), LogExcerptLimits{});
    QVERIFY(found.zone_known);
    QCOMPARE(found.files, std::vector<std::string>{"LOG"});
    QCOMPARE(found.lines.size(), std::size_t(241));
    QVERIFY(found.lines.front().ends_with("second 380"));
    QVERIFY(found.lines.back().ends_with("second 620"));
    QCOMPARE(found.lines_dropped, std::size_t(0));
  }

  void local_times_are_brought_to_utc_by_an_event() {
    const Duration zone = std::chrono::minutes(330);
    write("LOG", logged_event(kStart, zone) + seconds_of_log(kStart, 1'000, zone, "second "));
    const auto found = excerpt(kStart + std::chrono::seconds(500), LogExcerptLimits{});
    QVERIFY(found.zone_known);
    QVERIFY(found.lines.front().ends_with("second 380"));
  }

  void without_an_event_the_zone_is_unknown() {
    write("LOG", seconds_of_log(kStart, 10, {}, "second "));
    const auto found = excerpt(kStart, LogExcerptLimits{});
    QVERIFY(!found.zone_known);
    QCOMPARE(found.lines.size(), std::size_t(10));
  }

  void a_span_can_begin_in_an_older_file() {
    write("LOG.old.1700000100000000",
          logged_event(kStart, {}) + seconds_of_log(kStart, 100, {}, "old "));
    const auto later = kStart + std::chrono::seconds(100);
    write("LOG", logged_event(later, {}) + seconds_of_log(later, 100, {}, "new "));
    const auto found = excerpt(later, LogExcerptLimits{});
    QCOMPARE(found.files, (std::vector<std::string>{"LOG.old.1700000100000000", "LOG"}));
    QCOMPARE(found.lines.size(), std::size_t(202));
    QVERIFY(found.lines.back().ends_with("new 99"));
  }

  void the_nearest_lines_are_kept() {
    write("LOG", seconds_of_log(kStart, 200, {}, "second "));
    LogExcerptLimits limits;
    limits.lines_max = 10;
    const auto found = excerpt(kStart + std::chrono::seconds(100), limits);
    QCOMPARE(found.lines.size(), std::size_t(10));
    QVERIFY(found.lines.front().ends_with("second 96"));
    QVERIFY(found.lines.back().ends_with("second 105"));
    QCOMPARE(found.lines_dropped, std::size_t(190));
  }

  void long_records_and_lines_are_cut() {
    std::string dump = line(kStart, "------- DUMPING STATS -------");
    for (int i = 0; i < 300; ++i) dump += "row " + std::to_string(i) + "\n";
    write("LOG", dump + line(kStart, std::string(100'000, 'x')));
    LogExcerptLimits limits;
    limits.record_lines_max = 4;
    limits.line_bytes_max = 100;
    const auto found = excerpt(kStart, limits);
    QCOMPARE(found.lines.size(), std::size_t(6));  // head, three rows, the mark, the long line
    QVERIFY(QByteArray::fromStdString(found.lines[4]).contains("…"));
    QCOMPARE(found.lines[5].size(), std::size_t(100));
  }

  // Large enough for many steps of the bisection, with records longer than a probe would like.
  void bisection_finds_what_a_whole_reading_finds() {
    std::string text = logged_event(kStart, {});
    for (int i = 0; i < 20'000; ++i) {
      text += line(kStart + std::chrono::seconds(i), std::to_string(i) + std::string(i % 700, '.'));
      if (i % 997 == 0) {
        for (int row = 0; row < 2'000; ++row) text += "a dump's row, without a time\n";
      }
    }
    write("LOG", text);
    for (const int at : {0, 1, 119, 121, 5'000, 9'970, 19'000, 19'999}) {
      const auto found =
          excerpt(kStart + std::chrono::seconds(at), {.lines_max = 10'000, .record_lines_max = 1});
      const auto records =
          std::count_if(found.lines.begin(), found.lines.end(), [](const std::string& one) {
            return parse_log_time(one) && one.find("EVENT_LOG") == std::string::npos;
          });
      const int expected = std::min(at + 120, 19'999) - std::max(at - 120, 0) + 1;
      QCOMPARE(int(records), expected);
    }
  }

  void nothing_comes_of_a_directory_without_log_or_with_a_hostile_one() {
    QVERIFY(excerpt(kStart, LogExcerptLimits{}).lines.empty());
    write("LOG", std::string(300'000, '\0'));
    QVERIFY(excerpt(kStart, LogExcerptLimits{}).lines.empty());
    QVERIFY(read_log_excerpt("/nonexistent", kStart, kSpan).lines.empty());
  }

 private:
  void write(const char* name, const std::string& content) {
    write_file(directory_->filePath(name), content);
  }
  LogExcerpt excerpt(TimePoint moment, const LogExcerptLimits& limits) const {
    return read_log_excerpt(directory_->path().toStdString(), moment, kSpan, limits);
  }

  std::unique_ptr<QTemporaryDir> directory_;
};

QTEST_APPLESS_MAIN(LogExcerptTest)
#include "log_excerpt_test.moc"
