// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include <QtTest>
#include <cmath>
#include <set>

#include "engine/base/format.h"
#include "engine/chain/keys.h"
#include "engine/workload/block_record.h"
#include "engine/workload/workload.h"
#include "tests/engine/workload/recording_store.h"

using namespace nodetune;
using namespace nodetune::testing;

namespace {

std::unique_ptr<Workload> chain(const SyntheticConfig& config = {}) {
  auto made = make_synthetic_chain(config);
  if (!made) qFatal("%s", made.status().message().c_str());
  return std::move(made).value();
}

std::uint64_t state_bytes(const FakeStore& store) {
  std::uint64_t bytes = 0;
  const auto contents = store.contents();
  for (const auto family : {Family::accounts, Family::storage, Family::state_nodes}) {
    for (const auto& [key, value] : contents[index_of(family)]) bytes += key.size() + value.size();
  }
  return bytes;
}

}  // namespace

class SyntheticChainTest : public QObject {
  Q_OBJECT
 private slots:
  void the_same_seed_makes_the_same_operations() {
    const auto run = [](std::uint64_t seed) {
      SyntheticConfig config;
      config.seed = seed;
      config.keep_blocks = 4;
      RecordingStore store;
      Bench bench(store, Bench::no_caches());
      const auto workload = chain(config);
      if (!bench.prepare(*workload)) qFatal("prepare");
      std::vector<std::size_t> blocks;
      for (int i = 0; i < 8; ++i) blocks.push_back(fingerprint(bench.trace_block(*workload)));
      return blocks;
    };
    const auto first = run(7);
    QCOMPARE(run(7), first);
    const auto other = run(8);
    for (std::size_t i = 0; i < first.size(); ++i) QVERIFY(first[i] != other[i]);
  }

  void hints_change_nothing_but_where_reads_come_from() {
    std::array<std::unique_ptr<RecordingStore>, 2> stores;
    for (const bool hinted : {false, true}) {
      SyntheticConfig config;
      config.keep_blocks = 4;
      config.blocks = 8;
      config.hints = hinted;
      auto& store = stores[hinted ? 1 : 0];
      store = std::make_unique<RecordingStore>();
      Bench bench(*store, Bench::no_caches());
      const auto workload = chain(config);
      QVERIFY(bench.prepare(*workload));
      while (bench.run_block(*workload)) continue;
      const auto hints = bench.objects->hints();
      QCOMPARE(hints.blocks, hinted ? 8u : 0u);
      QCOMPARE(hints.all().hinted, hints.all().first_touches);
      QCOMPARE(hints.all().served_from_memory, hints.all().first_touches);
    }
    QVERIFY(stores[0]->store.contents() == stores[1]->store.contents());
  }

  void a_reopened_chain_goes_on_as_if_never_closed() {
    SyntheticConfig config;
    config.keep_blocks = 3;
    RecordingStore straight_store;
    Bench straight(straight_store, Bench::no_caches());
    const auto one = chain(config);
    QVERIFY(straight.prepare(*one));
    std::vector<std::size_t> expected;
    for (int i = 0; i < 8; ++i) expected.push_back(fingerprint(straight.trace_block(*one)));

    RecordingStore store;
    std::vector<std::size_t> seen;
    while (seen.size() < expected.size()) {
      // What it began with counts, whatever it is asked for later.
      if (!seen.empty()) config.prefill_bytes = 100 * kMiB;
      Bench bench(store, Bench::no_caches());
      const auto workload = chain(config);
      QVERIFY(bench.prepare(*workload));
      for (int i = 0; i < 2; ++i) seen.push_back(fingerprint(bench.trace_block(*workload)));
    }
    QCOMPARE(seen, expected);
    QVERIFY(store.store.contents() == straight_store.store.contents());
  }

  void prefill_stores_about_what_was_asked() {
    SyntheticConfig config;
    config.prefill_bytes = 24 * kMiB;
    RecordingStore store;
    QVERIFY(chain(config)->prepare(store, {}));
    const auto ratio =
        static_cast<double>(state_bytes(store.store)) / static_cast<double>(config.prefill_bytes);
    qInfo("stored %.3f of what was asked", ratio);
    QVERIFY2(std::abs(ratio - 1) < 0.1, qPrintable(QString::number(ratio)));
  }

  void a_pruned_chain_stays_near_its_bound() {
    SyntheticConfig config;
    config.keep_blocks = 8;
    config.prune_above_bytes = 36 * kMiB;
    config.prefill_bytes = 20 * kMiB;
    RecordingStore store;
    Bench bench(store);
    const auto workload = chain(config);
    QVERIFY(bench.prepare(*workload));
    std::vector<double> sizes;
    for (int i = 1; i <= 240; ++i) {
      bench.run_block(*workload);
      if (i % 60 == 0) sizes.push_back(static_cast<double>(state_bytes(store.store)) / kMiB);
    }
    qInfo("state after 60, 120, 180, 240 blocks: %.1f %.1f %.1f %.1f MiB", sizes[0], sizes[1],
          sizes[2], sizes[3]);
    QVERIFY(sizes[0] < sizes[1]);
    QVERIFY2(sizes[3] < 1.05 * sizes[2], "the state still grows");
    double all = 0;
    for (const auto& family : store.store.contents()) {
      for (const auto& [key, value] : family) all += static_cast<double>(key.size() + value.size());
    }
    qInfo("all of it: %.1f MiB", all / kMiB);
    QVERIFY(all < 1.05 * static_cast<double>(config.prune_above_bytes));
    QVERIFY(all > 0.6 * static_cast<double>(config.prune_above_bytes));
  }

  void old_blocks_are_pruned_whole() {
    SyntheticConfig config;
    config.keep_blocks = 4;
    config.blocks = 10;
    RecordingStore store;
    Bench bench(store);
    const auto workload = chain(config);
    QVERIFY(bench.prepare(*workload));
    int blocks = 0;
    while (bench.run_block(*workload)) ++blocks;
    QCOMPARE(blocks, 10);
    const auto contents = store.store.contents();
    for (const auto family : {Family::blocks, Family::receipts}) {
      QCOMPARE(contents[index_of(family)].size(), 4u);
    }
    // The header, its canonical hash and its total difficulty.
    QCOMPARE(contents[index_of(Family::headers)].size(), 12u);
    std::set<std::string> numbers;  // that the lookups lead to
    for (const auto& [hash, number] : contents[index_of(Family::transactions)]) {
      numbers.insert(number);
    }
    QCOMPARE(numbers.size(), 4u);
  }

  void blocks_without_an_index_of_headers_are_pruned_too() {
    SyntheticConfig config;
    config.keep_blocks = 4;
    RecordingStore store;
    {
      Bench bench(store);
      const auto workload = chain(config);
      QVERIFY(bench.prepare(*workload));
      for (int i = 0; i < 3; ++i) bench.run_block(*workload);
    }
    std::vector<WriteOperation> index;
    const auto contents = store.store.contents();
    for (const auto& [key, value] : contents[index_of(Family::headers)]) {
      if (key.size() != block_key(0, {}).size()) {
        index.push_back(WriteOperation::erase(Family::headers, key));
      }
    }
    QCOMPARE(index.size(), 6u);
    QVERIFY(store.store.write(index, Durability::log));
    Bench bench(store);
    const auto workload = chain(config);
    QVERIFY(bench.prepare(*workload));
    for (int i = 0; i < 6; ++i) bench.run_block(*workload);
    QCOMPARE(store.store.contents()[index_of(Family::headers)].size(), 12u);
  }

  void impossible_settings_are_refused() {
    SyntheticConfig config;
    config.keep_blocks = 0;
    QVERIFY(!make_synthetic_chain(config));
    config = {};
    config.prune_above_bytes = kMiB;
    const auto refused = make_synthetic_chain(config);
    QVERIFY(!refused);
    QVERIFY(refused.status().message().find("at least") != std::string::npos);
  }
};

QTEST_GUILESS_MAIN(SyntheticChainTest)
#include "synthetic_chain_test.moc"
