// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
//
// nodetune-cli run DIR --import FILE: to its end, stopped, killed, and with files that are no good.
#include <sys/stat.h>

#include <QTemporaryDir>
#include <QtTest>
#include <fstream>
#include <random>

#include "engine/base/clock.h"
#include "engine/store/database.h"
#include "engine/workload/block_audit.h"
#include "tests/chain_maker.h"
#include "tests/programs/cli.h"

using namespace nodetune;

namespace {

const QString kChains = QStringLiteral(NODETUNE_TEST_DATA "/chain/besu-test-chains/");

// Highest memory that the program ever had, in KiB; 0 once it is gone.
qint64 peak_kib(qint64 pid) {
  QFile status(QString("/proc/%1/status").arg(pid));
  if (!status.open(QIODevice::ReadOnly)) return 0;
  for (const auto& line : status.readAll().split('\n')) {
    if (line.startsWith("VmHWM:")) return line.mid(6).trimmed().split(' ').first().toLongLong();
  }
  return 0;
}

}  // namespace

class ImportTest : public QObject {
  Q_OBJECT
 private slots:
  void init() {
    folder_ = std::make_unique<QTemporaryDir>();
    node_ = folder_->path() + "/node";
  }

  void real_chains_are_imported_and_counted() {
    if (!QDir(kChains).exists()) QSKIP("the real chains are not present");
    const auto first = cli::run({"run", node_, "--import", kChains + "mainnet-1000.blocks"});
    QVERIFY2(first.exit_code == 0, first.story());
    // The archive holds the same blocks, and more.
    const auto rest = cli::run({"run", node_, "--import", kChains + "mainnet-00000-5ec1ffb8.era1",
                                "--to", "2999", "--json"});
    QVERIFY2(rest.exit_code == 0 && rest.errors.isEmpty(), rest.story());
    const auto json = rest.json();
    QCOMPARE(json["state"].toString(), "finished");
    QCOMPARE(json["blocks"].toInteger(), 2'000);
    QCOMPARE(json["first"].toInteger(), 1'000);
    QCOMPARE(json["last"].toInteger(), 2'999);
    QVERIFY(json["bytes"].toInteger() > 2'000 * 540);
    QVERIFY(json["seconds"].toDouble() > 0);
    const double rate = json["blocks"].toDouble() / json["seconds"].toDouble();
    QVERIFY(std::abs(json["blocks_per_second"].toDouble() - rate) < 1e-3 * rate);
    for (const auto* key : {"caches", "batches", "database", "knobs"}) QVERIFY(json.contains(key));
    QCOMPARE(whole_blocks(), 3'000u);
    const auto again =
        cli::run({"run", node_, "--import", kChains + "mainnet-1000.blocks", "--json"});
    QVERIFY2(again.exit_code == 0 && again.json()["first"].isNull(), again.story());
    QVERIFY(again.json()["why"].toString().contains("nothing new"));
  }

  void a_signal_stops_it_and_the_same_command_goes_on_data() {
    QTest::addColumn<int>("number");
    QTest::newRow("SIGINT") << SIGINT;
    QTest::newRow("SIGTERM") << SIGTERM;
    QTest::newRow("SIGKILL") << SIGKILL;
  }
  void a_signal_stops_it_and_the_same_command_goes_on() {
    QFETCH(int, number);
    const auto file = write("chain", make_export(make_blocks(4'000)));
    const QStringList command = {"run", node_, "--import", file, "--rate", "2000", "--progress"};
    std::mt19937 random(static_cast<unsigned>(number));
    std::uint64_t stored = 0;
    for (int round = 0; round < 3; ++round) {
      cli::Running run(command);
      QVERIFY(run.wait_for("committed_blocks"));
      QTest::qWait(static_cast<int>(random() % 200));
      run.signal(number);
      const auto ended = run.finish();
      const auto whole = whole_blocks();
      QVERIFY2(whole >= stored && whole >= cli::committed_blocks(ended.out), ended.story());
      stored = whole;
      if (ended.exit_code == 0) break;  // it was quicker than the signal
      if (number != SIGKILL) {
        QVERIFY2(!ended.crashed && ended.exit_code == 1, ended.story());
        QVERIFY2(ended.errors.contains("run the same command again"), ended.story());
      }
    }
    const auto rest = cli::run({"run", node_, "--import", file, "--json"});
    QVERIFY2(rest.exit_code == 0, rest.story());
    QCOMPARE(static_cast<std::uint64_t>(rest.json()["blocks"].toInteger()), 4'000 - stored);
    QCOMPARE(whole_blocks(), 4'000u);
  }

  void files_that_hold_no_blocks_leave_nothing_behind() {
    const auto refused = [&](const QString& file, const char* why) {
      const auto run = cli::run({"run", node_, "--import", file});
      QVERIFY2(run.fails_with_one_sentence() && run.errors.contains(why), run.story());
      QVERIFY2(!QFile::exists(node_), run.story());
    };
    refused(write("empty", ""), "is empty");
    refused(write("text", "not a block in sight, only a line of text\n"), "neither an RLP");
    refused(folder_->filePath("nowhere"), "cannot be read");
    QVERIFY(QDir(folder_->path()).mkdir("nothing"));
    refused(folder_->filePath("nothing"), "no file in this folder holds blocks");
    const auto pipe = folder_->filePath("pipe");
    QCOMPARE(::mkfifo(pipe.toLocal8Bit().constData(), 0600), 0);
    refused(pipe, "pipe");
    if (!cli::is_root()) {
      const auto secret = write("secret", make_export(make_blocks(1)));
      QVERIFY(QFile::setPermissions(secret, {}));
      refused(secret, "permission");
    }
  }

  void a_bad_block_is_named_and_those_before_it_stay() {
    const auto made = make_blocks(300);
    const auto begin = make_export({made.begin(), made.begin() + 250}).size();
    const auto file = write("chain", make_export(made).substr(0, begin + 100));
    const auto run = cli::run({"run", node_, "--import", file});
    QVERIFY2(run.exit_code == 1, run.story());
    const auto named = QString("block 250 at byte %1 is cut off").arg(begin);
    QVERIFY2(run.errors.contains(named.toUtf8()) && run.errors.count('\n') == 1, run.story());
    QCOMPARE(whole_blocks(), 250u);
  }

  void another_workload_does_not_mix_with_an_import() {
    const auto file = write("chain", make_export(make_blocks(3)));
    QCOMPARE(cli::run({"run", node_, "--import", file}).exit_code, 0);
    const auto synthetic = cli::run({"run", node_, "--synthetic", "--blocks", "1"});
    QVERIFY2(synthetic.fails_with_one_sentence(), synthetic.story());
    for (const auto& wrong : {QStringList{"--synthetic"}, QStringList{"--blocks", "3"},
                              QStringList{"--access-lists", file}, QStringList{"--hints"}}) {
      QCOMPARE(cli::run(QStringList{"run", node_, "--import", file} + wrong).exit_code, 2);
    }
    QCOMPARE(cli::run({"run", node_, "--from", "3"}).exit_code, 2);
    QCOMPARE(whole_blocks(), 3u);
  }

  // Its memory is that of the engine, however long the file. NODETUNE_IMPORT_BLOCKS=1000000 makes
  // it the long run; the figures are printed.
  void a_long_import_stays_in_bounded_memory() {
    constexpr qint64 kPeakKibMax = 1'500'000;  // memtables, caches and what waits, with room
    bool set = false;
    const int wanted = qEnvironmentVariableIntValue("NODETUNE_IMPORT_BLOCKS", &set);
    const int blocks = set ? wanted : 10'000;
    const auto path = folder_->filePath("long");
    {
      std::ofstream file(path.toStdString(), std::ios::binary);
      ChainMaker maker({});
      for (int i = 0; i < blocks; ++i) file << export_block(maker.next());
    }
    cli::Running run({"run", node_, "--import", path, "--json"});
    qint64 peak = 0;
    while (const auto now = peak_kib(run.pid())) {
      peak = std::max(peak, now);
      QTest::qWait(20);
    }
    const auto ended = run.finish();
    QVERIFY2(ended.exit_code == 0, ended.story());
    QCOMPARE(ended.json()["blocks"].toInteger(), qint64{blocks});
    qInfo("%d blocks, %.0f a second, peak %lld KiB", blocks,
          ended.json()["blocks_per_second"].toDouble(), static_cast<long long>(peak));
    QVERIFY(peak > 0 && peak < kPeakKibMax);
  }

 private:
  QString write(const char* name, const std::string& content) {
    const auto path = folder_->filePath(name);
    std::ofstream(path.toStdString(), std::ios::binary) << content;
    return path;
  }
  // All of them audited against their own hashes.
  std::uint64_t whole_blocks() {
    auto database = Database::open(node_.toStdString(), {}, SystemClock::instance());
    if (!database) qFatal("%s", database.status().message().c_str());
    const auto audit = verify_blocks(**database);
    if (!audit) qWarning("%s", audit.status().message().c_str());
    return audit ? audit->blocks : UINT64_MAX;
  }

  std::unique_ptr<QTemporaryDir> folder_;
  QString node_;
};

QTEST_APPLESS_MAIN(ImportTest)
#include "import_test.moc"
