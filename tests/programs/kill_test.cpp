// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
//
// kill -9 at random moments, whichever way the blocks are written: the directory reopens, every
// block in it is whole, and none that was reported as committed is missing.
#include <QElapsedTimer>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QTemporaryDir>
#include <QtTest>
#include <random>

#include "engine/base/clock.h"
#include "engine/store/database.h"
#include "engine/workload/block_audit.h"

using namespace nodetune;

namespace {

constexpr int kKills = 200;
constexpr int kLongestRunMs = 1'000;       // from the start: opening and preparing are hit as well
constexpr int kLongestAfterBlockMs = 250;  // from the run's first block: committing is hit

// How long a run may live.
struct Lease {
  bool from_first_block = false;
  int milliseconds = 0;
};

std::uint64_t last_committed(const QByteArray& output) {
  std::uint64_t committed = 0;
  for (const auto& line : output.split('\n')) {
    const auto blocks = QJsonDocument::fromJson(line).object().value("committed_blocks");
    if (blocks.isDouble()) committed = static_cast<std::uint64_t>(blocks.toDouble());
  }
  return committed;
}

// Commits come by every path, and by the one that is found the cheapest, into the same database.
const std::vector<QStringList> kWays = {
    {}, {"--write-path", "ingested"}, {"--write-path", "sorted"}, {"--write-path", "as_given"}};

// Runs a workload, then kills it; the blocks that it had reported as committed.
std::uint64_t run_and_kill(const QString& directory, const QStringList& way, const Lease& lease) {
  QProcess process;
  process.setStandardErrorFile(QProcess::nullDevice());
  process.start(NODETUNE_CLI, QStringList{"run", directory, "--synthetic", "--seed", "5",
                                          "--prune-above", "48MiB", "--progress"} +
                                  way);
  if (!process.waitForStarted()) return 0;
  QByteArray output;
  if (lease.from_first_block && process.waitForReadyRead(30'000)) {
    output += process.readAllStandardOutput();
  }
  QElapsedTimer timer;
  timer.start();
  while (timer.elapsed() < lease.milliseconds) {
    const auto left = static_cast<int>(lease.milliseconds - timer.elapsed());
    process.waitForReadyRead(std::max(left, 1));
    output += process.readAllStandardOutput();
  }
  process.kill();
  process.waitForFinished();
  return last_committed(output + process.readAllStandardOutput());
}

}  // namespace

class KillTest : public QObject {
  Q_OBJECT
 private slots:
  void a_kill_at_any_moment_leaves_whole_blocks_only() {
    const auto seed = std::random_device()();
    qInfo("seed %u", seed);
    std::mt19937 random(seed);
    QTemporaryDir folder;
    const auto path = folder.path() + "/node";
    std::uint64_t most = 0;
    int kills_with_new_blocks = 0;
    int ingestions_with_new_blocks = 0;
    for (int kill = 0; kill < kKills; ++kill) {
      Lease lease;
      lease.from_first_block = random() % 2 == 0;
      const int longest = lease.from_first_block ? kLongestAfterBlockMs : kLongestRunMs;
      lease.milliseconds = std::uniform_int_distribution<int>(0, longest)(random);
      const int ms = lease.milliseconds;
      const auto& way = kWays[random() % kWays.size()];
      const auto told = way.isEmpty() ? QString("cheapest path") : way.back();
      const auto acknowledged = run_and_kill(path, way, lease);
      DatabaseConfig config;
      config.create_if_missing = true;  // a kill may come before there is a database
      auto database = Database::open(path.toStdString(), config, SystemClock::instance());
      QVERIFY2(database, qPrintable(QString("kill %1 after %2 ms, %3: %4")
                                        .arg(kill)
                                        .arg(ms)
                                        .arg(told)
                                        .arg(QString::fromStdString(database.status().message()))));
      const auto audit = verify_blocks(**database);
      QVERIFY2(audit, qPrintable(QString("kill %1 after %2 ms, %3: %4")
                                     .arg(kill)
                                     .arg(ms)
                                     .arg(told)
                                     .arg(QString::fromStdString(audit.status().message()))));
      QVERIFY2(audit->blocks >= std::max(acknowledged, most),
               qPrintable(QString("kill %1 after %2 ms, %3: %4 blocks, %5 were acknowledged")
                              .arg(kill)
                              .arg(ms)
                              .arg(told)
                              .arg(audit->blocks)
                              .arg(std::max(acknowledged, most))));
      if (audit->blocks > most) {
        ++kills_with_new_blocks;
        if (told == "ingested") ++ingestions_with_new_blocks;
      }
      most = audit->blocks;
    }
    qInfo("%d kills, %d of them with new blocks, %d of these ingested, %llu blocks in all", kKills,
          kills_with_new_blocks, ingestions_with_new_blocks, static_cast<unsigned long long>(most));
    QVERIFY2(kills_with_new_blocks > kKills / 4, "most kills came before the first block");
    QVERIFY2(ingestions_with_new_blocks > kKills / 50, "hardly any ingestion was hit");
  }
};

QTEST_GUILESS_MAIN(KillTest)
#include "kill_test.moc"
