// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
//
// The real access lists through the command line, against an independent count.
#include <QDir>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QTemporaryDir>
#include <QtTest>

namespace {

const QString kLists = QString(NODETUNE_TEST_DATA) + "/chain/block-access-lists/rlp";

QByteArray run_cli(const QStringList& arguments, int* exit_code) {
  QProcess process;
  process.start(NODETUNE_CLI, arguments);
  process.waitForFinished(-1);
  *exit_code = process.exitCode();
  const auto errors = process.readAllStandardError();
  if (!errors.isEmpty()) qInfo("%s", errors.constData());
  return process.readAllStandardOutput();
}

QJsonObject cache_of(const QJsonObject& document, const QString& kind) {
  for (const auto& cache : document.value("caches").toArray()) {
    if (cache.toObject().value("kind").toString() == kind) return cache.toObject();
  }
  return {};
}

}  // namespace

class ReplayTest : public QObject {
  Q_OBJECT
 private slots:
  void fifty_mainnet_blocks_agree_with_an_independent_count() {
    if (!QDir(kLists).exists()) QSKIP("the real access lists are not present");
    QTemporaryDir folder;
    int exit_code = -1;
    const auto output =
        run_cli({"run", folder.path() + "/node", "--access-lists", kLists, "--json"}, &exit_code);
    QCOMPARE(exit_code, 0);
    const auto document = QJsonDocument::fromJson(output).object();
    QCOMPARE(document.value("blocks").toInt(), 50);
    const auto accounts = cache_of(document, "account");
    QCOMPARE(accounts.value("lookups").toInt(), 20'806);
    QCOMPARE(accounts.value("misses").toInt(), 9'836);
    QCOMPARE(accounts.value("hits").toInt(), 10'970);
    const auto storage = cache_of(document, "storage");
    QCOMPARE(storage.value("lookups").toInt(), 60'179);
    QCOMPARE(storage.value("misses").toInt(), 33'645);
    QCOMPARE(storage.value("hits").toInt(), 26'534);
    for (const auto& value : document.value("caches").toArray()) {
      const auto cache = value.toObject();
      QCOMPARE(cache.value("hits").toInt() + cache.value("misses").toInt(),
               cache.value("lookups").toInt());
      QCOMPARE(cache.value("evictions").toInt(), 0);  // they hold everything
    }
  }

  void usage_errors_and_failures_have_their_own_exit_codes() {
    int exit_code = -1;
    run_cli({"run"}, &exit_code);
    QCOMPARE(exit_code, 2);
    run_cli({"--version"}, &exit_code);
    QCOMPARE(exit_code, 0);
    QTemporaryDir folder;
    run_cli({"run", folder.path() + "/node", "--access-lists", folder.path() + "/none"},
            &exit_code);
    QCOMPARE(exit_code, 1);
  }
};

QTEST_GUILESS_MAIN(ReplayTest)
#include "replay_test.moc"
