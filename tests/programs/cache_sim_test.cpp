// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include <QFileInfo>
#include <QTemporaryDir>
#include <QtTest>
#include <array>
#include <cmath>

#include "cli.h"

namespace {

const QString kTraces = NODETUNE_TEST_DATA "/traces/";
const QString kAccessLists = NODETUNE_TEST_DATA "/chain/block-access-lists/rlp";

cli::Outcome simulate(const QString& trace, const QString& format, const QString& policy,
                      int capacity, const QStringList& more = {}) {
  return cli::run(QStringList{"cache-sim", "--trace", trace, "--format", format, "--policy", policy,
                              "--capacity", QString::number(capacity), "--json"} +
                  more);
}

double miss_ratio(const QJsonObject& json) {
  return json.value("misses").toDouble() / json.value("lookups").toDouble();
}

// "32.83": as the papers print it.
QByteArray percent(const QJsonObject& json) {
  return QByteArray::number(100 * json.value("hits").toDouble() / json.value("lookups").toDouble(),
                            'f', 2);
}

}  // namespace

class CacheSimTest : public QObject {
  Q_OBJECT
 private slots:
  void lru_on_oltp_hits_exactly_what_is_known() {
    const QString trace = kTraces + "arc/OLTP.lis.zst";
    if (!QFileInfo::exists(trace)) QSKIP("ARC's OLTP trace is not present");
    const std::array<std::pair<int, const char*>, 5> known = {{{1'000, "32.83"},
                                                               {2'000, "42.47"},
                                                               {5'000, "53.65"},
                                                               {10'000, "60.70"},
                                                               {15'000, "64.63"}}};
    for (const auto& [pages, hits] : known) {
      const auto outcome = simulate(trace, "arc", "lru", pages);
      QVERIFY2(outcome.exit_code == 0, outcome.story());
      const auto json = outcome.json();
      QCOMPARE(percent(json), QByteArray(hits));
      QCOMPARE(json.value("lookups").toInt(), 914'145);
      QCOMPARE(json.value("hits").toInt() + json.value("misses").toInt(), 914'145);
      QCOMPARE(json.value("evictions").toInt(), json.value("misses").toInt() - pages);
    }
  }

  void mainnet_slots_miss_what_is_known() {
    if (!QFileInfo::exists(kAccessLists)) QSKIP("mainnet's access lists are not present");
    const auto misses = [](const QString& policy, int capacity) {
      return miss_ratio(simulate(kAccessLists, "bal-slots", policy, capacity).json());
    };
    QVERIFY(std::abs(misses("lru", 2'000) - 0.895) < 0.0005);
    QVERIFY(std::abs(misses("lru", 8'000) - 0.694) < 0.0005);
    QVERIFY(std::abs(misses("s3fifo", 2'000) - 0.826) < 0.0005);
    QVERIFY(std::abs(misses("s3fifo", 8'000) - 0.671) < 0.0005);
    QVERIFY(std::abs(misses("arc", 2'000) - 0.839) < 0.0005);
    QVERIFY(std::abs(misses("arc", 8'000) - 0.657) < 0.0005);
  }

  void the_choice_beats_lru_on_mainnet_and_says_why() {
    if (!QFileInfo::exists(kAccessLists)) QSKIP("mainnet's access lists are not present");
    const auto slots_outcome = simulate(kAccessLists, "bal-slots", "adaptive", 2'000);
    QVERIFY2(slots_outcome.exit_code == 0, slots_outcome.story());
    const auto json = slots_outcome.json();
    QVERIFY2(miss_ratio(json) < 0.86, slots_outcome.story());  // LRU: 0.895
    QVERIFY2(json.value("reason").toString().contains(" where LRU would miss "),
             slots_outcome.story());
    const auto accounts = simulate(kAccessLists, "bal-accounts", "adaptive", 500).json();
    const auto lru = simulate(kAccessLists, "bal-accounts", "lru", 500).json();
    QVERIFY(miss_ratio(accounts) < miss_ratio(lru) - 0.01);
  }

  void a_ledger_is_not_thrown_out_of_the_cache() {
    const QString trace = kTraces + "corda/trace_vaultservice.gz";
    if (!QFileInfo::exists(trace)) QSKIP("the corda trace is not present");
    for (const char* const policy : {"lru", "s3fifo", "adaptive"}) {
      const auto outcome = simulate(trace, "u64be", policy, 128);
      QVERIFY2(std::abs(miss_ratio(outcome.json()) - 2.0 / 3) < 0.0005, outcome.story());
    }
  }

  void the_concurrent_cache_stays_by_its_policy_data() {
    QTest::addColumn<QString>("trace");
    QTest::addColumn<QString>("format");
    QTest::addColumn<int>("capacity");
    QTest::newRow("mainnet slots") << kAccessLists << "bal-slots" << 2'000;
    QTest::newRow("mainnet accounts") << kAccessLists << "bal-accounts" << 500;
    QTest::newRow("OLTP") << kTraces + "arc/OLTP.lis.zst"
                          << "arc" << 1'000;
    QTest::newRow("corda") << kTraces + "corda/trace_vaultservice.gz"
                           << "u64be" << 128;
    QTest::newRow("multi3") << kTraces + "lirs/multi3.trace.gz"
                            << "lirs" << 512;
    QTest::newRow("sprite") << kTraces + "lirs/sprite.trace.gz"
                            << "lirs" << 512;
    QTest::newRow("web07") << kTraces + "cache2k/web07.trace.xz"
                           << "i32be" << 1'000;
  }
  void the_concurrent_cache_stays_by_its_policy() {
    QFETCH(QString, trace);
    QFETCH(QString, format);
    QFETCH(int, capacity);
    if (!QFileInfo::exists(trace)) QSKIP("the trace is not present");
    for (const char* const policy : {"lru", "s3fifo", "arc"}) {
      const auto exact = simulate(trace, format, policy, capacity).json();
      const auto outcome = simulate(trace, format, policy, capacity, {"--concurrent"});
      QVERIFY2(outcome.exit_code == 0, outcome.story());
      const auto json = outcome.json();
      QCOMPARE(json.value("lookups").toInt(), exact.value("lookups").toInt());
      QVERIFY2(std::abs(miss_ratio(json) - miss_ratio(exact)) < 0.01,
               QByteArray(policy) + " " + outcome.story());
      QVERIFY(json.value("entries").toInt() <= capacity);
    }
  }

  void the_concurrent_cache_follows_the_choice() {
    if (!QFileInfo::exists(kAccessLists)) QSKIP("mainnet's access lists are not present");
    const auto outcome = simulate(kAccessLists, "bal-slots", "adaptive", 2'000, {"--concurrent"});
    QVERIFY2(miss_ratio(outcome.json()) < 0.86, outcome.story());
    QVERIFY(outcome.json().value("switches").toInt() > 0);
  }

  void what_is_asked_wrongly_is_refused() {
    QTemporaryDir folder;
    const QString empty = folder.filePath("empty");
    QFile file(empty);
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.close();
    QCOMPARE(simulate(empty, "arc", "lru", 0).exit_code, 2);
    QCOMPARE(simulate(empty, "arc", "fifo", 5).exit_code, 2);
    QCOMPARE(simulate(empty, "arcs", "lru", 5).exit_code, 2);
    QCOMPARE(cli::run({"cache-sim", "--trace", empty}).exit_code, 2);
    const auto missing = simulate(folder.filePath("missing"), "arc", "lru", 5);
    QVERIFY2(missing.fails_with_one_sentence(), missing.story());
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write("one two\n");
    file.close();
    const auto damaged = simulate(empty, "arc", "lru", 5);
    QVERIFY2(damaged.fails_with_one_sentence(), damaged.story());
  }

  void text_tells_the_figures() {
    QTemporaryDir folder;
    const QString path = folder.filePath("trace");
    QFile file(path);
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write("1\n2\n1\n3\n");
    file.close();
    const auto outcome = cli::run(
        {"cache-sim", "--trace", path, "--format", "lirs", "--policy", "lru", "--capacity", "2"});
    QCOMPARE(outcome.out.simplified(), QByteArray("lru at 2 entries lookups 4 hits 1 misses 3 "
                                                  "evictions 1 hit ratio 25.00 %"));
  }
};

QTEST_APPLESS_MAIN(CacheSimTest)
#include "cache_sim_test.moc"
