// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include <QtTest>
#include <cmath>
#include <map>
#include <set>

#include "engine/base/format.h"
#include "engine/chain/access_list.h"
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

// The classes of EthAnalysis, by the family and the key that they have here.
enum Class { storage_node, account_node, slot, lookup, account, header, body, receipts, kClasses };

int class_of(Family family, const std::string& key) {
  switch (family) {
    case Family::state_nodes:
      return key.front() == 'S' ? storage_node : account_node;
    case Family::storage:
      return slot;
    case Family::transactions:
      return lookup;
    case Family::accounts:
      return account;
    case Family::headers:
      return header;
    case Family::blocks:
      return body;
    case Family::receipts:
      return receipts;
    case Family::own:
      break;
  }
  return -1;
}

struct Mix {
  double reads = 0;
  double puts = 0;
  double deletes = 0;
  double all() const { return reads + puts + deletes; }
};
using Mixes = std::array<Mix, kClasses>;

void count(const BlockTrace& trace, Mixes& mixes) {
  for (const auto family : kFamilies) {
    for (const auto& key : trace.reads[index_of(family)]) {
      if (const int which = class_of(family, key); which >= 0) ++mixes[which].reads;
    }
  }
  for (const auto& write : trace.writes) {
    const int which = class_of(write.family, write.key);
    if (which < 0) continue;
    ++(write.type == OperationType::put ? mixes[which].puts : mixes[which].deletes);
  }
}

// In percent of all operations, and of the class's: reads, puts, deletes (EthAnalysis).
struct Published {
  const char* name;
  double share;
  double read;
  double put;
  double erased;
};
constexpr std::array<Published, kClasses> kPublished = {
    {{"TrieNodeStorage", 38.5, 35.7, 59.4, 4.9},
     {"TrieNodeAccount", 23.5, 37.7, 62.4, 0},
     {"SnapshotStorage", 17.9, 45, 46.9, 8.1},
     {"TxLookup", 11.1, 0, 52, 48},
     {"SnapshotAccount", 7.5, 27.9, 72.1, 0},
     {"BlockHeader", 0.62, 66.2, 16.9, 16.9},
     {"BlockBody", 0.14, 51.6, 24.2, 24.2},
     {"BlockReceipts", 0.11, 35.8, 32.1, 32.1}}};

std::set<std::string> touched_slots(const BlockTrace& trace) {
  const auto& reads = trace.reads[index_of(Family::storage)];
  std::set<std::string> touched(reads.begin(), reads.end());
  for (const auto& write : trace.writes) {
    if (write.family == Family::storage) touched.insert(write.key);
  }
  return touched;
}

// How far back each touch of the last 26 of 50 blocks looks: shares up to 1, 3, 10, 24 blocks, and
// of what was not seen before. So the reference has measured mainnet's lists.
struct Reuse {
  std::array<double, 4> within{};
  double unseen = 0;
};
constexpr std::array<int, 4> kDistances = {1, 3, 10, 24};

Reuse measure_reuse(const std::vector<std::set<std::string>>& blocks) {
  constexpr std::size_t kFrom = 24;
  std::map<std::string, std::size_t> last;
  Reuse reuse;
  double touches = 0;
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    for (const auto& key : blocks[i]) {
      const auto before = last.find(key);
      if (i >= kFrom) {
        ++touches;
        if (before == last.end()) ++reuse.unseen;
        for (std::size_t d = 0; d < kDistances.size() && before != last.end(); ++d) {
          if (i - before->second <= static_cast<std::size_t>(kDistances[d])) ++reuse.within[d];
        }
      }
      last[key] = i;
    }
  }
  for (auto& share : reuse.within) share /= touches;
  reuse.unseen /= touches;
  return reuse;
}

QByteArray in_words(const Reuse& reuse) {
  return QString("within 1: %1, 3: %2, 10: %3, 24: %4, unseen: %5")
      .arg(reuse.within[0], 0, 'f', 3)
      .arg(reuse.within[1], 0, 'f', 3)
      .arg(reuse.within[2], 0, 'f', 3)
      .arg(reuse.within[3], 0, 'f', 3)
      .arg(reuse.unseen, 0, 'f', 3)
      .toUtf8();
}

void compare_mixes(const Mixes& mixes) {
  double all = 0;
  for (const auto& mix : mixes) all += mix.all();
  for (int i = 0; i < kClasses; ++i) {
    const auto& mix = mixes[i];
    const auto& published = kPublished[i];
    const double share = 100 * mix.all() / all;
    const double read = 100 * mix.reads / mix.all();
    const double put = 100 * mix.puts / mix.all();
    const double erased = 100 * mix.deletes / mix.all();
    const auto figures = QString("%1: %2 % of all (published %3), read %4 put %5 deleted %6")
                             .arg(published.name)
                             .arg(share, 0, 'f', 2)
                             .arg(published.share)
                             .arg(read, 0, 'f', 1)
                             .arg(put, 0, 'f', 1)
                             .arg(erased, 0, 'f', 1)
                             .toUtf8();
    qInfo("%s", figures.constData());
    QVERIFY2(std::abs(share - published.share) < 1, figures);
    const double tolerance = published.share > 1 ? 3 : 20;  // a few operations a block
    QVERIFY2(std::abs(read - published.read) < tolerance, figures);
    QVERIFY2(std::abs(put - published.put) < tolerance, figures);
    QVERIFY2(std::abs(erased - published.erased) < tolerance, figures);
  }
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
  void classes_have_their_published_shares_data() {
    QTest::addColumn<qint64>("prune_above_bytes");
    QTest::newRow("growing") << qint64{0};
    QTest::newRow("pruned") << qint64{36 * kMiB};
  }
  void classes_have_their_published_shares() {
    QFETCH(const qint64, prune_above_bytes);
    SyntheticConfig config;
    config.keep_blocks = 16;
    config.prune_above_bytes = prune_above_bytes;
    config.prefill_bytes = prune_above_bytes > 0 ? kGiB : 0;  // at the limit from the beginning
    RecordingStore store;
    Bench bench(store, Bench::no_caches());
    const auto workload = chain(config);
    QVERIFY(bench.prepare(*workload));
    for (int i = 0; i < 20; ++i) bench.run_block(*workload);
    Mixes mixes;
    constexpr int kBlocks = 60;
    for (int i = 0; i < kBlocks; ++i) count(bench.trace_block(*workload), mixes);
    compare_mixes(mixes);
    double all = 0;
    for (const auto& mix : mixes) all += mix.all();
    QVERIFY2(std::abs(all / kBlocks - 2'700) < 100, qPrintable(QString::number(all / kBlocks)));
  }

  void slots_are_reused_as_on_mainnet() {
    const QString lists = QStringLiteral(NODETUNE_TEST_DATA "/chain/block-access-lists/rlp");
    RecordingStore store;
    Bench bench(store, Bench::no_caches());
    const auto workload = chain();
    QVERIFY(bench.prepare(*workload));
    std::vector<std::set<std::string>> blocks;
    for (int i = 0; i < 50; ++i) blocks.push_back(touched_slots(bench.trace_block(*workload)));
    const auto synthetic = measure_reuse(blocks);
    qInfo("synthetic: %s", in_words(synthetic).constData());
    constexpr std::array published = {0.09, 0.23, 0.37, 0.50};
    for (std::size_t d = 0; d < published.size(); ++d) {
      QVERIFY2(std::abs(synthetic.within[d] - published[d]) < 0.03, in_words(synthetic));
    }
    QVERIFY2(std::abs(synthetic.unseen - 0.45) < 0.03, in_words(synthetic));

    if (!QDir(lists).exists()) QSKIP("block access lists not present");
    blocks.clear();
    const auto files = list_access_list_files(lists.toStdString());
    QVERIFY(files);
    for (const auto& file : *files) {
      std::set<std::string> touched;
      const auto list = read_access_list(file);
      QVERIFY(list);
      for (const auto& account : list->accounts) {
        for (const auto& one : account.touched_slots()) {
          touched.insert(std::string(as_view(account.address)) + std::string(as_view(one)));
        }
      }
      blocks.push_back(std::move(touched));
    }
    const auto real = measure_reuse(blocks);
    qInfo("mainnet:   %s", in_words(real).constData());
    for (std::size_t d = 0; d < published.size(); ++d) {
      QVERIFY2(std::abs(synthetic.within[d] - real.within[d]) < 0.03, in_words(real));
    }
  }

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
    for (const auto family : {Family::blocks, Family::headers, Family::receipts}) {
      QCOMPARE(contents[index_of(family)].size(), 4u);
    }
    std::set<std::string> numbers;  // that the lookups lead to
    for (const auto& [hash, number] : contents[index_of(Family::transactions)]) {
      numbers.insert(number);
    }
    QCOMPARE(numbers.size(), 4u);
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
