// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
//
// Watches writers that are none of ours while they stall: db_bench, and RocksDB releases out of npm
// packages. What is seen from outside is held against the statistics that they print themselves.
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
constexpr double kGibibyte = 1024.0 * 1024 * 1024;
constexpr double kPrintedGibibytesTolerance = 0.00051;  // they print three decimals

// Small buffers and low triggers: all causes of stalls within seconds. Its last part only reads, so
// that a last dump comes when nothing changes any more.
QStringList bench_arguments(const QString& path) {
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

// What a writer printed: "rocksdb.stats", and tickers where it has them.
struct Statistics {
  explicit Statistics(QString output) : text(std::move(output)) {}

  std::optional<double> ticker(const char* name) const {
    return first(QRegularExpression::escape(name) + R"( COUNT : (\d+))");
  }
  // Of "Stalls(count): 24 level0_slowdown, …" or "Write Stall (count): …, l0-file-count-limit-…".
  double stalls(const char* old_name, const char* name) const {
    if (const auto count = first(R"(Stalls\(count\): [^\n]*?(\d+) )" + QString(old_name) + ",")) {
      return *count;
    }
    return first(R"(Write Stall \(count\): [^\n]* )" + QString(name) + R"(: (\d+))").value_or(NAN);
  }
  double stalled_seconds() const {
    static const QRegularExpression pattern(R"(Cumulative stall: (\d+):(\d+):([\d.]+) H:M:S)");
    const auto found = pattern.match(text);
    if (!found.hasMatch()) return NAN;
    return found.captured(1).toDouble() * 3600 + found.captured(2).toDouble() * 60 +
           found.captured(3).toDouble();
  }
  double flushed_bytes() const {
    return first(R"(\nFlush\(GB\): cumulative ([\d.]+))").value_or(NAN) * kGibibyte;
  }
  // What the low-priority threads did: the row "Low" of the table by priority.
  double compactions() const {
    static const QRegularExpression table(
        R"(\n(Priority [^\n]*)\n-+\n(?:[^\n]+\n)*? *Low ([^\n]*))");
    const auto found = table.match(text);
    static const QRegularExpression blanks(" +");
    const auto heads = found.captured(1).split(blanks, Qt::SkipEmptyParts);
    const auto cells = found.captured(2).split(blanks, Qt::SkipEmptyParts);
    // The row's name is not among the cells; its size is two of them: "0.00 KB".
    return cells.value(heads.indexOf("Comp(cnt)")).toDouble();
  }
  // Of the first table, by level.
  std::map<int, double> files_by_level() const {
    static const QRegularExpression row(R"(^ +L(\d+) +(\d+)/)",
                                        QRegularExpression::MultilineOption);
    std::map<int, double> files;
    for (auto rows = row.globalMatch(text); rows.hasNext();) {
      const auto found = rows.next();
      if (found.captured(2) != "0")
        files.emplace(found.captured(1).toInt(), found.captured(2).toDouble());
    }
    return files;
  }

  QString text;

 private:
  std::optional<double> first(const QString& pattern) const {
    const auto found = QRegularExpression(pattern).match(text);
    if (!found.hasMatch()) return std::nullopt;
    return found.captured(1).toDouble();
  }
};

bool close_to(double ours, double theirs, double tolerance) {
  return std::abs(ours - theirs) <= tolerance * theirs;
}

#define COMPARE_NEAR(ours, theirs, tolerance) \
  QVERIFY2(close_to(ours, theirs, tolerance), \
           qPrintable(QString(#ours ": seen %1, it says %2").arg(ours).arg(theirs)))

QString text_of(const std::map<int, double>& files) {
  QString text;
  for (const auto& [level, count] : files) text += QString("L%1: %2, ").arg(level).arg(count);
  return text;
}

}  // namespace

class ObservedWriterTest : public QObject {
  Q_OBJECT

 private slots:
  void initTestCase() {
    QVERIFY(state_.isValid());
    qputenv("XDG_STATE_HOME", state_.path().toUtf8());
  }

  void a_stalling_db_bench_is_seen_as_it_sees_itself() {
    if (QStandardPaths::findExecutable("db_bench").isEmpty()) {
      QSKIP("db_bench (rocksdb-tools) is not installed");
    }
    watch("db_bench", bench_arguments(path()), true);
  }

  void releases_out_of_npm_are_seen_as_they_see_themselves_data() {
    QTest::addColumn<QString>("package");
    QTest::newRow("6.17") << "rocksdb@5.2.1";
    QTest::newRow("8.3") << "@nxtedition/rocksdb@9.0.1";
    QTest::newRow("9.7") << "@nxtedition/rocksdb@12.2.12";
    QTest::newRow("10.5") << "rocksdb-native@3.18.1";
    QTest::newRow("11.8") << "@harperfast/rocksdb-js-linux-x64-glibc@2.10.0";
  }
  void releases_out_of_npm_are_seen_as_they_see_themselves() {
    QFETCH(QString, package);
    const QString release = QTest::currentDataTag();
    const auto packages = qEnvironmentVariable("NODETUNE_TEST_NPM");
    if (packages.isEmpty() || !QDir(packages + "/" + release).exists()) {
      QSKIP(qPrintable("no such package: npm install --prefix FOLDER/" + release + " " + package +
                       ", and NODETUNE_TEST_NPM=FOLDER"));
    }
    if (QStandardPaths::findExecutable("node").isEmpty()) QSKIP("node is not installed");
    watch("node", {QFINDTESTDATA("npm_writer.js"), release, packages, path(), "4"}, false);
  }

 private:
  QString path() {
    root_ = std::make_unique<QTemporaryDir>();
    return root_->path() + "/db";
  }

  // `many_dumps`: it writes statistics while it runs, not at its end alone.
  void watch(const QString& program, const QStringList& arguments, bool many_dumps) {
    const auto database = root_->path() + "/db";
    QProcess writer;
    writer.start(program, arguments);
    QTRY_VERIFY_WITH_TIMEOUT(
        QFile::exists(database + "/LOG") && QFile::exists(database + "/CURRENT"),
        kWaitMilliseconds);
    auto opened = open_node(database.toStdString());
    QVERIFY2(opened.is_ok(), opened.status().message().c_str());
    auto& node = **opened;
    QCOMPARE(node.description().way, OpenWay::observed);

    // While it writes: what is counted only grows, and its stalls are seen before it ends.
    double stalled = 0;
    bool seen_live = false;
    while (!writer.waitForFinished(200)) {
      if (writer.error() == QProcess::FailedToStart) QFAIL("the writer does not start");
      const auto now = node.snapshot()->value(Metric::db_stall_seconds_total);
      if (std::isnan(now)) continue;
      QVERIFY2(now >= stalled, qPrintable(QString("%1 after %2").arg(now).arg(stalled)));
      stalled = now;
      seen_live = seen_live || stalled > 0;
    }
    const Statistics theirs(QString::fromLatin1(writer.readAllStandardOutput()));
    QVERIFY2(!theirs.files_by_level().empty(), writer.readAllStandardError().constData());
    QVERIFY2(seen_live || !many_dumps, "no stall was seen while it ran");
    QVERIFY2(theirs.stalled_seconds() > 0.1, qPrintable(theirs.text.right(8'000)));

    // Its LOG is complete now; the observer comes around to it.
    const auto seen = [&node](Metric metric) { return node.snapshot()->value(metric); };
    QTRY_VERIFY_WITH_TIMEOUT(
        close_to(seen(Metric::db_stall_seconds_total), theirs.stalled_seconds(), 0.001),
        kWaitMilliseconds);
    QTRY_COMPARE_WITH_TIMEOUT(seen(Metric::db_compactions_total), theirs.compactions(),
                              kWaitMilliseconds);
    compare(*node.snapshot(), theirs);
    QVERIFY(node.close().is_ok());
  }

  void compare(const Snapshot& seen, const Statistics& theirs) {
    const auto value = [&seen](Metric metric) {
      const auto known = seen.value(metric);
      return std::isnan(known) ? 0 : known;  // a cause that no line speaks of
    };
    const auto stalled = value(Metric::db_stall_seconds_total);
    const auto flushed = value(Metric::db_flush_bytes_total);
    COMPARE_NEAR(stalled, theirs.stalled_seconds(), kSecondsTolerance);
    QVERIFY2(std::abs(flushed - theirs.flushed_bytes()) <= kPrintedGibibytesTolerance * kGibibyte,
             qPrintable(
                 QString("flushed: seen %1, it says %2").arg(flushed).arg(theirs.flushed_bytes())));
    QCOMPARE(value(Metric::db_compactions_total), theirs.compactions());

    QCOMPARE(value(Metric::db_stalls_l0_slowdown_total),
             theirs.stalls("level0_slowdown", "l0-file-count-limit-delays"));
    QCOMPARE(value(Metric::db_stalls_l0_stop_total),
             theirs.stalls("level0_numfiles", "l0-file-count-limit-stops"));
    QCOMPARE(value(Metric::db_stalls_memtable_slowdown_total),
             theirs.stalls("memtable_slowdown", "memtable-limit-delays"));
    QCOMPARE(value(Metric::db_stalls_memtable_stop_total),
             theirs.stalls("memtable_compaction", "memtable-limit-stops"));
    QCOMPARE(
        value(Metric::db_stalls_pending_compaction_slowdown_total),
        theirs.stalls("slowdown for pending_compaction_bytes", "pending-compaction-bytes-delays"));
    QCOMPARE(value(Metric::db_stalls_pending_compaction_stop_total),
             theirs.stalls("stop for pending_compaction_bytes", "pending-compaction-bytes-stops"));

    if (const auto bytes = theirs.ticker("rocksdb.stall.micros")) {
      COMPARE_NEAR(stalled, *bytes / 1e6, kSecondsTolerance);
    }
    for (const auto& [metric, name] :
         {std::pair{Metric::db_flush_bytes_total, "rocksdb.flush.write.bytes"},
          std::pair{Metric::db_compaction_read_bytes_total, "rocksdb.compact.read.bytes"},
          std::pair{Metric::db_compaction_write_bytes_total, "rocksdb.compact.write.bytes"}}) {
      if (const auto bytes = theirs.ticker(name)) {
        COMPARE_NEAR(value(metric), *bytes, kBytesTolerance);
      }
    }

    std::map<int, double> files;
    for (const auto& level : seen.levels) {
      if (level.files > 0) files[level.level] += static_cast<double>(level.files);
    }
    QCOMPARE(text_of(files), text_of(theirs.files_by_level()));
    qInfo("%.3f s stalled (it says %.3f), %.0f compactions, %.1f MiB flushed (%.1f), %s", stalled,
          theirs.stalled_seconds(), theirs.compactions(), flushed / 1024 / 1024,
          theirs.flushed_bytes() / 1024 / 1024, qPrintable(text_of(files)));
  }

  QTemporaryDir state_;
  std::unique_ptr<QTemporaryDir> root_;
};

QTEST_APPLESS_MAIN(ObservedWriterTest)
#include "observed_writer_test.moc"
