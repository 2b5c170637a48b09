// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
//
// Watches db_bench, a writer that is none of ours, while it stalls: what is seen from outside
// against the statistics that it prints itself at its end.
#include <QProcess>
#include <QRegularExpression>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QtTest>
#include <cmath>
#include <map>

#include "engine/node/node.h"
#include "engine/node/open_node.h"
#include "tests/engine/files/test_files.h"
#include "tests/engine/node/observed_world.h"

using namespace nodetune;
using namespace nodetune::testing;

namespace {

constexpr double kSecondsTolerance = 0.05;
constexpr double kBytesTolerance = 0.01;

// Small buffers and low triggers: all causes of stalls within seconds. Its last part only reads, so
// that a last dump comes when nothing changes any more.
QStringList arguments(const QString& path) {
  return {"--db=" + path,
          "--benchmarks=fillrandom,waitforcompaction,readrandom,stats",
          "--duration=3",
          "--num=2000000",
          "--value_size=1000",
          "--write_buffer_size=1048576",
          "--max_write_buffer_number=2",
          "--level0_file_num_compaction_trigger=2",
          "--level0_slowdown_writes_trigger=3",
          "--level0_stop_writes_trigger=5",
          "--target_file_size_base=1048576",
          "--max_bytes_for_level_base=4194304",
          "--soft_pending_compaction_bytes_limit=20000000",
          "--hard_pending_compaction_bytes_limit=80000000",
          "--delayed_write_rate=4000000",
          "--max_background_jobs=2",
          "--compression_type=none",
          "--stats_dump_period_sec=1",
          "--statistics=1"};
}

// What db_bench printed: its figures by name.
struct Statistics {
  explicit Statistics(QString output) : text(std::move(output)) {}

  double ticker(const char* name) const {
    return first(QRegularExpression::escape(name) + R"( COUNT : (\d+))");
  }
  // Of "Stalls(count): 24 level0_slowdown, …".
  double stalls(const char* name) const {
    return first(R"(Stalls\(count\): [^\n]*?(\d+) )" + QString(name) + "(?:,|\\b)");
  }
  double stalled_seconds() const {
    static const QRegularExpression pattern(R"(Cumulative stall: (\d+):(\d+):([\d.]+) H:M:S)");
    const auto found = pattern.match(text);
    if (!found.hasMatch()) return NAN;
    return found.captured(1).toDouble() * 3600 + found.captured(2).toDouble() * 60 +
           found.captured(3).toDouble();
  }
  // Of the first table, by level.
  std::map<int, double> files_by_level() const {
    static const QRegularExpression row(R"(^ +L(\d+) +(\d+)/)",
                                        QRegularExpression::MultilineOption);
    std::map<int, double> files;
    for (auto rows = row.globalMatch(text); rows.hasNext();) {
      const auto found = rows.next();
      files.emplace(found.captured(1).toInt(), found.captured(2).toDouble());
    }
    return files;
  }
  double first(const QString& pattern) const {
    const auto found = QRegularExpression(pattern).match(text);
    return found.hasMatch() ? found.captured(1).toDouble() : NAN;
  }

  QString text;
};

bool close_to(double ours, double theirs, double tolerance) {
  return std::abs(ours - theirs) <= tolerance * theirs;
}

#define COMPARE_NEAR(ours, theirs, tolerance) \
  QVERIFY2(close_to(ours, theirs, tolerance), \
           qPrintable(QString(#ours ": seen %1, it says %2").arg(ours).arg(theirs)))

}  // namespace

class ObservedWriterTest : public QObject {
  Q_OBJECT

 private slots:
  void initTestCase() {
    QVERIFY(state_.isValid());
    qputenv("XDG_STATE_HOME", state_.path().toUtf8());
  }

  void a_stalling_writer_is_seen_as_it_sees_itself() {
    if (QStandardPaths::findExecutable("db_bench").isEmpty()) {
      QSKIP("db_bench (rocksdb-tools) is not installed");
    }
    QTemporaryDir root;
    const auto path = root.path() + "/db";
    QProcess writer;
    writer.setProcessChannelMode(QProcess::MergedChannels);
    writer.start("db_bench", arguments(path));
    QTRY_VERIFY_WITH_TIMEOUT(QFile::exists(path + "/LOG") && QFile::exists(path + "/CURRENT"),
                             kWaitMilliseconds);
    auto opened = open_node(path.toStdString());
    QVERIFY2(opened.is_ok(), opened.status().message().c_str());
    auto& node = **opened;
    QCOMPARE(node.description().way, OpenWay::observed);

    // While it writes: what is counted only grows, and its stalls are seen before it ends.
    double stalled = 0;
    bool seen_live = false;
    while (!writer.waitForFinished(200)) {
      if (writer.error() == QProcess::FailedToStart) QFAIL("db_bench does not start");
      const auto now = node.snapshot()->value(Metric::db_stall_seconds_total);
      if (std::isnan(now)) continue;
      QVERIFY2(now >= stalled, qPrintable(QString("%1 after %2").arg(now).arg(stalled)));
      stalled = now;
      seen_live = seen_live || stalled > 0;
    }
    const Statistics theirs(QString::fromLatin1(writer.readAll()));
    QVERIFY2(writer.exitStatus() == QProcess::NormalExit && writer.exitCode() == 0,
             qPrintable(theirs.text.right(2'000)));
    QVERIFY2(seen_live, "no stall was seen while db_bench ran");
    QVERIFY2(theirs.stalled_seconds() > 0.1, qPrintable(theirs.text.right(8'000)));

    // Its LOG is complete now; the observer comes around to it.
    const auto flushed = theirs.ticker("rocksdb.flush.write.bytes");
    const auto seen = [&node](Metric metric) { return node.snapshot()->value(metric); };
    QTRY_VERIFY_WITH_TIMEOUT(
        close_to(seen(Metric::db_flush_bytes_total), flushed, kBytesTolerance) &&
            close_to(seen(Metric::db_stall_seconds_total), theirs.stalled_seconds(), 0.001),
        kWaitMilliseconds);
    compare(*node.snapshot(), theirs);
    QVERIFY(node.close().is_ok());
  }

 private:
  void compare(const Snapshot& seen, const Statistics& theirs) {
    const auto stalled = seen.value(Metric::db_stall_seconds_total);
    COMPARE_NEAR(stalled, theirs.stalled_seconds(), kSecondsTolerance);
    COMPARE_NEAR(stalled, theirs.ticker("rocksdb.stall.micros") / 1e6, kSecondsTolerance);
    const auto value = [&seen](Metric metric) {
      const auto known = seen.value(metric);
      return std::isnan(known) ? 0 : known;  // a cause that no line speaks of
    };
    QCOMPARE(value(Metric::db_stalls_l0_slowdown_total), theirs.stalls("level0_slowdown"));
    QCOMPARE(value(Metric::db_stalls_l0_stop_total), theirs.stalls("level0_numfiles"));
    QCOMPARE(value(Metric::db_stalls_memtable_slowdown_total), theirs.stalls("memtable_slowdown"));
    QCOMPARE(value(Metric::db_stalls_memtable_stop_total), theirs.stalls("memtable_compaction"));
    QCOMPARE(value(Metric::db_stalls_pending_compaction_slowdown_total),
             theirs.stalls("slowdown for pending_compaction_bytes"));
    QCOMPARE(value(Metric::db_stalls_pending_compaction_stop_total),
             theirs.stalls("stop for pending_compaction_bytes"));

    COMPARE_NEAR(value(Metric::db_flush_bytes_total), theirs.ticker("rocksdb.flush.write.bytes"),
                 kBytesTolerance);
    COMPARE_NEAR(value(Metric::db_compaction_read_bytes_total),
                 theirs.ticker("rocksdb.compact.read.bytes"), kBytesTolerance);
    COMPARE_NEAR(value(Metric::db_compaction_write_bytes_total),
                 theirs.ticker("rocksdb.compact.write.bytes"), kBytesTolerance);
    // " Low" is what the low-priority threads did: … Comp(cnt) Avg(sec) KeyIn KeyDrop Rblob Wblob
    QCOMPARE(value(Metric::db_compactions_total),
             theirs.first(R"(\n +Low [^\n]* (\d+) +\S+ +\S+ +\S+ +\S+ +\S+ *\n)"));

    std::map<int, double> files;
    for (const auto& level : seen.levels) {
      if (level.files > 0) files[level.level] += static_cast<double>(level.files);
    }
    auto printed = theirs.files_by_level();
    std::erase_if(printed, [](const auto& level) { return level.second == 0; });
    QVERIFY(files == printed);
  }

  QTemporaryDir state_;
};

QTEST_APPLESS_MAIN(ObservedWriterTest)
#include "observed_writer_test.moc"
