// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
// The concurrent cache, driven by one thread, against the exact policies.
#include <QtTest>
#include <cmath>
#include <cstring>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "engine/cache/concurrent_cache.h"
#include "engine/cache/policy_simulation.h"

using namespace nodetune;

namespace {

using Trace = std::vector<std::uint64_t>;

std::string_view bytes_of(const std::uint64_t& key) {
  return {reinterpret_cast<const char*>(&key), sizeof key};
}

// Percent of hits with room for so many entries of equal charge.
double cache_percent(const Trace& trace, PolicyKind policy, std::size_t entries,
                     std::size_t partitions = 1) {
  const std::uint64_t any = 0;
  const std::size_t each = ConcurrentCache({}).charge_of(bytes_of(any), nullptr);
  ConcurrentCache cache({entries * each, partitions, false, policy});
  for (const std::uint64_t key : trace) {
    if (!cache.find(bytes_of(key))) cache.insert(bytes_of(key), nullptr);
  }
  const CacheCounters counters = cache.counters();
  return 100.0 * static_cast<double>(counters.hits) / static_cast<double>(counters.lookups());
}

double exact_percent(const Trace& trace, PolicyKind policy, std::size_t entries) {
  const auto simulation = make_policy_simulation(policy, entries);
  std::size_t hits = 0;
  for (const std::uint64_t key : trace) hits += simulation->access(key) ? 1 : 0;
  return 100.0 * static_cast<double>(hits) / static_cast<double>(trace.size());
}

// Skewed lookups whose favourites drift, with scans in between.
Trace drifting_trace(std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::uniform_real_distribution<double> uniform(0, 1);
  Trace trace;
  std::uint64_t scanned = 1u << 30;
  while (trace.size() < 400'000) {
    if (random() % 2'000 == 0) {
      for (int i = 0; i < 500; ++i) trace.push_back(++scanned);
    }
    const double rank = std::exp(uniform(random) * std::log(30'000.0));
    trace.push_back(static_cast<std::uint64_t>(rank) + trace.size() / 4'000 * 10);
  }
  return trace;
}

// "start count ignored request" a line; empty without the file or the program zstd.
Trace oltp_trace() {
  Trace trace;
  const QString path = NODETUNE_TEST_DATA "/traces/arc/OLTP.lis.zst";
  if (!QFile::exists(path)) return trace;
  QProcess zstd;
  zstd.start("zstd", {"-dcq", path});
  if (!zstd.waitForStarted() || !zstd.waitForFinished()) return trace;
  const QByteArray text = zstd.readAllStandardOutput();
  for (const char *at = text.constData(), *const end = at + text.size(); at < end;) {
    char* next = nullptr;
    const std::uint64_t start = std::strtoull(at, &next, 10);
    if (next == at) break;
    const std::uint64_t count = std::strtoull(next, &next, 10);
    for (std::uint64_t page = start; page < start + count; ++page) trace.push_back(page);
    at = std::find(static_cast<const char*>(next), end, '\n') + 1;
  }
  return trace;
}

void compare(const Trace& trace, PolicyKind policy, std::size_t entries) {
  const double exact = exact_percent(trace, policy, entries);
  const double ours = cache_percent(trace, policy, entries);
  const QString figures = QString("%1, %2 entries: exact %3 %, ours %4 %")
                              .arg(std::string(name(policy)).c_str())
                              .arg(entries)
                              .arg(exact, 0, 'f', 2)
                              .arg(ours, 0, 'f', 2);
  qInfo().noquote() << figures;
  QVERIFY2(std::abs(ours - exact) < 1.0, qPrintable(figures));
}

}  // namespace

class CacheFidelityTest : public QObject {
  Q_OBJECT
 private slots:
  void close_to_the_exact_policy_data() {
    QTest::addColumn<int>("policy");
    QTest::addColumn<int>("entries");
    for (const PolicyKind policy : kPolicyKinds) {
      for (const int entries : {128, 1'000, 5'000}) {
        QTest::addRow("%s %d", std::string(name(policy)).c_str(), entries)
            << static_cast<int>(policy) << entries;
      }
    }
  }
  void close_to_the_exact_policy() {
    QFETCH(int, policy);
    QFETCH(int, entries);
    const std::uint64_t seed = std::random_device{}();
    qInfo() << "seed" << seed;
    compare(drifting_trace(seed), PolicyKind(policy), static_cast<std::size_t>(entries));
  }

  void close_to_the_exact_policy_on_arc_oltp_data() { close_to_the_exact_policy_data(); }
  void close_to_the_exact_policy_on_arc_oltp() {
    QFETCH(int, policy);
    QFETCH(int, entries);
    static const Trace trace = oltp_trace();
    if (trace.empty()) QSKIP("traces/arc or the program zstd is not present");
    compare(trace, PolicyKind(policy), static_cast<std::size_t>(entries));
  }

  // FAST'03, Megiddo and Modha: what an exact LRU hits on this trace.
  void lru_on_arc_oltp_hits_as_published() {
    const Trace trace = oltp_trace();
    if (trace.empty()) QSKIP("traces/arc or the program zstd is not present");
    QCOMPARE(trace.size(), std::size_t{914'145});
    const std::vector<std::pair<std::size_t, double>> published = {
        {1'000, 32.83}, {2'000, 42.47}, {5'000, 53.65}, {10'000, 60.70}, {15'000, 64.63}};
    for (const auto& [pages, percent] : published) {
      const double ours = cache_percent(trace, PolicyKind::lru, pages);
      qInfo().noquote() << QString("%1 pages hit %2 %").arg(pages).arg(ours, 0, 'f', 2);
      QVERIFY2(std::abs(ours - percent) < 1.0,
               qPrintable(QString("%1 pages hit %2 %").arg(pages).arg(ours)));
    }
  }

  void partitions_cost_little() {
    const Trace trace = drifting_trace(1);
    const double one = cache_percent(trace, PolicyKind::lru, 5'000, 1);
    const double eight = cache_percent(trace, PolicyKind::lru, 5'000, 8);
    QVERIFY2(std::abs(one - eight) < 0.5, qPrintable(QString("%1 and %2").arg(one).arg(eight)));
  }
};

QTEST_APPLESS_MAIN(CacheFidelityTest)
#include "cache_fidelity_test.moc"
