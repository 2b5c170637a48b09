// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/files/log_stall.h"

#include <QtTest>

using namespace nodetune;

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
