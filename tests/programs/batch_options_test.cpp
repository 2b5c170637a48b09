// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
//
// Durability and batch size from the command line: in force, remembered, refused.
#include <QTemporaryDir>
#include <QtTest>

#include "tests/programs/cli.h"

class BatchOptionsTest : public QObject {
  Q_OBJECT
 private slots:
  void what_is_asked_for_is_in_force_and_remembered() {
    const QTemporaryDir folder;
    const auto node = folder.path() + "/node";
    const auto first = cli::run({"run", node, "--synthetic", "--blocks", "20", "--durability",
                                 "fsync", "--commit-limit", "80ms", "--json"});
    QVERIFY2(first.exit_code == 0, first.story());
    auto batches = first.json().value("batches").toObject();
    QCOMPARE(batches.value("durability").toString(), QString("log_and_fsync"));
    QCOMPARE(batches.value("size_mode").toString(), QString("adaptive"));
    QCOMPARE(batches.value("commit_seconds_max").toDouble(), 0.08);
    QVERIFY(batches.value("choice").toString().contains("a commit costs"));
    const auto prices = batches.value("durability_prices").toObject();
    QVERIFY2(prices.value("log_and_fsync").toString().startsWith("fsync costs"), first.story());
    QCOMPARE(prices.value("none").toString(), QString("not measured yet"));
    QVERIFY(batches.value("sync_seconds").toObject().value("count").toInt() > 0);

    const auto second = cli::run({"run", node, "--blocks", "5", "--batch-size", "900", "--json"});
    QVERIFY2(second.exit_code == 0, second.story());
    batches = second.json().value("batches").toObject();
    QCOMPARE(batches.value("durability").toString(), QString("log_and_fsync"));
    QCOMPARE(batches.value("size_mode").toString(), QString("fixed"));
    QCOMPARE(batches.value("auto_commit_threshold").toInt(), 900);

    const auto third =
        cli::run({"run", node, "--blocks", "5", "--no-wal", "--batch-mode", "adaptive", "--json"});
    QVERIFY2(third.exit_code == 0, third.story());
    batches = third.json().value("batches").toObject();
    QCOMPARE(batches.value("durability").toString(), QString("none"));
    QCOMPARE(batches.value("size_mode").toString(), QString("adaptive"));
    QCOMPARE(batches.value("commit_seconds_max").toDouble(), 0.08);
  }
  void nonsense_is_refused_before_anything_is_made_data() {
    QTest::addColumn<QStringList>("options");
    QTest::newRow("durability") << QStringList{"--durability", "perhaps"};
    QTest::newRow("mode") << QStringList{"--batch-mode", "wild"};
    QTest::newRow("limit") << QStringList{"--commit-limit", "0ms"};
    QTest::newRow("limit without a number") << QStringList{"--commit-limit", "soon"};
    QTest::newRow("size") << QStringList{"--batch-size", "0"};
    QTest::newRow("path") << QStringList{"--write-path", "by hand"};
    QTest::newRow("both") << QStringList{"--no-wal", "--durability", "log"};
  }
  void nonsense_is_refused_before_anything_is_made() {
    QFETCH(QStringList, options);
    const QTemporaryDir folder;
    const auto node = folder.path() + "/node";
    const auto refused = cli::run(QStringList{"run", node, "--blocks", "1"} + options);
    QVERIFY2(refused.exit_code == 2, refused.story());
    QVERIFY(!QFileInfo::exists(node));
  }
  void a_size_out_of_range_is_refused_with_the_range() {
    const QTemporaryDir folder;
    const auto refused =
        cli::run({"run", folder.path() + "/node", "--blocks", "1", "--batch-size", "5"});
    QVERIFY2(refused.exit_code != 0, refused.story());
    QVERIFY2(refused.errors.contains("16 to 100000"), refused.story());
  }
};

QTEST_GUILESS_MAIN(BatchOptionsTest)
#include "batch_options_test.moc"
