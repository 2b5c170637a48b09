// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include <QTemporaryDir>
#include <QtTest>
#include <map>
#include <set>

#include "engine/chain/access_list.h"
#include "engine/chain/keccak.h"
#include "engine/chain/keys.h"
#include "engine/workload/block_record.h"
#include "engine/workload/slim_account.h"
#include "engine/workload/workload.h"
#include "tests/engine/workload/recording_store.h"

using namespace nodetune;
using namespace nodetune::testing;

namespace {

const QString kLists = QStringLiteral(NODETUNE_TEST_DATA "/chain/block-access-lists/rlp");

std::unique_ptr<Workload> replay(AccessListConfig config = {}) {
  if (config.path.empty()) config.path = kLists.toStdString();
  auto made = make_access_list_replay(config);
  if (!made) qFatal("%s", made.status().message().c_str());
  return std::move(made).value();
}

std::vector<BlockAccessList> all_lists() {
  std::vector<BlockAccessList> lists;
  const auto files = list_access_list_files(kLists.toStdString());
  if (!files) qFatal("%s", files.status().message().c_str());
  for (const auto& file : *files) lists.push_back(read_access_list(file).value());
  return lists;
}

std::string slot_key_of(const Address& address, const Word256& slot) {
  return storage_key(keccak256(address), keccak256(slot));
}

std::string trimmed(const Word256& word) {
  std::string bytes(as_view(word));
  bytes.erase(0, std::min(bytes.find_first_not_of('\0'), bytes.size()));
  return bytes;
}

// A replay of the first blocks only, for tests that need no more.
struct FewLists {
  QTemporaryDir folder;
  AccessListConfig config;

  explicit FewLists(int count) {
    for (int i = 0; i < count; ++i) {
      const auto name = QString("%1_with_reads.rlp").arg(20615532 + i);
      QFile::copy(kLists + "/" + name, folder.filePath(name));
    }
    config.path = folder.path().toStdString();
  }
};

}  // namespace

class AccessListReplayTest : public QObject {
  Q_OBJECT
 private slots:
  void initTestCase() {
    if (!QDir(kLists).exists()) QSKIP("block access lists not present");
    whole_ = std::make_unique<Bench>(whole_store_);
    const auto workload = replay();
    QVERIFY(whole_->prepare(*workload));
    int blocks = 0;
    while (whole_->run_block(*workload)) ++blocks;
    QCOMPARE(blocks, 50);
  }

  void lookups_agree_with_the_independent_count() {
    auto& caches = whole_->objects->caches();
    const auto accounts = caches.counters(ObjectKind::account);
    QCOMPARE(accounts.misses, 9'836u);
    QCOMPARE(accounts.hits, 10'970u);
    const auto storage = caches.counters(ObjectKind::storage);
    QCOMPARE(storage.misses, 33'645u);
    QCOMPARE(storage.hits, 26'534u);

    // Nodes, counted from address and slot prefixes instead of keys.
    std::uint64_t lookups = 0;
    std::set<std::string> distinct;
    for (const auto& list : all_lists()) {
      std::set<std::string> in_block;
      for (const auto& account : list.accounts) {
        const auto path = to_hex(as_view(keccak256(account.address)));
        for (std::size_t depth = 0; depth < 8; ++depth) in_block.insert(path.substr(0, depth));
        for (const auto& slot : account.touched_slots()) {
          const auto hash = to_hex(as_view(keccak256(slot)));
          for (std::size_t depth = 0; depth < 6; ++depth) {
            in_block.insert(path + "/" + hash.substr(0, depth));
          }
        }
      }
      lookups += in_block.size();
      distinct.insert(in_block.begin(), in_block.end());
    }
    const auto nodes = caches.counters(ObjectKind::state_node);
    QCOMPARE(nodes.lookups(), lookups);
    QCOMPARE(nodes.misses, distinct.size());
    for (const auto kind : kObjectKinds) {
      QCOMPARE(caches.counters(kind).evictions, 0u);
    }
  }

  void the_store_ends_with_the_lists_final_values() {
    std::map<std::string, std::string> written;
    std::map<std::string, std::uint64_t> nonces;
    std::map<std::string, std::string> balances;
    std::uint64_t changed_accounts = 0;
    for (const auto& list : all_lists()) {
      for (const auto& account : list.accounts) {
        const auto key = account_key(keccak256(account.address));
        changed_accounts += account.changed() ? 1 : 0;
        for (const auto& write : account.slot_writes) {
          written[slot_key_of(account.address, write.slot)] = trimmed(write.final_value());
        }
        if (!account.nonces.empty()) nonces[key] = account.nonces.back().value;
        if (!account.balances.empty()) balances[key] = trimmed(account.balances.back().value);
      }
    }
    const auto contents = whole_store_.store.contents();
    int zeroed = 0;
    for (const auto& [key, value] : written) {
      const auto& stored = contents[index_of(Family::storage)];
      const auto found = stored.find(key);
      QCOMPARE(found == stored.end(), value.empty());
      if (value.empty()) {
        ++zeroed;
      } else {
        QCOMPARE(found->second, value);
      }
    }
    QVERIFY(zeroed > 100);
    const auto& stored_accounts = contents[index_of(Family::accounts)];
    for (const auto& [key, nonce] : nonces) {
      QCOMPARE(SlimAccount::decode(stored_accounts.at(key))->nonce, nonce);
    }
    for (const auto& [key, balance] : balances) {
      QCOMPARE(SlimAccount::decode(stored_accounts.at(key))->balance, balance);
    }
    QCOMPARE(changed_accounts, 15'542u);  // 310.8 a block, as the data's README counts
    QCOMPARE(whole_->objects->counter(kAccountsWrittenCounter).value(), changed_accounts);
    QCOMPARE(whole_->objects->counter(kBlocksCounter).value(), 50u);
    // 32 blocks of bodies and receipts are kept, every header, and the lookups of those 32.
    QCOMPARE(contents[index_of(Family::blocks)].size(), 32u);
    QCOMPARE(contents[index_of(Family::receipts)].size(), 32u);
    QCOMPARE(contents[index_of(Family::headers)].size(), 50u);
    QVERIFY(contents[index_of(Family::blocks)].begin()->first >=
            block_range(20615550, 20615551).begin);
    for (const auto& [hash, number] : contents[index_of(Family::transactions)]) {
      QVERIFY(block_range(0, 20615550).end.substr(8 - number.size()) <= number);
    }
  }

  void a_reopened_directory_goes_on_after_its_last_block() {
    const FewLists lists(6);
    RecordingStore straight_store;
    Bench straight(straight_store, Bench::no_caches());
    const auto one = replay(lists.config);
    QVERIFY(straight.prepare(*one));
    std::vector<std::size_t> expected;
    for (int i = 0; i < 6; ++i) expected.push_back(fingerprint(straight.trace_block(*one)));

    RecordingStore store;
    std::vector<std::size_t> seen;
    for (int i = 0; i < 6; ++i) {
      Bench bench(store, Bench::no_caches());
      const auto workload = replay(lists.config);
      QVERIFY(bench.prepare(*workload));
      seen.push_back(fingerprint(bench.trace_block(*workload)));
    }
    QCOMPARE(seen, expected);
    QVERIFY(store.store.contents() == straight_store.store.contents());
  }

  void hints_change_nothing_but_where_reads_come_from() {
    FewLists lists(6);
    std::array<std::unique_ptr<RecordingStore>, 2> stores;
    std::array<CacheCounters, 2> counters;
    for (const bool hinted : {false, true}) {
      const std::size_t i = hinted ? 1 : 0;
      lists.config.hints = hinted;
      stores[i] = std::make_unique<RecordingStore>();
      Bench bench(*stores[i]);
      const auto workload = replay(lists.config);
      QVERIFY(bench.prepare(*workload));
      while (bench.run_block(*workload)) continue;
      counters[i] = bench.objects->caches().counters(ObjectKind::storage);
      const auto hints = bench.objects->hints();
      QCOMPARE(hints.blocks, hinted ? 6u : 0u);
      QCOMPARE(hints.held_bytes, 0u);  // the last block has ended
      QCOMPARE(hints.all().served_from_memory, hints.all().first_touches);
      QCOMPARE(hints.kinds[index_of(ObjectKind::storage)].first_touches,
               hinted ? counters[i].lookups() : 0u);
    }
    QVERIFY(stores[0]->store.contents() == stores[1]->store.contents());
    QCOMPARE(counters[1].hits, counters[0].hits);
    QCOMPARE(counters[1].misses, counters[0].misses);
  }

  void a_hinted_block_that_fails_runs_again() {
    FewLists lists(3);
    lists.config.hints = true;
    RecordingStore store;
    Bench bench(store);
    const auto workload = replay(lists.config);
    QVERIFY(bench.prepare(*workload));
    int failures = 0;
    for (int blocks = 0; blocks < 3;) {
      store.store.failing_reads = failures < 4 ? 1 : 0;  // of the block's own fetch, or of the next
      const auto more = workload->run_block(*bench.objects);
      if (more) {
        QVERIFY(*more);
        ++blocks;
      } else {
        ++failures;
      }
    }
    QVERIFY(failures > 0);
    store.store.failing_reads = 0;
    QVERIFY(!bench.run_block(*workload));
    QCOMPARE(bench.objects->counter(kBlocksCounter).value(), 3u);
  }

  void a_finished_directory_runs_again_only_for_more_rounds() {
    FewLists lists(2);
    RecordingStore store;
    {
      Bench bench(store);
      const auto workload = replay(lists.config);
      QVERIFY(bench.prepare(*workload));
      QVERIFY(bench.run_block(*workload));
      QVERIFY(bench.run_block(*workload));
      QVERIFY(!bench.run_block(*workload));
    }
    Bench bench(store);
    const auto finished = replay(lists.config);
    QVERIFY(bench.prepare(*finished));
    QVERIFY(!bench.run_block(*finished));
    lists.config.rounds = 2;
    const auto again = replay(lists.config);
    QCOMPARE(again->total_blocks().value(), 4u);
    QVERIFY(bench.prepare(*again));
    QVERIFY(bench.run_block(*again));
    QVERIFY(bench.run_block(*again));
    QVERIFY(!bench.run_block(*again));
    QCOMPARE(store.store.contents()[index_of(Family::headers)].size(), 4u);
  }

  void another_chain_is_refused() {
    FewLists lists(1);
    RecordingStore store;
    Bench bench(store);
    QVERIFY(bench.prepare(*replay(lists.config)));
    lists.config.seed = 2;
    const auto status = replay(lists.config)->prepare(store, {});
    QCOMPARE(status.code(), StatusCode::invalid_argument);
    QVERIFY(status.message().find("seed 1") != std::string::npos);
    QVERIFY(!make_synthetic_chain({}).value()->prepare(store, {}));
  }

  void preparing_can_be_stopped_and_done_again() {
    const FewLists lists(3);
    RecordingStore store;
    const auto workload = replay(lists.config);
    std::stop_source stop;
    PrepareWatch watch;
    watch.stop = stop.get_token();
    watch.progress = [&](double) { stop.request_stop(); };
    QCOMPARE(workload->prepare(store, watch).code(), StatusCode::cancelled);
    Bench bench(store);
    QVERIFY(bench.prepare(*workload));
    RecordingStore whole;
    QVERIFY(workload->prepare(whole, {}));
    QVERIFY(store.store.contents() == whole.store.contents());
  }

  void a_failed_submit_runs_the_same_block_again() {
    const FewLists lists(2);
    RecordingStore store;
    Bench bench(store);
    const auto workload = replay(lists.config);
    QVERIFY(bench.prepare(*workload));
    store.store.failing_reads = 1;
    QVERIFY(!workload->run_block(*bench.objects));
    QVERIFY(bench.run_block(*workload));
    QVERIFY(bench.run_block(*workload));
    QVERIFY(!bench.run_block(*workload));
    QCOMPARE(bench.objects->counter(kBlocksCounter).value(), 2u);
  }

  void bad_folders_are_named() {
    AccessListConfig config;
    config.path = "/no/such/folder";
    QVERIFY(!make_access_list_replay(config));
    const FewLists lists(3);
    QFile::remove(QString::fromStdString(lists.config.path) + "/20615533_with_reads.rlp");
    const auto gap = make_access_list_replay(lists.config);
    QVERIFY(!gap);
    QVERIFY(gap.status().message().find("20615533") != std::string::npos);
  }

 private:
  RecordingStore whole_store_;  // after all 50 blocks
  std::unique_ptr<Bench> whole_;
};

QTEST_GUILESS_MAIN(AccessListReplayTest)
#include "access_list_replay_test.moc"
