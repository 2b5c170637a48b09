// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include <QFile>
#include <QJsonArray>
#include <QTemporaryDir>
#include <QtTest>

#include "tests/programs/cli.h"

// nodetune-cli mrc: the miss-ratio curve of a trace.
class MrcTest : public QObject {
  Q_OBJECT

 private slots:
  void a_loop_is_one_step();
  void sizes_give_a_curve_by_bytes();
  void mainnet_slots_are_close_to_the_exact_curve();
  void another_seed_watches_other_keys();
  void text_shows_both_curves();
  void wrong_usage_is_told_apart_from_failure();

 private:
  QString file(const QByteArray& content) {
    const auto path = folder_.filePath("trace");
    QFile written(path);
    if (!written.open(QIODevice::WriteOnly) || written.write(content) != content.size()) {
      qFatal("the test's file could not be written");
    }
    return path;
  }

  QTemporaryDir folder_;
};

void MrcTest::a_loop_is_one_step() {
  QByteArray trace;
  for (int i = 0; i < 1'000; ++i) trace += QByteArray::number(i % 100) + '\n';
  const auto outcome = cli::run(
      {"mrc", "--trace", file(trace), "--format", "lirs", "--exact", "--json", "--points", "10"});
  QVERIFY2(outcome.exit_code == 0, outcome.story());
  const auto json = outcome.json();
  QCOMPARE(json["lookups"].toInt(), 1'000);
  QCOMPARE(json["distinct"].toInt(), 100);
  QCOMPARE(json["sampling_rate"].toDouble(), 1.0);
  QVERIFY(json["mean_absolute_error"].isDouble());
  QCOMPARE(json["mean_absolute_error"].toDouble(), 0.0);
  QVERIFY(json["memory_bytes"].toInt() > 0);
  QVERIFY(!json.contains("curve_by_bytes"));
  for (const auto* key : {"curve", "exact_curve"}) {
    const auto curve = json[key].toArray();
    QCOMPARE(curve.size(), 10);
    for (int i = 0; i < 10; ++i) {
      const auto point = curve[i].toObject();
      QCOMPARE(point["entries"].toInt(), 10 * (i + 1));
      QVERIFY(point["bytes"].isNull());  // the trace does not say
      QCOMPARE(point["miss_ratio"].toDouble(), i < 9 ? 1.0 : 0.1);
    }
  }
}

void MrcTest::sizes_give_a_curve_by_bytes() {
  QByteArray trace = "key,size\n";
  for (int i = 0; i < 1'000; ++i) trace += QByteArray::number(i % 100) + ",50\n";
  const auto outcome = cli::run(
      {"mrc", "--trace", file(trace), "--format", "csv", "--exact", "--json", "--points", "10"});
  QVERIFY2(outcome.exit_code == 0, outcome.story());
  const auto json = outcome.json();
  const auto last = json["curve"].toArray().last().toObject();
  QCOMPARE(last["entries"].toInt(), 100);
  QCOMPARE(last["bytes"].toInt(), 5'000);
  const auto by_bytes = json["curve_by_bytes"].toArray().last().toObject();
  QCOMPARE(by_bytes["bytes"].toInt(), 5'000);
  QCOMPARE(by_bytes["miss_ratio"].toDouble(), 0.1);
  QCOMPARE(json["exact_curve_by_bytes"].toArray().last().toObject()["miss_ratio"].toDouble(), 0.1);
  QVERIFY(json["mean_absolute_error_by_bytes"].toDouble() < 0.001);
}

void MrcTest::mainnet_slots_are_close_to_the_exact_curve() {
  const QString lists = NODETUNE_TEST_DATA "/chain/block-access-lists/rlp";
  if (!QFile::exists(lists)) QSKIP("block access lists not present");
  double sum = 0;
  for (const auto* seed : {"1", "2", "3"}) {
    const auto outcome = cli::run(
        {"mrc", "--trace", lists, "--format", "bal-slots", "--exact", "--json", "--seed", seed});
    QVERIFY2(outcome.exit_code == 0, outcome.story());
    const auto json = outcome.json();
    QCOMPARE(json["lookups"].toInt(), 60'179);
    QCOMPARE(json["distinct"].toInt(), 33'645);
    QVERIFY(json["sampling_rate"].toDouble() < 0.3);
    // The floor: 33,645 first touches of 60,179.
    const auto floor = json["exact_curve"].toArray().last().toObject()["miss_ratio"].toDouble();
    QVERIFY(qAbs(floor - 33'645.0 / 60'179) < 1e-9);
    sum += json["mean_absolute_error"].toDouble();
  }
  QVERIFY(sum > 0);
  QVERIFY2(sum / 3 < 0.005, QByteArray::number(sum / 3));
}

void MrcTest::another_seed_watches_other_keys() {
  QByteArray trace;
  for (int i = 0; i < 20'000; ++i) trace += QByteArray::number(i * 7 % 4'999 % (1 + i)) + '\n';
  const auto path = file(trace);
  const auto run = [&](const char* seed) {
    return cli::run({"mrc", "--trace", path, "--format", "lirs", "--json", "--samples", "64",
                     "--seed", seed})
        .out;
  };
  QVERIFY(!run("1").isEmpty());
  QCOMPARE(run("1"), run("1"));
  QVERIFY(QJsonDocument::fromJson(run("1")).object()["curve"] !=
          QJsonDocument::fromJson(run("2")).object()["curve"]);
}

void MrcTest::text_shows_both_curves() {
  const auto outcome =
      cli::run({"mrc", "--trace", file("1\n2\n1\n2\n"), "--format", "lirs", "--exact"});
  QVERIFY2(outcome.exit_code == 0, outcome.story());
  QVERIFY2(outcome.out.contains("4 lookups of 2 keys"), outcome.story());
  QVERIFY2(outcome.out.contains("0.5000      0.5000"), outcome.story());
  QVERIFY2(outcome.out.contains("Mean absolute error: 0.00000"), outcome.story());
}

void MrcTest::wrong_usage_is_told_apart_from_failure() {
  const auto path = file("1\nfoo\n");
  const auto unknown = cli::run({"mrc", "--trace", path, "--format", "foo"});
  QVERIFY2(unknown.exit_code == 2 && unknown.errors.contains("oracleGeneral"), unknown.story());
  for (const auto& wrong : {QStringList{"--format", "lirs", "--points", "0"},
                            QStringList{"--format", "lirs", "--samples", "1"},
                            QStringList{"--format", "lirs", "--samples", "70000"}, QStringList{}}) {
    const auto outcome = cli::run(QStringList{"mrc", "--trace", path} + wrong);
    QVERIFY2(outcome.exit_code == 2 && outcome.out.isEmpty(), outcome.story());
  }
  const auto malformed = cli::run({"mrc", "--trace", path, "--format", "lirs"});
  QVERIFY2(malformed.fails_with_one_sentence(), malformed.story());
  QVERIFY2(malformed.errors.contains("line 2"), malformed.story());
  const auto empty = cli::run({"mrc", "--trace", file(""), "--format", "lirs", "--exact"});
  QVERIFY2(empty.fails_with_one_sentence(), empty.story());
  const auto missing = cli::run({"mrc", "--trace", "/no/such/trace", "--format", "arc"});
  QVERIFY2(missing.fails_with_one_sentence(), missing.story());
}

QTEST_APPLESS_MAIN(MrcTest)
#include "mrc_test.moc"
