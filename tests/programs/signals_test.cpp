// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
//
// How nodetune-cli ends: on signals, with a reader that leaves, on a wrong command line.
#include <QTemporaryDir>
#include <QtTest>
#include <memory>

#include "engine/base/clock.h"
#include "engine/store/database.h"
#include "engine/workload/block_audit.h"
#include "tests/programs/cli.h"

using namespace nodetune;

class SignalsTest : public QObject {
  Q_OBJECT
 private slots:
  void init() {
    folder_ = std::make_unique<QTemporaryDir>();
    node_ = folder_->path() + "/node";
  }

  void a_signal_ends_a_run_with_all_that_was_submitted_saved_data() {
    QTest::addColumn<int>("number");
    QTest::addColumn<bool>("json");
    QTest::newRow("SIGTERM") << SIGTERM << false;
    QTest::newRow("SIGINT") << SIGINT << false;
    QTest::newRow("SIGTERM, JSON") << SIGTERM << true;
  }
  void a_signal_ends_a_run_with_all_that_was_submitted_saved() {
    QFETCH(int, number);
    QFETCH(bool, json);
    cli::Running run({"run", node_, "--synthetic", json ? "--json" : "--progress"});
    if (json) {  // which says nothing before its end
      QTRY_VERIFY(QFile::exists(node_ + "/AUDIT.jsonl"));
      QTest::qWait(500);
    } else {
      QVERIFY(run.wait_for("committed_blocks"));
    }
    run.signal(number);
    const auto ended = run.finish();
    QVERIFY2(!ended.crashed && ended.exit_code == 0 && ended.errors.isEmpty(), ended.story());

    // Nobody holds the lock, and every block that was submitted is there and whole.
    auto database = Database::open(node_.toStdString(), {}, SystemClock::instance());
    QVERIFY2(database, database.status().message().c_str());
    const auto audit = verify_blocks(**database);
    QVERIFY2(audit, audit.status().message().c_str());
    if (json) {
      QCOMPARE(audit->blocks, static_cast<quint64>(ended.json().value("blocks").toInteger(-1)));
      QCOMPARE(ended.json().value("batches").toObject().value("pending_operations").toInt(-1), 0);
      QCOMPARE(ended.json().value("state").toString(), "stopped");
    } else {
      QVERIFY(audit->blocks > 0);
      QCOMPARE(audit->blocks, cli::committed_blocks(ended.out));
    }
  }

  void a_signal_ends_watching_at_once() {
    QVERIFY(cli::make_managed(node_, 1).exit_code == 0);
    cli::Running watch({"watch", node_, "--json"});
    QVERIFY(watch.wait_for("figures"));
    watch.signal(SIGINT);
    const auto ended = watch.finish();
    QVERIFY2(!ended.crashed && ended.exit_code == 0, ended.story());
    for (const auto& line : ended.out.trimmed().split('\n')) {
      QVERIFY2(QJsonDocument::fromJson(line).isObject(), line);  // no half line either
    }
  }

  void a_reader_that_leaves_ends_watching_quietly() {
    QVERIFY(cli::make_managed(node_, 1).exit_code == 0);
    const auto piped = cli::run_program(
        "bash",
        {"-c", "\"$0\" watch \"$1\" --json | head -1; echo ${PIPESTATUS[0]}", NODETUNE_CLI, node_});
    const auto lines = piped.out.trimmed().split('\n');
    QCOMPARE(lines.size(), 2);
    QVERIFY2(QJsonDocument::fromJson(lines.first()).isObject(), piped.story());
    QCOMPARE(lines.last(), "0");
    QVERIFY2(piped.errors.isEmpty(), piped.story());
  }

  void output_that_cannot_be_written_is_an_error() {
    if (!QFile::exists("/dev/full")) QSKIP("/dev/full is not present");
    QVERIFY(cli::make_managed(node_, 1).exit_code == 0);
    for (const auto* what : {"open \"$1\" --json", "open \"$1\"", "knobs \"$1\"", "--version",
                             "run \"$1\" --synthetic --blocks 2 --json"}) {
      const auto full = cli::run_program(
          "bash", {"-c", QString("\"$0\" %1 > /dev/full").arg(what), NODETUNE_CLI, node_});
      QVERIFY2(full.fails_with_one_sentence(), what + ('\n' + full.story()));
    }
  }

  void version_and_help_are_there_for_every_subcommand() {
    const auto version = cli::run({"--version"});
    QVERIFY2(version.exit_code == 0 && version.out.startsWith("nodetune-cli "), version.story());
    const auto help = cli::run({"--help"});
    QVERIFY2(help.exit_code == 0 && help.errors.isEmpty(), help.story());
    for (const auto* command : {"open", "run", "watch", "knobs", "recommend", "report", "log"}) {
      QVERIFY2(help.out.contains(command), help.story());
      const auto one = cli::run({command, "--help"});
      QVERIFY2(one.exit_code == 0 && one.errors.isEmpty(), one.story());
      QVERIFY2(one.out.contains("Usage: "), one.story());
    }
  }

  void a_wrong_command_line_exits_with_2_and_says_why_data() {
    QTest::addColumn<QStringList>("arguments");
    QTest::newRow("nothing") << QStringList{};
    QTest::newRow("unknown subcommand") << QStringList{"dance"};
    QTest::newRow("unknown option") << QStringList{"open", "/tmp", "--fast"};
    for (const auto* command : {"open", "run", "watch", "knobs", "recommend", "report", "log"}) {
      QTest::addRow("%s without a directory", command) << QStringList{command};
    }
    QTest::newRow("two directories") << QStringList{"open", "/tmp", "/var"};
    QTest::newRow("report without --out") << QStringList{"report", "/tmp"};
    QTest::newRow("no number of blocks") << QStringList{"run", "x", "--blocks", "many"};
    QTest::newRow("negative blocks") << QStringList{"run", "x", "--blocks", "-1"};
    QTest::newRow("no rate") << QStringList{"run", "x", "--rate", "0"};
    QTest::newRow("no size") << QStringList{"run", "x", "--prefill", "big"};
    QTest::newRow("no share") << QStringList{"run", "x", "--stop-below-free", "200%"};
    QTest::newRow("no span") << QStringList{"watch", "x", "--seconds", "soon"};
    QTest::newRow("two chains") << QStringList{"run", "x", "--synthetic", "--access-lists", "y"};
    QTest::newRow("two outputs") << QStringList{"run", "x", "--json", "--progress"};
  }
  void a_wrong_command_line_exits_with_2_and_says_why() {
    QFETCH(QStringList, arguments);
    const auto refused = cli::run(arguments);
    QVERIFY2(!refused.crashed && refused.exit_code == 2, refused.story());
    QVERIFY2(refused.errors.size() > 10 && refused.out.isEmpty(), refused.story());
    QVERIFY(!QFile::exists("x"));
  }

 private:
  std::unique_ptr<QTemporaryDir> folder_;
  QString node_;
};

QTEST_GUILESS_MAIN(SignalsTest)
#include "signals_test.moc"
