// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/batch/batch_processor.h"

#include <QtTest>
#include <future>
#include <thread>

#include "tests/engine/batch/batch_world.h"
#include "tests/engine/random_operations.h"

using namespace nodetune;
using namespace nodetune::testing;
using namespace std::chrono_literals;

class BatchProcessorTest : public QObject, private BatchWorld {
  Q_OBJECT
 private slots:
  void init() { make_world(); }

  void a_commit_waits_for_the_threshold() {
    auto config = quiet();
    config.auto_commit_threshold = 20;
    auto batches = started(config);
    QCOMPARE(batches->submit(puts(10, "a")).value(), 1U);
    QCOMPARE(batches->submit(puts(5, "b")).value(), 2U);
    QCOMPARE(batches->submit(puts(7, "c")).value(), 3U);
    until([&] { return batches->figures().commits == 1; });
    QVERIFY(sizes_of_writes(*store_) == std::vector<std::size_t>{22});
    QCOMPARE(batches->figures().committed_groups, 3U);
    QCOMPARE(batches->figures().pending_operations, 0U);
  }

  void bytes_make_a_commit_due() {
    auto config = quiet();
    config.max_batch_bytes = 1'000;
    auto batches = started(config);
    QVERIFY(batches->submit(puts(1, "a", 400)));
    QVERIFY(batches->submit(puts(1, "b", 400)));
    QVERIFY(batches->submit(puts(1, "c", 400)));
    until([&] { return batches->figures().commits == 1; });
    QVERIFY2(sizes_of_writes(*store_) == std::vector<std::size_t>{2}, "the third did not fit");
    QCOMPARE(batches->figures().pending_operations, 1U);
  }

  void age_makes_a_commit_due() {
    auto config = quiet();
    config.max_batch_age = 500ms;
    auto batches = started(config);
    QVERIFY(batches->submit(puts(1, "a")));
    clock_->advance(499ms);
    QVERIFY(batches->submit(puts(1, "b")));
    clock_->advance(1ms);
    until([&] { return batches->figures().commits == 1; });
    QVERIFY(sizes_of_writes(*store_) == std::vector<std::size_t>{2});
  }

  void in_bulk_a_commit_is_as_large_as_allowed_unless_set_by_hand() {
    auto config = quiet();
    config.size_mode = BatchSizeMode::adaptive;
    config.auto_commit_threshold = 20;
    config.max_batch_size = 50;
    auto batches = started(config);
    batches->set_bulk(true);
    QCOMPARE(batches->figures().auto_commit_threshold, 50);
    std::string prefix;
    const auto submit = [&](int groups) {
      for (int i = 0; i < groups; ++i) QVERIFY(batches->submit(puts(10, prefix += "k")));
      QVERIFY(batches->flush());
    };
    submit(4);
    QVERIFY((sizes_of_writes(*store_) == std::vector<std::size_t>{40}));
    QVERIFY(batches->set_auto_commit_threshold(20));
    store_->before_write.close();
    for (int i = 0; i < 4; ++i) QVERIFY(batches->submit(puts(10, prefix += "k")));
    store_->before_write.open();
    QVERIFY(batches->flush());
    QVERIFY((sizes_of_writes(*store_) == std::vector<std::size_t>{40, 20, 20}));
  }

  void a_group_is_never_cut() {
    auto config = quiet();
    config.auto_commit_threshold = 10;
    config.max_batch_size = 12;
    store_->before_write.close();
    auto batches = started(config);
    std::string prefix;  // no key comes twice
    for (const int count : {10, 4, 4, 4, 50, 3, 9, 1}) {
      QVERIFY(batches->submit(puts(count, prefix += "k")));
    }
    store_->before_write.open();
    QVERIFY(batches->flush());
    // 4+4+4 reaches 12; 50 goes alone; 3+9 reaches 12.
    QVERIFY((sizes_of_writes(*store_) == std::vector<std::size_t>{10, 12, 50, 12, 1}));
  }

  void each_commit_is_sorted_and_carries_the_number_of_groups() {
    auto config = quiet();
    config.path = WritePath::sorted;
    auto batches = started(config);
    QVERIFY(batches->submit({{WriteOperation::put(Family::storage, "z", "1"),
                              WriteOperation::put(Family::accounts, "b", "2"),
                              WriteOperation::put(Family::accounts, "a", "3")}}));
    QVERIFY(batches->submit(puts(1, "c")));
    QVERIFY(batches->flush());
    const auto writes = store_->writes();
    QCOMPARE(writes.size(), std::size_t{1});
    QCOMPARE(writes[0][0].key, std::string("a"));
    QCOMPARE(writes[0][1].key, std::string("b"));
    QCOMPARE(writes[0].back().key, std::string(kCommitSequenceKey));
    QCOMPARE(counter(*store_, std::string(kCommitSequenceKey)), 2U);
  }

  void the_sequence_goes_on_after_a_restart() {
    {
      auto batches = started(quiet());
      QVERIFY(batches->submit(add_one()));
      QVERIFY(batches->submit(add_one()));
      QVERIFY(batches->stop());
    }
    auto batches = started(quiet());
    QCOMPARE(batches->sequence_at_start(), 2U);
    QCOMPARE(batches->submit(add_one()).value(), 1U);
    QVERIFY(batches->stop());
    QCOMPARE(counter(*store_, std::string(kCommitSequenceKey)), 3U);
    QCOMPARE(counter(*store_), 3U);
  }

  void submit_waits_for_room_first_come_first_served() {
    auto config = quiet();
    config.max_pending_bytes = 1'000;
    std::vector<std::string> order;
    auto batches = started(config, {.on_accepted = [&](std::uint64_t, const WriteGroup& group) {
                             order.push_back(group.operations[0].key);
                           }});
    store_->before_write.close();
    QVERIFY(batches->submit(puts(1, "a", 800)));
    std::vector<std::jthread> threads;
    // The small one would fit, but came later than the large one.
    const std::vector<std::pair<std::string, std::size_t>> waiting = {
        {"b", 900}, {"c", 10}, {"d", 10}};
    for (std::size_t i = 0; i < waiting.size(); ++i) {
      threads.emplace_back([&, i] {
        if (!batches->submit(puts(1, waiting[i].first, waiting[i].second))) std::abort();
      });
      until([&] { return batches->figures().waiting_submits == i + 1; });
    }
    QCOMPARE(batches->figures().pending_operations, 1U);
    store_->before_write.open();
    threads.clear();
    QVERIFY(batches->flush());
    QVERIFY((order == std::vector<std::string>{"a0", "b0", "c0", "d0"}));
  }

  void a_group_above_the_pending_limit_goes_alone() {
    auto config = quiet();
    config.max_pending_bytes = 10;
    auto batches = started(config);
    QVERIFY(batches->submit(puts(1, "a", 800)));
    QVERIFY(batches->submit(puts(1, "b", 800)));  // makes the first one due by itself
    QVERIFY(batches->flush());
    QVERIFY((sizes_of_writes(*store_) == std::vector<std::size_t>{1, 1}));
  }

  void stop_releases_waiting_submits_and_drains() {
    auto config = quiet();
    config.max_pending_bytes = 100;
    auto batches = started(config);
    store_->before_write.close();
    QVERIFY(batches->submit(puts(1, "a", 80)));
    auto waiting = std::async(std::launch::async,
                              [&] { return batches->submit(puts(1, "b", 80)).status().code(); });
    until([&] { return batches->figures().waiting_submits == 1; });
    auto stopping = std::async(std::launch::async, [&] { return batches->stop(); });
    QCOMPARE(waiting.get(), StatusCode::cancelled);
    store_->before_write.open();
    QVERIFY(stopping.get());
    QCOMPARE(batches->figures().committed_groups, 1U);
    QCOMPARE(batches->submit(puts(1, "c")).status().code(), StatusCode::cancelled);
  }

  void listeners_hear_of_groups_in_order_and_before_they_count_as_gone() {
    std::vector<std::uint64_t> accepted;
    std::vector<std::pair<std::uint64_t, std::uint64_t>> committed;
    std::vector<std::uint64_t> pending;
    BatchProcessor* processor = nullptr;
    auto batches =
        started(quiet(), {.on_accepted = [&](std::uint64_t number,
                                             const WriteGroup&) { accepted.push_back(number); },
                          .on_committed =
                              [&](std::uint64_t first, std::uint64_t last) {
                                committed.emplace_back(first, last);
                                pending.push_back(processor->figures().pending_operations);
                              }});
    processor = batches.get();
    QVERIFY(batches->submit(puts(2, "a")));
    QVERIFY(batches->submit(puts(2, "b")));
    QVERIFY(batches->flush());
    QVERIFY(batches->submit(puts(3, "c")));
    QVERIFY(batches->flush());
    QVERIFY((accepted == std::vector<std::uint64_t>{1, 2, 3}));
    QVERIFY((committed == std::vector<std::pair<std::uint64_t, std::uint64_t>>{{1, 2}, {3, 3}}));
    QVERIFY((pending == std::vector<std::uint64_t>{4, 3}));
  }

  void groups_that_would_harm_the_database_are_refused() {
    auto batches = started(quiet());
    const std::string sequence(kCommitSequenceKey);
    const std::vector<WriteOperation> bad = {
        WriteOperation::delete_range(Family::accounts, "b", "a"),
        WriteOperation{OperationType::merge, Family::own, "n", "short"},
        WriteOperation::put(Family::own, sequence, "x"),
        WriteOperation::erase(Family::own, sequence),
        WriteOperation::delete_range(Family::own, "a", "z")};
    for (const auto& operation : bad) {
      QCOMPARE(batches->submit({{operation}}).status().code(), StatusCode::invalid_argument);
    }
    QVERIFY(batches->submit({{WriteOperation::put(Family::accounts, sequence, "x")}}));
    QVERIFY(batches->submit({}));
    QVERIFY(batches->stop());
    QCOMPARE(counter(*store_, sequence), 2U);
  }

  void a_bad_configuration_or_sequence_does_not_start() {
    auto config = quiet();
    config.grow_factor = std::nan("");
    BatchProcessor bad(*store_, config, *clock_);
    QCOMPARE(bad.start().code(), StatusCode::invalid_argument);
    QVERIFY2(!bad.submit(add_one()), "not started");

    store_->set(Family::own, std::string(kCommitSequenceKey), "damaged");
    BatchProcessor damaged(*store_, quiet(), *clock_);
    QCOMPARE(damaged.start().code(), StatusCode::corrupt);
    QVERIFY(damaged.flush());
    QVERIFY(damaged.stop());
  }

  void the_threshold_changes_live_within_its_limits() {
    auto config = quiet();
    config.min_batch_size = 4;
    auto batches = started(config);
    QVERIFY(!batches->set_auto_commit_threshold(3));
    QVERIFY(!batches->set_auto_commit_threshold(100'001));
    QVERIFY(batches->submit(puts(6, "a")));
    QVERIFY(batches->set_auto_commit_threshold(5));
    until([&] { return batches->figures().commits == 1; });
    QCOMPARE(batches->figures().auto_commit_threshold, 5);
  }

  void optimising_judges_what_came_since_the_last_time() {
    auto config = quiet();
    config.auto_commit_threshold = 1'000;
    auto batches = started(config);
    QVERIFY2(!batches->optimize_batch_size(), "nothing was measured yet");
    slow_commit(*batches, 100ms);
    QCOMPARE(batches->optimize_batch_size(), std::optional(1'200));
    QVERIFY2(!batches->optimize_batch_size(), "nothing since");
    slow_commit(*batches, 700ms);
    QCOMPARE(batches->optimize_batch_size(), std::optional(960));
    QCOMPARE(batches->figures().auto_commit_threshold, 960);
  }

  void figures_count_what_was_added_and_what_was_committed() {
    auto batches = started(quiet());
    QVERIFY(batches->submit({{WriteOperation::put(Family::accounts, "key", "value"),
                              WriteOperation::erase(Family::accounts, "a"),
                              WriteOperation::single_delete(Family::accounts, "b"),
                              WriteOperation::delete_range(Family::accounts, "c", "d"),
                              WriteOperation::merge_add(Family::own, "n", 1)}}));
    QVERIFY(batches->flush());
    const auto figures = batches->figures();
    for (const auto type : kOperationTypes) QCOMPARE(figures.operations[index_of(type)], 1U);
    QCOMPARE(figures.bytes_committed, 8U + 1 + 1 + 2 + 9);
    QCOMPARE(figures.operations_committed, 5U);
    QCOMPARE(figures.sizes.sum, 5.0);
    QCOMPARE(figures.durations.count, 1U);
  }

  // At any moment the store holds the first n groups, whole, and nothing else: what a crash leaves.
  void the_store_always_holds_a_prefix_of_whole_groups() {
    const auto seed = std::random_device{}();
    qInfo("seed %u", seed);
    constexpr int kThreads = 3;
    constexpr int kGroups = 300;
    std::vector<WriteGroup>
        in_order;  // by the accepting listener, which is never run twice at once
    auto config = quiet();
    config.auto_commit_threshold = 40;
    config.max_pending_bytes = 4'000;
    auto batches = started(config, {.on_accepted = [&](std::uint64_t, const WriteGroup& group) {
                             in_order.push_back(group);
                           }});
    store_->record_writes = false;
    std::atomic<bool> over{false};
    std::vector<Contents> seen;
    std::jthread breaks_and_mends([&] {
      RandomOperations random(seed);
      while (!over) {
        store_->fail_writes(1, random.number(2) == 0 ? FakeStore::Failure::before_applying
                                                     : FakeStore::Failure::after_applying);
        std::this_thread::sleep_for(200us);
        if (!batches->retry()) continue;
        if (seen.size() < 300) seen.push_back(store_->contents());
      }
    });
    {
      std::vector<std::jthread> submitters;
      for (int thread = 0; thread < kThreads; ++thread) {
        submitters.emplace_back([&, thread] {
          RandomOperations random(seed + 1 + static_cast<unsigned>(thread));
          for (int i = 0; i < kGroups; ++i) {
            WriteGroup group{random.some(random.number(12), false)};
            std::erase_if(group.operations, [](const auto& operation) {
              return operation.type == OperationType::delete_range &&
                     operation.family == Family::own;
            });
            while (!batches->submit(group)) std::this_thread::yield();
          }
        });
      }
    }
    over = true;
    breaks_and_mends.join();
    store_->fail_writes(0, FakeStore::Failure::before_applying);
    QVERIFY(batches->stop());
    seen.push_back(store_->contents());

    QCOMPARE(in_order.size(), std::size_t{kThreads * kGroups});
    QVERIFY(batches->figures().commit_failures > 0);
    Contents model;
    std::size_t groups = 0;
    for (const auto& contents : seen) {
      auto left = contents;
      const auto& own = contents[index_of(Family::own)];
      const auto sequence = own.find(kCommitSequenceKey);
      const auto held = sequence == own.end() ? 0 : decode_counter(sequence->second);
      for (; groups < held; ++groups) {
        for (const auto& operation : in_order[groups].operations) apply_operation(model, operation);
      }
      left[index_of(Family::own)].erase(std::string(kCommitSequenceKey));
      QVERIFY2(left == model, qPrintable(QString("after %1 groups").arg(groups)));
    }
    QCOMPARE(groups, in_order.size());
  }
};

QTEST_APPLESS_MAIN(BatchProcessorTest)
#include "batch_processor_test.moc"
