// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
//
// Who waits for what: for a commit, for room, for a stalled store.
#include <QtTest>
#include <atomic>
#include <cmath>
#include <future>
#include <random>
#include <thread>

#include "engine/batch/batch_processor.h"
#include "tests/engine/batch/batch_world.h"

using namespace nodetune;
using namespace nodetune::testing;
using namespace std::chrono_literals;

class GroupCommitTest : public QObject, private BatchWorld {
  Q_OBJECT
 private slots:
  void init() { make_world(); }

  void callers_that_wait_share_one_wait_for_the_disk() {
    auto config = quiet();
    config.durability = Durability::log_and_fsync;
    auto batches = started(config);
    store_->before_write.close();
    std::vector<std::jthread> callers;
    std::atomic<int> failed{0};
    const auto call = [&](const std::string& key) {
      if (!batches->submit_and_wait(puts(1, key))) ++failed;
    };
    callers.emplace_back(call, "first");
    store_->before_write.wait_for_arrival();  // alone in its commit
    for (int i = 0; i < 8; ++i) callers.emplace_back(call, "k" + std::to_string(i) + "_");
    until([&] { return batches->figures().waiting_commits == 9; });
    store_->before_write.open();
    callers.clear();
    QCOMPARE(failed.load(), 0);
    QCOMPARE(store_->write_calls.load(), 2);
    QVERIFY2(store_->sync_calls.load() == 2, "eight callers, one wait for the disk");
    QCOMPARE(batches->figures().committed_groups, 9U);
    QCOMPARE(batches->figures().waiting_commits, 0U);
  }

  void waiting_for_an_early_group_does_not_wait_for_later_ones() {
    auto config = quiet();
    config.max_batch_size = 2;
    config.auto_commit_threshold = 2;
    auto batches = started(config);
    store_->before_write.close();
    QCOMPARE(batches->submit(puts(2, "a")).value(), 1U);
    QCOMPARE(batches->submit(puts(2, "b")).value(), 2U);
    auto first = std::async(std::launch::async, [&] { return batches->wait_for(1); });
    store_->before_write.wait_for_arrival();
    store_->after_write.close();
    store_->before_write.open();
    store_->after_write.wait_for_arrival();
    store_->before_write.close();
    store_->after_write.open();
    QVERIFY(first.get());
    QVERIFY(batches->figures().committed_groups < 2U);
    store_->before_write.open();
    QVERIFY(batches->wait_for(2));
    QVERIFY(batches->wait_for(1));
  }

  void a_group_that_was_never_submitted_is_not_waited_for() {
    auto batches = started(quiet());
    QCOMPARE(batches->wait_for(1).code(), StatusCode::invalid_argument);
    QVERIFY(batches->wait_for(0));
  }

  void who_waits_hears_of_the_failure_and_the_group_is_kept() {
    auto batches = started(quiet());
    store_->fail_writes(1, FakeStore::Failure::before_applying);
    const auto committed = batches->submit_and_wait(puts(1, "a"));
    QVERIFY(!committed);
    QVERIFY(committed.status().message().find("fake disk is broken") != std::string::npos);
    QCOMPARE(batches->figures().pending_operations, 1U);
    QVERIFY(batches->retry());
    QVERIFY(batches->wait_for(1));
  }

  void durability_changes_from_the_next_commit_on_and_has_its_price() {
    auto config = quiet();
    config.path = WritePath::sorted;
    auto batches = started(config);
    QCOMPARE(batches->figures().durability, Durability::log);
    QVERIFY(std::isnan(batches->figures().median_sync_seconds));
    QVERIFY(batches->submit_and_wait(puts(3, "a")));
    QCOMPARE(store_->last_durability.load(), Durability::log);
    QCOMPARE(store_->sync_calls.load(), 0);
    batches->set_durability(Durability::log_and_fsync);
    QVERIFY(batches->submit_and_wait(puts(5, "b")));
    QCOMPARE(store_->sync_calls.load(), 1);
    batches->set_durability(Durability::none);
    QVERIFY(batches->submit_and_wait(puts(7, "c")));
    QCOMPARE(store_->last_durability.load(), Durability::none);
    QCOMPARE(store_->sync_calls.load(), 1);

    const auto figures = batches->figures();
    QCOMPARE(figures.durability, Durability::none);
    QCOMPARE(figures.syncs.count, std::uint64_t{1});
    for (const auto durability : kDurabilities) {
      QCOMPARE(figures.durabilities[index_of(durability)].commits, 1U);
    }
    QCOMPARE(figures.durabilities[index_of(Durability::log_and_fsync)].mean_operations, 5.0);
    QCOMPARE(figures.paths[index_of(WritePath::sorted)].commits, 3U);
    QCOMPARE(figures.paths[index_of(WritePath::sorted)].operations, 15U);
  }

  void paths_are_chosen_by_size_and_their_thresholds_known() {
    auto batches = started(quiet());
    QVERIFY(batches->submit_and_wait(puts(3, "a")));
    QVERIFY(batches->submit_and_wait(puts(100, "b")));
    QVERIFY(batches->submit_and_wait(puts(50'000, "c", 200)));
    const auto figures = batches->figures();
    for (const auto path : kWritePaths) QCOMPARE(figures.paths[index_of(path)].commits, 1U);
    QCOMPARE(store_->ingest_calls.load(), 1);
    QVERIFY(figures.path_thresholds[index_of(WritePath::sorted)].value_or(0) > 3);
    QVERIFY(figures.path_thresholds[index_of(WritePath::sorted)].value_or(0) <= 100);
    QCOMPARE(figures.usual_families, 2U);  // and NodeTune's own
  }

  void an_adaptive_commit_stays_below_its_size() {
    auto config = quiet();
    config.size_mode = BatchSizeMode::adaptive;
    config.auto_commit_threshold = 25;
    config.min_batch_size = 20;
    store_->before_write.close();
    auto batches = started(config);
    for (const char* key : {"a", "b", "c", "d"}) QVERIFY(batches->submit(puts(10, key)));
    QVERIFY(batches->submit(puts(60, "e")));
    store_->before_write.open();
    QVERIFY(batches->flush());
    const auto writes = store_->writes();
    QCOMPARE(writes[0].size() - 1, std::size_t{20});  // the sequence is one more
    QCOMPARE(batches->figures().size_mode, BatchSizeMode::adaptive);
    QCOMPARE(batches->figures().committed_groups, 5U);
    QVERIFY2(!batches->optimize_batch_size(), "the rule has no say");
  }

  void a_size_by_hand_ends_the_adaptive_mode() {
    auto config = quiet();
    config.size_mode = BatchSizeMode::adaptive;
    auto batches = started(config);
    QVERIFY(batches->set_auto_commit_threshold(777));
    QCOMPARE(batches->figures().size_mode, BatchSizeMode::fixed);
    QCOMPARE(batches->figures().auto_commit_threshold, 777);
    QVERIFY(batches->set_size_mode(BatchSizeMode::adaptive, 0.02));
    QCOMPARE(batches->figures().commit_seconds_max, 0.02);
    for (const double bad : {0.0, -1.0, 1e9, std::nan("")}) {
      QCOMPARE(batches->set_size_mode(BatchSizeMode::adaptive, bad).code(),
               StatusCode::invalid_argument);
    }
    QCOMPARE(batches->figures().commit_seconds_max, 0.02);
  }

  // A store that stands still: what is pending stays bounded, callers wait in the order in which
  // they came, and all is there once it moves again.
  void a_stalled_store_holds_callers_up_in_order_and_memory_bounded() {
    auto config = quiet();
    config.auto_commit_threshold = 4;
    config.max_pending_bytes = 10'000;
    std::mutex order_mutex;
    std::vector<std::string> order;
    auto batches = started(config, {.on_accepted = [&](std::uint64_t, const WriteGroup& group) {
                             const std::lock_guard lock(order_mutex);
                             order.push_back(group.operations[0].key.substr(0, 3));
                           }});
    store_->before_write.close();
    constexpr int kCallers = 12;
    std::vector<std::jthread> callers;
    std::vector<std::string> came;
    for (int caller = 0; caller < kCallers; ++caller) {
      const auto key = QString("c%1").arg(caller, 2, 10, QChar('0')).toStdString();
      const auto before = batches->figures();
      callers.emplace_back([&batches, key] {
        if (!batches->submit(puts(1, key, 2'500))) std::abort();
      });
      came.push_back(key);
      until([&] {
        const auto now = batches->figures();
        return now.pending_operations + now.waiting_submits >
               before.pending_operations + before.waiting_submits;
      });
    }
    auto figures = batches->figures();
    QVERIFY2(figures.pending_bytes <= 10'000, "memory is bounded");
    QCOMPARE(figures.max_pending_bytes, 10'000U);
    QCOMPARE(figures.waiting_submits, static_cast<std::uint64_t>(kCallers - 3));
    clock_->advance(7s);
    figures = batches->figures();
    QCOMPARE(figures.longest_wait_seconds, 7.0);
    QCOMPARE(figures.commit_running_seconds, 7.0);
    store_->before_write.open();
    callers.clear();
    QVERIFY(batches->flush());
    QVERIFY(order == came);
    figures = batches->figures();
    QCOMPARE(figures.waiting_submits, 0U);
    QCOMPARE(figures.longest_wait_seconds, 0.0);
    QCOMPARE(figures.commit_running_seconds, 0.0);
    QCOMPARE(figures.committed_groups, static_cast<std::uint64_t>(kCallers));
  }

  // Many callers, a store that is slow now and then: nothing is lost, no one is forgotten.
  void callers_of_all_kinds_come_to_their_end() {
    const auto seed = std::random_device{}();
    qInfo("seed %u", seed);
    auto config = quiet();
    config.size_mode = BatchSizeMode::adaptive;
    config.auto_commit_threshold = 50;
    config.max_pending_bytes = 3'000;
    config.max_batch_age = 1ms;
    BatchProcessor batches(*store_, config, SystemClock::instance());
    QVERIFY(batches.start());
    std::atomic<int> submitted{0};
    std::vector<std::jthread> callers;
    for (unsigned caller = 0; caller < 6; ++caller) {
      callers.emplace_back([&, caller] {
        std::mt19937 random(seed + caller);
        for (int i = 0; i < 200; ++i) {
          const auto key = std::to_string(caller) + "_" + std::to_string(i) + "_";
          auto group = puts(1 + static_cast<int>(random() % 4), key, random() % 200);
          const bool waits = random() % 4 == 0;
          const auto number =
              waits ? batches.submit_and_wait(std::move(group)) : batches.submit(std::move(group));
          if (!number) std::abort();
          ++submitted;
          if (random() % 50 == 0) batches.set_durability(kDurabilities[random() % 3]);
          if (random() % 50 == 0) store_->write_delay_us = static_cast<int>(random() % 3'000);
        }
      });
    }
    callers.clear();
    QVERIFY(batches.stop());
    QCOMPARE(batches.figures().committed_groups, static_cast<std::uint64_t>(submitted.load()));
    QCOMPARE(batches.figures().pending_bytes, 0U);
  }
};

QTEST_APPLESS_MAIN(GroupCommitTest)
#include "group_commit_test.moc"
