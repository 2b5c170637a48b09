// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
//
// nodetune-cli on a directory that holds several databases.
#include <QDir>
#include <QJsonArray>
#include <QTemporaryDir>
#include <QtTest>

#include "tests/programs/cli.h"

namespace {

const QString kReal = QStringLiteral(NODETUNE_TEST_DATA "/rocksdb-dirs");

QByteArray read_all(const QString& path) {
  QFile file(path);
  return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

}  // namespace

class DatabasesTest : public QObject {
  Q_OBJECT
 private slots:
  void initTestCase() {
    if (!QDir(kReal).exists()) QSKIP("the real directories are not present");
    node_ = folder_.path() + "/node";
    qputenv("XDG_STATE_HOME", QFile::encodeName(folder_.path() + "/state"));
    QVERIFY(QDir().mkpath(node_));
    QVERIFY(cli::copy_directory(kReal + "/besu-ehr-single/database", node_ + "/state"));
    QVERIFY(cli::copy_directory(kReal + "/besu-ehr-ibft2-v1/database", node_ + "/headers"));
  }

  void open_lists_them() {
    const auto opened = cli::run({"open", node_, "--json"}).json();
    QCOMPARE(opened["way"].toString(), QString("observed"));
    QCOMPARE(opened["databases"].toArray().size(), 2);
  }

  void watch_covers_all_or_the_chosen_one() {
    const auto all = cli::run({"watch", node_, "--seconds", "1", "--json"});
    QVERIFY2(all.exit_code == 0, all.story());
    const auto first = QJsonDocument::fromJson(all.out.split('\n').first()).object();
    QCOMPARE(first["databases"].toObject().keys(), (QStringList{"headers", "state"}));
    const auto files = [](const QJsonObject& line) {
      return line["figures"].toObject()["db_sst_bytes"].toDouble();
    };
    double sum = 0;
    for (const auto* name : {"headers", "state"}) {
      const auto one = cli::run({"watch", node_, "--seconds", "1", "--json", "--database", name});
      QVERIFY2(one.exit_code == 0, one.story());
      sum += files(QJsonDocument::fromJson(one.out.split('\n').first()).object());
    }
    QVERIFY(sum > 0);
    QCOMPARE(files(first), sum);
  }

  void watch_fills_a_terminal_and_gives_it_back() {
    qputenv("TERM", "xterm");
    qputenv("LC_ALL", "C.UTF-8");
    const auto before = cli::fingerprint(node_);
    const auto seen = cli::run_program(
        "script", {"-qec", QString(NODETUNE_CLI " watch %1 --seconds 2").arg(node_), "/dev/null"});
    qunsetenv("LC_ALL");
    QVERIFY2(seen.exit_code == 0, seen.story());
    const auto enter = seen.out.indexOf("\x1b[?1049h");
    const auto leave = seen.out.lastIndexOf("\x1b[?1049l");
    QVERIFY2(enter >= 0 && leave > enter, seen.story());
    QVERIFY2(seen.out.count("Stalled") >= 2, seen.story());  // more than one frame
    QVERIFY2(seen.out.contains("d next database"), seen.story());
    QVERIFY2(seen.out.mid(leave).trimmed().endsWith("\x1b[?1049l"), seen.story());
    const auto changed = cli::difference(before, cli::fingerprint(node_));
    QVERIFY2(changed.isEmpty(), changed);
  }

  void report_covers_all_or_the_chosen_one() {
    const auto before = cli::fingerprint(node_);
    const auto html = folder_.path() + "/report.html";
    const auto all = cli::run({"report", node_, "--for", "1", "--out", html});
    QVERIFY2(all.exit_code == 0, all.story());
    const auto page = read_all(html);
    QVERIFY(page.contains("Database headers") && page.contains("Database state"));
    QVERIFY(page.contains("state · "));
    const auto json = folder_.path() + "/report.json";
    const auto one =
        cli::run({"report", node_, "--for", "1", "--out", json, "--database", "state"});
    QVERIFY2(one.exit_code == 0, one.story());
    const auto node = QJsonDocument::fromJson(read_all(json)).object()["node"].toObject();
    QCOMPARE(node["path"].toString(), node_ + "/state");
    const auto changed = cli::difference(before, cli::fingerprint(node_));
    QVERIFY2(changed.isEmpty(), changed);
  }

  void a_name_that_is_none_is_refused_with_those_there_are() {
    for (const auto* command : {"watch", "recommend"}) {
      const auto refused = cli::run({command, node_, "--database", "nothing"});
      QVERIFY2(refused.fails_with_one_sentence(), refused.story());
      QVERIFY2(refused.errors.contains("headers, state"), refused.story());
    }
    const auto single = cli::run({"watch", node_ + "/state", "--database", "state"});
    QVERIFY2(single.fails_with_one_sentence(), single.story());
  }

 private:
  QTemporaryDir folder_;
  QString node_;
};

QTEST_APPLESS_MAIN(DatabasesTest)
#include "databases_test.moc"
