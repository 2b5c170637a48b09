// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/files/log_stall.h"

#include <QtTest>
#include <array>
#include <random>

using namespace nodetune;

namespace {

// Without a line before it.
std::optional<LoggedStall> parse_stall(std::string_view message) {
  LogStallReader reader;
  const auto* stall = reader.read(message);
  return stall == nullptr ? std::nullopt : std::optional(*stall);
}

bool same(const LoggedStall& a, const LoggedStall& b) {
  return a.column_family == b.column_family && a.cause == b.cause && a.action == b.action &&
         a.amount == b.amount && a.rate_bytes_per_second == b.rate_bytes_per_second;
}

}  // namespace

class LogStallTest : public QObject {
  Q_OBJECT
 private slots:
  void names_may_hold_brackets_newlines_and_the_messages_own_words() {
    const std::string reason = "Stopping writes because we have 36 level-0 files";
    for (const std::string name :
         {"", "default", "\n", "a] b]", "] Stopping writes because ", "\x01\xff"}) {
      const auto stall = parse_stall("[" + name + "] " + reason);
      QVERIFY2(stall.has_value(), name.c_str());
      QCOMPARE(stall->column_family, name);
      QVERIFY(stall->action == StallAction::stop && stall->cause == StallCause::level0_files);
      QCOMPARE(stall->amount.value(), 36);
      QVERIFY(!stall->rate_bytes_per_second);
    }
  }

  void figures_that_cannot_be_are_missing() {
    const auto stall = parse_stall(
        "[x] Stalling writes because of estimated pending compaction bytes 99999999999999999999 "
        "rate 88888888888888888888");
    QVERIFY(stall && stall->cause == StallCause::pending_compaction_bytes);
    QVERIFY(stall->action == StallAction::delay);
    QVERIFY(!stall->amount && !stall->rate_bytes_per_second);
  }

  // Lines that differ in little: names that read like messages, figures that are none, other ends.
  void a_line_tells_the_same_whatever_came_before() {
    const auto seed = std::random_device{}();
    qInfo("seed %u", seed);
    std::mt19937_64 random(seed);
    const auto one_of = [&random](const auto& all) {
      return std::string(all[random() % all.size()]);
    };
    const std::array<std::string_view, 5> names{"default", "", "a] b", "1",
                                                "x] Stalling writes because we have 7"};
    const std::array<std::string_view, 3> actions{"Stalling", "Stopping", "Watching"};
    const std::array<std::string_view, 3> reasons{
        "we have ", "of estimated pending compaction bytes ", "we have more than "};
    const std::array<std::string_view, 5> figures{"2", "20", "999999999999999999999", "", "-3"};
    const std::array<std::string_view, 4> behind{" level-0 files", " immutable memtables", "",
                                                 " level-0 files rate x"};
    const std::array<std::string_view, 4> rates{"", " rate ", " rate", " rate 5 rate "};
    const std::array<std::string_view, 3> ends{"", " ", "."};
    LogStallReader reader;
    std::string last;
    int found = 0;
    for (int round = 0; round < 50'000; ++round) {
      auto line = "[" + one_of(names) + "] " + one_of(actions) + " writes because " +
                  one_of(reasons) + one_of(figures) + one_of(behind) + one_of(rates) +
                  one_of(figures) + one_of(ends);
      // Most follow one of their kind.
      if (!last.empty() && random() % 3 != 0) {
        line = last;
        if (random() % 4 != 0) line[random() % line.size()] = "0189 []e"[random() % 8];
      }
      last = line;
      const auto* again = reader.read(line);
      const auto alone = parse_stall(line);
      QVERIFY2((again != nullptr) == alone.has_value(), line.c_str());
      if (alone) QVERIFY2(same(*again, *alone), line.c_str());
      found += alone ? 1 : 0;
    }
    QVERIFY(found > 5'000);
  }

  void other_messages_are_none() {
    for (const char* message :
         {"", "[", "[x] ", "Stopping writes because we have 36 level-0 files",
          "[x] Stopping writes because", "[x] Stopping writes because of the moon",
          "[x] Stopping writes because we have level-0 files",
          "[x] Stopping writes because we have 3 wishes",
          "[x] Watching writes because we have 36 level-0 files", "[default] [JOB 7] Flushing"}) {
      QVERIFY2(!parse_stall(message), message);
    }
  }
};

QTEST_APPLESS_MAIN(LogStallTest)
#include "log_stall_test.moc"
