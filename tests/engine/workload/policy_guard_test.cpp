// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include <QFileInfo>
#include <QtTest>
#include <algorithm>
#include <vector>

#include "engine/cache/adaptive_simulation.h"
#include "engine/cache/policy_simulation.h"
#include "engine/workload/trace_reader.h"

using namespace nodetune;

namespace {

constexpr std::size_t kMaxRequests = 250'000;  // of a trace: the test shall end soon
constexpr std::size_t kStretch = 10;           // in capacities
constexpr double kAllowed = 0.005;

std::uint64_t spread(std::uint64_t key) {
  key += 0x9e37'79b9'7f4a'7c15u;
  key = (key ^ (key >> 30)) * 0xbf58'476d'1ce4'e5b9u;
  key = (key ^ (key >> 27)) * 0x94d0'49bb'1331'11ebu;
  return key ^ (key >> 31);
}

std::vector<std::uint64_t> read(const QString& path, TraceFormat format) {
  std::vector<std::uint64_t> keys;
  const auto trace = open_trace(path.toStdString(), format);
  if (!trace) return keys;
  const auto status = for_each_request(**trace, [&](const TraceRequest& request) {
    if (keys.size() < kMaxRequests) keys.push_back(spread(request.key));
  });
  if (!status) keys.clear();
  return keys;
}

}  // namespace

class PolicyGuardTest : public QObject {
  Q_OBJECT
 private slots:
  void never_far_below_lru_data() {
    QTest::addColumn<QString>("path");
    QTest::addColumn<int>("format");
    const auto row = [](const QString& path, TraceFormat format) {
      QTest::newRow(QFileInfo(path).fileName().toUtf8() + " " +
                    QByteArray::fromStdString(std::string(name(format))))
          << QString(NODETUNE_TEST_DATA "/") + path << static_cast<int>(format);
    };
    row("chain/block-access-lists/rlp", TraceFormat::bal_slots);
    row("chain/block-access-lists/rlp", TraceFormat::bal_accounts);
    row("traces/corda/trace_vaultservice.gz", TraceFormat::u64be);
    row("traces/arc/OLTP.lis.zst", TraceFormat::arc);
    row("traces/arc/P3.lis.zst", TraceFormat::arc);
    row("traces/libcachesim/cloudPhysicsIO.csv", TraceFormat::csv);
    row("traces/cache2k/web07.trace.xz", TraceFormat::i32be);
    row("traces/cache2k/orm-busy.trace.xz", TraceFormat::i32be);
    for (const char* const trace : {"2_pools", "backf", "cpp", "cs", "gli", "loop", "multi1",
                                    "multi2", "multi3", "ps", "scan", "sprite", "zigzag"}) {
      row(QString("traces/lirs/%1.trace.gz").arg(trace), TraceFormat::lirs);
    }
  }
  // Over the whole trace, and over any stretch of 10 x capacity lookups after the first, whichever
  // lookup it begins with.
  void never_far_below_lru() {
    QFETCH(QString, path);
    QFETCH(int, format);
    if (!QFileInfo::exists(path)) QSKIP("the trace is not present");
    const auto keys = read(path, static_cast<TraceFormat>(format));
    QVERIFY(!keys.empty());
    for (const std::size_t capacity : {128u, 512u, 1'869u, 2'000u, 5'000u, 8'000u}) {
      const auto lru = make_policy_simulation(PolicyKind::lru, capacity);
      AdaptiveSimulation cache(capacity);
      std::vector<int> lost = {0};  // hits behind LRU, up to each lookup
      lost.reserve(keys.size() + 1);
      for (const auto key : keys) {
        lost.push_back(lost.back() + (lru->access(key) ? 1 : 0) - (cache.access(key) ? 1 : 0));
      }
      const auto story = [&](std::size_t from, std::size_t count) {
        return QByteArray::number(qulonglong{capacity}) + " entries, lookups from " +
               QByteArray::number(qulonglong{from}) + ": " +
               QByteArray::number(100.0 * (lost[from + count] - lost[from]) /
                                  static_cast<double>(count)) +
               " points below LRU; " + QByteArray::fromStdString(cache.chooser().reason());
      };
      QVERIFY2(lost.back() <= kAllowed * static_cast<double>(keys.size()), story(0, keys.size()));
      const std::size_t stretch = kStretch * capacity;
      for (std::size_t from = stretch; from + stretch <= keys.size(); ++from) {
        if (lost[from + stretch] - lost[from] <= kAllowed * static_cast<double>(stretch)) continue;
        QFAIL(story(from, stretch));
      }
    }
  }

  // The traces are short for such sizes: what is worth a change must be found soon.
  void mainnet_gains_within_its_fifty_blocks_data() {
    QTest::addColumn<int>("format");
    QTest::addColumn<int>("capacity");
    QTest::addColumn<double>("gain");  // hit ratio above LRU's
    const auto of_slots = static_cast<int>(TraceFormat::bal_slots);
    const auto of_accounts = static_cast<int>(TraceFormat::bal_accounts);
    QTest::newRow("slots 2000") << of_slots << 2'000 << 0.025;
    QTest::newRow("slots 8000") << of_slots << 8'000 << 0.01;
    QTest::newRow("accounts 1000") << of_accounts << 1'000 << 0.03;
    QTest::newRow("accounts 2000") << of_accounts << 2'000 << 0.007;
  }
  void mainnet_gains_within_its_fifty_blocks() {
    QFETCH(int, format);
    QFETCH(int, capacity);
    QFETCH(double, gain);
    const QString path = NODETUNE_TEST_DATA "/chain/block-access-lists/rlp";
    if (!QFileInfo::exists(path)) QSKIP("the access lists are not present");
    const auto keys = read(path, static_cast<TraceFormat>(format));
    QVERIFY(!keys.empty());
    const auto size = static_cast<std::size_t>(capacity);
    const auto lru = make_policy_simulation(PolicyKind::lru, size);
    AdaptiveSimulation cache(size);
    int gained = 0;
    for (const auto key : keys) gained += (cache.access(key) ? 1 : 0) - (lru->access(key) ? 1 : 0);
    QVERIFY2(gained >= gain * static_cast<double>(keys.size()),
             QByteArray::number(gained) + " of " + QByteArray::number(qulonglong{keys.size()}));
  }
};

QTEST_APPLESS_MAIN(PolicyGuardTest)
#include "policy_guard_test.moc"
