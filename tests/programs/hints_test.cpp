// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
//
// Hints through the command line: what a block was promised is served from memory.
#include <QDir>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QTemporaryDir>
#include <QtTest>

namespace {

const QString kLists = QString(NODETUNE_TEST_DATA) + "/chain/block-access-lists/rlp";
constexpr double kLeastServed = 0.95;

QJsonObject run_cli(const QStringList& arguments) {
  QProcess process;
  process.start(NODETUNE_CLI, arguments);
  process.waitForFinished(-1);
  const auto errors = process.readAllStandardError();
  if (!errors.isEmpty()) qInfo("%s", errors.constData());
  return QJsonDocument::fromJson(process.readAllStandardOutput()).object();
}

QJsonObject cache_of(const QJsonObject& document, const QString& kind) {
  for (const auto& cache : document.value("caches").toArray()) {
    if (cache.toObject().value("kind").toString() == kind) return cache.toObject();
  }
  return {};
}

}  // namespace

class HintsTest : public QObject {
  Q_OBJECT
 private slots:
  void first_touches_of_hinted_mainnet_slots_come_from_memory() {
    if (!QDir(kLists).exists()) QSKIP("the real access lists are not present");
    QTemporaryDir folder;
    const auto document =
        run_cli({"run", folder.path() + "/node", "--access-lists", kLists, "--hints", "--json"});
    QCOMPARE(document.value("blocks").toInt(), 50);
    const auto hints = document.value("hints").toObject();
    QCOMPARE(hints.value("blocks").toInt(), 50);
    QVERIFY(hints.value("first_touch_ratio").toDouble() >= kLeastServed);
    QVERIFY(hints.value("served_from_memory").toInt() <= hints.value("first_touches").toInt());
    const auto slots_hinted = hints.value("kinds").toObject().value("storage").toObject();
    QCOMPARE(slots_hinted.value("hinted").toInt(), 60'179);
    QCOMPARE(slots_hinted.value("first_touches").toInt(), 60'179);
    QVERIFY(slots_hinted.value("first_touch_ratio").toDouble() >= kLeastServed);
    // The caches see the same stream as without hints.
    QCOMPARE(cache_of(document, "storage").value("misses").toInt(), 33'645);
    QCOMPARE(cache_of(document, "storage").value("hits").toInt(), 26'534);
    QCOMPARE(cache_of(document, "account").value("misses").toInt(), 9'836);
  }

  void a_synthetic_chain_takes_hints_too() {
    QTemporaryDir folder;
    const auto document = run_cli(
        {"run", folder.path() + "/node", "--synthetic", "--blocks", "30", "--hints", "--json"});
    QCOMPARE(document.value("blocks").toInt(), 30);
    const auto hints = document.value("hints").toObject();
    QVERIFY(hints.value("first_touches").toInt() > 25'000);
    QVERIFY(hints.value("first_touch_ratio").toDouble() >= kLeastServed);
  }

  void without_hints_there_are_no_figures_of_them() {
    QTemporaryDir folder;
    const auto document =
        run_cli({"run", folder.path() + "/node", "--synthetic", "--blocks", "2", "--json"});
    QVERIFY(document.contains("hints"));
    QVERIFY(document.value("hints").isNull());
  }
};

QTEST_GUILESS_MAIN(HintsTest)
#include "hints_test.moc"
