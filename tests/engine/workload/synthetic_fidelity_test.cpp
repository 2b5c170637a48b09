// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
//
// The synthetic chain against what was measured on mainnet: shares and ratios of EthAnalysis'
// classes, reuse of slots by distance in the block access lists.
//
// Counted is what the chain hands to the ObjectStore: a key of get or multi_get is a read, a scan
// is one operation of its own whatever it finds, a put is a write; an erased key is a delete, and
// so is a deleted range (of one block's body or receipts: one key). Family::own is bookkeeping
// that no chain has: left out. Without caches, and with each block committed before the next, all
// of that reaches the store behind, where its keys can be seen; that nothing is lost or added on
// the way is checked against the counts at the ObjectStore's own door.
#include <QtTest>
#include <cmath>
#include <map>
#include <numeric>
#include <set>

#include "engine/base/format.h"
#include "engine/chain/access_list.h"
#include "engine/workload/workload.h"
#include "tests/engine/workload/recording_store.h"

using namespace nodetune;
using namespace nodetune::testing;

namespace {

constexpr int kWindowBlocks = 50;  // as many as there are access lists
constexpr int kWindows = 3;
constexpr int kBlocks = kWindows * kWindowBlocks;
constexpr double kShareTolerance = 1;     // percentage points
constexpr double kReuseTolerance = 0.02;  // of all touches

// The classes of EthAnalysis, by the family and the key that they have here.
enum Class {
  storage_node,
  account_node,
  slot,
  lookup,
  account,
  header,
  code,
  body,
  receipts,
  kClasses
};

Class class_of(Family family, std::string_view key) {
  switch (family) {
    case Family::state_nodes:
      return key.front() == 'S' ? storage_node : key.front() == 'A' ? account_node : code;
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
  return kClasses;  // no class
}

struct Mix {
  double reads = 0;
  double puts = 0;
  double deletes = 0;
  double scans = 0;
  double all() const { return reads + puts + deletes + scans; }
};
struct Totals {
  std::array<Mix, kClasses + 1> classes;
  double mutations = 0;
  double mutated_bytes = 0;

  double all() const {
    return std::accumulate(classes.begin(), classes.end() - 1, 0.0,
                           [](double sum, const Mix& mix) { return sum + mix.all(); });
  }
};

void count(const BlockTrace& trace, Totals& totals) {
  for (const auto family : kFamilies) {
    for (const auto& key : trace.reads[index_of(family)]) {
      ++totals.classes[class_of(family, key)].reads;
    }
    for (const auto& key : trace.scans[index_of(family)]) {
      ++totals.classes[class_of(family, key)].scans;
    }
  }
  for (const auto& write : trace.writes) {
    auto& mix = totals.classes[class_of(write.family, write.key)];
    ++(write.type == OperationType::put ? mix.puts : mix.deletes);
    if (write.family == Family::own) continue;
    ++totals.mutations;
    totals.mutated_bytes += static_cast<double>(write.key.size() + write.value.size());
  }
}

// In percent of all operations, and of the class's: reads, puts, deletes, scans (EthAnalysis).
struct Published {
  const char* name;
  double share;
  double read;
  double put;
  double erased;
  double scanned;
};
constexpr std::array<Published, kClasses> kPublished = {
    {{"TrieNodeStorage", 38.5, 35.7, 59.4, 4.9, 0},
     {"TrieNodeAccount", 23.5, 37.7, 62.4, 0, 0},
     {"SnapshotStorage", 17.9, 45, 46.9, 8.1, 0},
     {"TxLookup", 11.1, 0, 52, 48, 0},
     {"SnapshotAccount", 7.5, 27.9, 72.1, 0, 0},
     {"BlockHeader", 0.62, 60.6, 16.9, 16.9, 5.6},
     {"Code", 0.41, 87.2, 12.8, 0, 0},
     {"BlockBody", 0.14, 51.6, 24.2, 24.2, 0},
     {"BlockReceipts", 0.11, 35.8, 32.1, 32.1, 0}}};

void compare(const Totals& totals) {
  for (int i = 0; i < kClasses; ++i) {
    const auto& mix = totals.classes[i];
    const auto& published = kPublished[i];
    const double share = 100 * mix.all() / totals.all();
    const std::array ratios = {100 * mix.reads / mix.all(), 100 * mix.puts / mix.all(),
                               100 * mix.deletes / mix.all(), 100 * mix.scans / mix.all()};
    const auto text =
        QString("%1: %2 % of all (published %3), read %4 put %5 deleted %6 scanned %7")
            .arg(published.name)
            .arg(share, 0, 'f', 2)
            .arg(published.share)
            .arg(ratios[0], 0, 'f', 2)
            .arg(ratios[1], 0, 'f', 2)
            .arg(ratios[2], 0, 'f', 2)
            .arg(ratios[3], 0, 'f', 2)
            .toUtf8();
    qInfo("%s", text.constData());
    QVERIFY2(std::abs(share - published.share) <= kShareTolerance, text);
    QVERIFY2(std::abs(ratios[0] - published.read) <= kShareTolerance, text);
    QVERIFY2(std::abs(ratios[1] - published.put) <= kShareTolerance, text);
    QVERIFY2(std::abs(ratios[2] - published.erased) <= kShareTolerance, text);
    QVERIFY2(std::abs(ratios[3] - published.scanned) <= kShareTolerance, text);
  }
}

// What was asked and submitted so far, by the ObjectStore's own counts.
struct Door {
  std::array<std::uint64_t, kObjectKindCount> lookups{};
  std::uint64_t operations = 0;
};
Door counts_at(Bench& bench) {
  Door door;
  for (const auto kind : kObjectKinds) {
    door.lookups[index_of(kind)] = bench.objects->caches().counters(kind).lookups();
  }
  const auto added = bench.objects->batches().figures().operations;
  door.operations = std::accumulate(added.begin(), added.end(), std::uint64_t{0});
  return door;
}

void compare_with_door(const Door& before, const Door& after, const BlockTrace& trace) {
  for (const auto kind : kObjectKinds) {
    QCOMPARE(trace.reads[index_of(family_of(kind))].size(),
             after.lookups[index_of(kind)] - before.lookups[index_of(kind)]);
  }
  // The commit's own sequence number is no operation of the group.
  QCOMPARE(trace.writes.size(), after.operations - before.operations + 1);
}

using Slots = std::set<std::string>;

Slots touched_slots(const BlockTrace& trace) {
  const auto& reads = trace.reads[index_of(Family::storage)];
  Slots touched(reads.begin(), reads.end());
  for (const auto& write : trace.writes) {
    if (write.family == Family::storage) touched.insert(write.key);
  }
  return touched;
}

// How far back touches look: the share of those up to each distance, in blocks, and of those not
// seen before. Of each window of 50 blocks the last 26 count: so the reference has measured.
constexpr std::size_t kFarthest = 24;
struct Reuse {
  std::array<double, kFarthest + 1> within{};
  double unseen = 0;
};

Reuse measure_reuse(std::span<const Slots> blocks) {
  Reuse reuse;
  double touches = 0;
  for (std::size_t start = 0; start + kWindowBlocks <= blocks.size(); start += kWindowBlocks) {
    std::map<std::string, std::size_t> last;
    for (std::size_t i = 0; i < kWindowBlocks; ++i) {
      for (const auto& key : blocks[start + i]) {
        const auto [before, first] = last.try_emplace(key, i);
        const auto distance = i - std::exchange(before->second, i);
        if (i < kFarthest) continue;
        ++touches;
        if (first) ++reuse.unseen;
        for (auto d = distance; d <= kFarthest && !first; ++d) ++reuse.within[d];
      }
    }
  }
  for (auto& share : reuse.within) share /= touches;
  reuse.unseen /= touches;
  return reuse;
}

std::vector<Slots> slots_of_access_lists(const QString& folder) {
  std::vector<Slots> blocks;
  const auto files = list_access_list_files(folder.toStdString());
  if (!files) qFatal("%s", files.status().message().c_str());
  for (const auto& file : *files) {
    const auto list = read_access_list(file);
    if (!list) qFatal("%s", list.status().message().c_str());
    Slots touched;
    for (const auto& touched_account : list->accounts) {
      for (const auto& one : touched_account.touched_slots()) {
        touched.insert(std::string(as_view(touched_account.address)) + std::string(as_view(one)));
      }
    }
    blocks.push_back(std::move(touched));
  }
  return blocks;
}

struct Point {
  std::size_t distance;
  double share;
};
// reference/caches-batches-workload.md, from the access lists of blocks 20615532 to 20615581.
constexpr std::array<Point, 4> kPublishedReuse = {{{1, 0.09}, {3, 0.23}, {10, 0.37}, {24, 0.50}}};
constexpr double kPublishedUnseen = 0.45;

}  // namespace

class SyntheticFidelityTest : public QObject {
  Q_OBJECT
 private slots:
  void initTestCase() {
    const QString lists = QStringLiteral(NODETUNE_TEST_DATA "/chain/block-access-lists/rlp");
    if (QDir(lists).exists()) mainnet_ = measure_reuse(slots_of_access_lists(lists));
  }

  void the_chain_does_what_mainnet_does_data() {
    QTest::addColumn<quint64>("seed");
    QTest::addColumn<qint64>("prune_above_bytes");
    QTest::newRow("growing") << quint64{1} << qint64{0};
    QTest::newRow("pruned") << quint64{2} << qint64{36 * kMiB};
  }
  void the_chain_does_what_mainnet_does() {
    QFETCH(const quint64, seed);
    QFETCH(const qint64, prune_above_bytes);
    qInfo("seed %llu", static_cast<unsigned long long>(seed));
    SyntheticConfig config;
    config.seed = seed;
    config.keep_blocks = 16;
    config.prune_above_bytes = prune_above_bytes;
    config.prefill_bytes = prune_above_bytes > 0 ? kGiB : 0;  // at the limit from the beginning
    RecordingStore store;
    Bench bench(store, Bench::no_caches());
    const auto workload = std::move(make_synthetic_chain(config)).value();
    QVERIFY(bench.prepare(*workload));
    for (int i = 0; i < config.keep_blocks; ++i) bench.run_block(*workload);
    Totals totals;
    std::vector<Slots> slots_touched;
    for (int i = 0; i < kBlocks; ++i) {
      const auto before = counts_at(bench);
      const auto trace = bench.trace_block(*workload);
      compare_with_door(before, counts_at(bench), trace);
      count(trace, totals);
      slots_touched.push_back(touched_slots(trace));
    }
    compare(totals);
    compare_sizes(totals);
    compare_reuse(measure_reuse(slots_touched));
  }

 private:
  // "About 2.7K operations a block with caches; 1.8K mutations, 0.3 MB."
  static void compare_sizes(const Totals& totals) {
    const double operations = totals.all() / kBlocks;
    const double mutations = totals.mutations / kBlocks;
    const double megabytes = totals.mutated_bytes / kBlocks / 1e6;
    qInfo("%.0f operations a block, %.0f of them mutations of %.3f MB", operations, mutations,
          megabytes);
    QVERIFY(std::abs(operations - 2'700) < 50);
    QVERIFY(std::abs(mutations - 1'800) < 50);
    QVERIFY(std::abs(megabytes - 0.3) < 0.05);
  }

  void compare_reuse(const Reuse& synthetic) const {
    for (const auto& point : kPublishedReuse) {
      const double share = synthetic.within[point.distance];
      const auto text = QString("within %1 blocks: %2, published %3")
                            .arg(point.distance)
                            .arg(share, 0, 'f', 4)
                            .arg(point.share)
                            .toUtf8();
      qInfo("%s", text.constData());
      QVERIFY2(std::abs(share - point.share) <= kReuseTolerance, text);
    }
    qInfo("never seen before: %.4f", synthetic.unseen);
    QVERIFY(std::abs(synthetic.unseen - kPublishedUnseen) <= kReuseTolerance);
    if (!mainnet_) QSKIP("the real access lists are not present");
    double farthest = synthetic.unseen - mainnet_->unseen;
    for (std::size_t d = 1; d <= kFarthest; ++d) {
      const double off = synthetic.within[d] - mainnet_->within[d];
      if (std::abs(off) > std::abs(farthest)) farthest = off;
    }
    qInfo("the whole curve against the lists: at most %.2f percentage points off", 100 * farthest);
    QVERIFY(std::abs(farthest) <= kReuseTolerance);
  }

  std::optional<Reuse> mainnet_;
};

QTEST_GUILESS_MAIN(SyntheticFidelityTest)
#include "synthetic_fidelity_test.moc"
