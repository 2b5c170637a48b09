// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
//
// What stands in each LOG of the real data: as a table says that was made without this program, as
// grep counts it now, and as our reader finds it.
#include <QProcess>
#include <QStandardPaths>
#include <QtTest>
#include <map>
#include <set>

#include "engine/files/log_summary.h"
#include "test_files.h"

using namespace nodetune;
using namespace nodetune::testing;

namespace {

using Counts = std::map<std::string, std::int64_t>;

struct Found {
  std::string version;  // "RocksDB 8.3.2"
  std::set<std::string> families;
  Counts events;
  Counts stalls;  // "level0.stop"
  std::int64_t dumps = 0;
  std::int64_t errors = 0;
  std::int64_t warnings = 0;
};

constexpr int kColumns = 8;

std::map<std::string, Found> read_table(const QString& path) {
  std::map<std::string, Found> table;
  const auto counts = [](const QByteArray& cell) {
    Counts result;
    for (const auto& item : cell.split(' ')) {
      const auto equals = item.indexOf('=');
      if (equals > 0) result[item.left(equals).toStdString()] = item.mid(equals + 1).toLongLong();
    }
    return result;
  };
  for (const auto& line : QByteArray::fromStdString(read_bytes(path)).split('\n')) {
    const auto cells = line.split('\t');
    if (line.startsWith('#') || cells.size() != kColumns) continue;
    auto& row = table[cells[0].toStdString()];
    if (cells[1] != "-") row.version = cells[1].toStdString();
    for (auto name : cells[2].split(',')) {
      if (name.startsWith("\\x")) name = QByteArray::fromHex(name.mid(2));
      if (cells[2] != "-") row.families.insert(name.toStdString());
    }
    row.events = counts(cells[3]);
    row.dumps = cells[4].toLongLong();
    row.stalls = counts(cells[5]);
    row.errors = cells[6].toLongLong();
    row.warnings = cells[7].toLongLong();
  }
  return table;
}

// Of what grep finds, one line a find.
Found grep(const QString& path) {
  QProcess grep;
  auto environment = QProcessEnvironment::systemEnvironment();
  environment.insert("LC_ALL", "C");
  grep.setProcessEnvironment(environment);
  grep.start("grep", {"-aoE",
                      R"(^[0-9]{4}/[0-9/:.-]+ [0-9a-f]+ (RocksDB|Speedb|SpeeDB) version: [0-9.]+|)"
                      R"("event": "[a-z_]+"|\*\* DB Stats \*\*| \[(WARN|ERROR|FATAL)\] |)"
                      R"((Stopping|Stalling) writes because (we have [0-9]+ |of )[a-z0-9-]+)",
                      path});
  if (!grep.waitForFinished(60'000)) qFatal("grep does not end");
  Found found;
  for (const auto& line : grep.readAllStandardOutput().split('\n')) {
    if (line.contains(" version: ")) {
      const auto words = line.split(' ');
      found.version = (words[words.size() - 3] + " " + words.back()).toStdString();
    } else if (line.startsWith("\"event\"")) {
      ++found.events[line.split('"')[3].toStdString()];
    } else if (line.startsWith("**")) {
      ++found.dumps;
    } else if (line.startsWith("St")) {
      const std::string action = line.startsWith("Stopping") ? ".stop" : ".delay";
      const std::string cause = line.endsWith("immutable") ? "memtables"
                                : line.endsWith("level-0") ? "level0"
                                                           : "pending";
      ++found.stalls[cause + action];
    } else if (line == " [WARN] ") {
      ++found.warnings;
    } else if (!line.isEmpty()) {
      ++found.errors;
    }
  }
  return found;
}

Found ours(const LogSummary& summary) {
  Found found;
  if (!summary.version.empty()) found.version = summary.product + " " + summary.version;
  found.families = summary.column_families;
  for (const auto& [name, count] : summary.events) found.events[name] = count;
  for (const auto& [key, count] : summary.stall_counts) {
    const std::string cause = std::get<1>(key) == StallCause::memtables      ? "memtables"
                              : std::get<1>(key) == StallCause::level0_files ? "level0"
                                                                             : "pending";
    found.stalls[cause + "." + std::string(to_string(std::get<2>(key)))] += count;
  }
  found.dumps = summary.dumps;
  found.errors = summary.error_lines;
  found.warnings = summary.warning_lines;
  return found;
}

QString text_of(const Counts& counts) {
  QString text;
  for (const auto& [name, count] : counts)
    text += QString::asprintf("%s=%lld ", name.c_str(), static_cast<long long>(count));
  return text;
}

}  // namespace

class RealLogsTest : public QObject {
  Q_OBJECT

  void compare(const Found& actual, const Found& expected, bool families) {
    QCOMPARE(actual.version, expected.version);
    if (families) QVERIFY(actual.families == expected.families);
    QCOMPARE(text_of(actual.events), text_of(expected.events));
    QCOMPARE(text_of(actual.stalls), text_of(expected.stalls));
    QCOMPARE(actual.dumps, expected.dumps);
    QCOMPARE(actual.errors, expected.errors);
    QCOMPARE(actual.warnings, expected.warnings);
  }

 private slots:
  void each_holds_what_the_table_says_data() {
    QTest::addColumn<QString>("path");
    auto files = real_files("rocksdb-logs", {"LOG*", "Rolled_LOG*"});
    files += real_files("rocksdb-dirs", {"LOG*"});
    if (files.isEmpty()) QSKIP("the real LOGs are not present");
    for (const auto& path : files) {
      const auto name = QDir(data_root()).relativeFilePath(path);
      QTest::newRow(qPrintable(name)) << path;
    }
  }
  void each_holds_what_the_table_says() {
    QFETCH(QString, path);
    static const auto table = read_table(QFINDTESTDATA("found_in_real_logs.tsv"));
    const auto row = table.find(QTest::currentDataTag());
    QVERIFY2(row != table.end(), "this LOG is not in found_in_real_logs.tsv");
    const auto summary = summarise_logs({path.toStdString()});
    QVERIFY2(summary.is_ok(), summary.status().message().c_str());
    compare(ours(*summary), row->second, true);
    if (QTest::currentTestFailed()) return;
    if (QStandardPaths::findExecutable("grep").isEmpty()) QSKIP("grep is not installed");
    compare(grep(path), row->second, false);
  }

  void the_table_names_no_log_that_is_gone() {
    const auto table = read_table(QFINDTESTDATA("found_in_real_logs.tsv"));
    QVERIFY(table.size() > 70);
    if (!QDir(data_root() + "/rocksdb-logs").exists()) QSKIP("the real LOGs are not present");
    for (const auto& [name, row] : table) {
      QVERIFY2(QFile::exists(data_root() + "/" + QString::fromStdString(name)), name.c_str());
    }
  }
};

QTEST_APPLESS_MAIN(RealLogsTest)
#include "real_logs_test.moc"
