// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/store/database_listener.h"

#include <QtTest>

#include "engine/store/status_from.h"

using namespace nodetune;
using RocksStatus = rocksdb::Status;
using Reason = rocksdb::BackgroundErrorReason;

namespace {

rocksdb::WriteStallInfo stall(rocksdb::WriteStallCondition now) {
  rocksdb::WriteStallInfo info;
  info.cf_name = "storage";
  info.condition.cur = now;
  info.condition.prev = rocksdb::WriteStallCondition::kNormal;
  return info;
}

}  // namespace

class DatabaseListenerTest : public QObject {
  Q_OBJECT

 private:
  ManualClock clock_;

 private slots:
  void what_does_not_fit_is_counted() {
    DatabaseListener listener("/db", clock_);
    const auto slowed = stall(rocksdb::WriteStallCondition::kDelayed);
    const std::size_t more = 100;
    for (std::size_t count = 0; count < DatabaseListener::kEventsMax + more; ++count) {
      listener.OnStallConditionsChanged(slowed);
    }
    std::uint64_t lost = 0;
    QCOMPARE(listener.take(&lost).size(), DatabaseListener::kEventsMax);
    QCOMPARE(lost, std::uint64_t{more});
    QVERIFY(listener.take(&lost).empty());
    QCOMPARE(lost, std::uint64_t{0});  // told once
  }

  void stalls_say_whether_writes_stop() {
    DatabaseListener listener("/db", clock_);
    listener.OnStallConditionsChanged(stall(rocksdb::WriteStallCondition::kDelayed));
    listener.OnStallConditionsChanged(stall(rocksdb::WriteStallCondition::kStopped));
    listener.OnStallConditionsChanged(stall(rocksdb::WriteStallCondition::kNormal));
    const auto events = listener.take(nullptr);
    QCOMPARE(events.size(), std::size_t{3});
    QVERIFY(events[0].type == DatabaseEvent::Type::stall_begin && !events[0].stopped);
    QVERIFY(events[1].type == DatabaseEvent::Type::stall_begin && events[1].stopped);
    QVERIFY(events[2].type == DatabaseEvent::Type::stall_end);
    QCOMPARE(events[0].family, std::string("storage"));
    QVERIFY(events[0].time == clock_.now());
  }

  void an_error_that_stops_writes_stays_until_recovery() {
    DatabaseListener listener("/db", clock_);
    RocksStatus soft(RocksStatus::NoSpace("no room for compaction"),
                     RocksStatus::Severity::kSoftError);
    listener.OnBackgroundError(Reason::kCompaction, &soft);
    QVERIFY(listener.background_error());

    RocksStatus hard(RocksStatus::NoSpace("flush"), RocksStatus::Severity::kHardError);
    listener.OnBackgroundError(Reason::kFlush, &hard);
    const auto error = listener.background_error();
    QCOMPARE(error.code(), StatusCode::no_space);
    QVERIFY2(error.message().find("/db") != std::string::npos, error.message().c_str());

    rocksdb::BackgroundErrorRecoveryInfo recovery;
    recovery.old_bg_error = hard;
    recovery.new_bg_error = hard;
    listener.OnErrorRecoveryEnd(recovery);
    QVERIFY(!listener.background_error());
    recovery.new_bg_error = RocksStatus::OK();
    listener.OnErrorRecoveryEnd(recovery);
    QVERIFY(listener.background_error());
    QCOMPARE(listener.take(nullptr).size(), std::size_t{4});
  }

  void a_status_keeps_its_kind() {
    QVERIFY(status_from(RocksStatus::OK(), "read", "/db"));
    const auto code = [](const RocksStatus& status) {
      return status_from(status, "read", "/db").code();
    };
    QCOMPARE(code(RocksStatus::Corruption("bad block")), StatusCode::corrupt);
    QCOMPARE(code(RocksStatus::Corruption("Corrupt or unsupported format_version: 6")),
             StatusCode::unsupported_format);
    QCOMPARE(code(RocksStatus::NoSpace()), StatusCode::no_space);
    QCOMPARE(code(RocksStatus::IOError("While lock file: /db/LOCK", "Resource unavailable")),
             StatusCode::locked);
    QCOMPARE(code(RocksStatus::IOError("open", "Permission denied")),
             StatusCode::permission_denied);
    QCOMPARE(code(RocksStatus::IOError("write", "No space left on device")), StatusCode::no_space);
    QCOMPARE(code(RocksStatus::IOError("write", "Input/output error")), StatusCode::io_error);
    QCOMPARE(code(RocksStatus::InvalidArgument("x")), StatusCode::invalid_argument);
    QCOMPARE(code(RocksStatus::Busy()), StatusCode::busy);
    QCOMPARE(code(RocksStatus::ShutdownInProgress()), StatusCode::cancelled);
    QCOMPARE(code(RocksStatus::Aborted()), StatusCode::failed);
    const auto message = status_from(RocksStatus::IOError("a\x01"), "read", "/db").message();
    QVERIFY2(message.find('\x01') == std::string::npos, message.c_str());
  }
};

QTEST_APPLESS_MAIN(DatabaseListenerTest)
#include "database_listener_test.moc"
