// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
//
// What a batch processor does when its store fails.
#include <QtTest>
#include <future>
#include <thread>

#include "engine/batch/batch_processor.h"
#include "tests/engine/batch/batch_world.h"

using namespace nodetune;
using namespace nodetune::testing;
using namespace std::chrono_literals;

class BatchFailureTest : public QObject, private BatchWorld {
  Q_OBJECT
 private slots:
  void init() { make_world(); }

  void a_failed_commit_is_kept_and_retried() {
    auto batches = started(quiet());
    store_->fail_writes(2, FakeStore::Failure::before_applying);
    QVERIFY(batches->submit(add_one()));
    const auto flushed = batches->flush();
    QVERIFY(!flushed);
    QCOMPARE(flushed.code(), StatusCode::io_error);
    QVERIFY(flushed.message().find("fake disk is broken") != std::string::npos);
    QVERIFY(flushed.message().find("group 1 (1 operations)") != std::string::npos);

    auto figures = batches->figures();
    QVERIFY(figures.failing);
    QCOMPARE(figures.failure, flushed.message());
    QCOMPARE(figures.pending_operations, 1U);
    QCOMPARE(figures.commit_failures, 1U);
    QVERIFY2(figures.sizes.empty(), "a failed commit is no commit");

    const auto refused = batches->submit(add_one());
    QCOMPARE(refused.status().code(), StatusCode::io_error);
    QVERIFY(refused.status().message().find("fake disk is broken") != std::string::npos);

    QVERIFY2(!batches->retry(), "the disk is still broken");
    QVERIFY(batches->retry());
    QVERIFY(!batches->figures().failing);
    QVERIFY(batches->submit(add_one()));
    QVERIFY(batches->stop());
    QCOMPARE(counter(*store_), 2U);
  }

  void a_write_that_landed_after_all_is_not_written_again() {
    auto batches = started(quiet());
    store_->fail_writes(1, FakeStore::Failure::after_applying);
    QVERIFY(batches->submit(add_one()));
    QVERIFY(!batches->flush());
    QCOMPARE(counter(*store_), 1U);
    QVERIFY(batches->retry());
    QCOMPARE(counter(*store_), 1U);
    QCOMPARE(store_->write_calls.load(), 1);
    QVERIFY(batches->submit(add_one()));
    QVERIFY(batches->flush());
    QCOMPARE(counter(*store_), 2U);
  }

  void a_retry_that_cannot_ask_the_store_writes_nothing() {
    auto batches = started(quiet());
    store_->fail_writes(1, FakeStore::Failure::after_applying);
    QVERIFY(batches->submit(add_one()));
    QVERIFY(!batches->flush());
    store_->failing_reads = 1;
    QVERIFY(!batches->retry());
    QCOMPARE(store_->write_calls.load(), 1);
    QVERIFY(batches->retry());
    QCOMPARE(counter(*store_), 1U);
  }

  void a_foreign_writer_is_noticed_before_a_retry() {
    auto batches = started(quiet());
    store_->fail_writes(1, FakeStore::Failure::before_applying);
    QVERIFY(batches->submit(add_one()));
    QVERIFY(!batches->flush());
    store_->set(Family::own, std::string(kCommitSequenceKey), encode_counter(77));
    const auto retried = batches->retry();
    QCOMPARE(retried.code(), StatusCode::corrupt);
    QCOMPARE(store_->write_calls.load(), 1);
  }

  void a_failed_sync_is_a_failed_commit_but_no_second_write() {
    auto config = quiet();
    config.durability = Durability::log_and_fsync;
    auto batches = started(config);
    store_->fail_writes(1, FakeStore::Failure::after_applying);
    store_->failing_syncs = 1;
    QVERIFY(batches->submit(add_one()));
    QVERIFY(!batches->flush());
    QVERIFY(!batches->retry());  // it has landed, and is not on disk
    QVERIFY(batches->retry());
    QCOMPARE(store_->write_calls.load(), 1);
    QCOMPARE(store_->sync_calls.load(), 2);
    QCOMPARE(counter(*store_), 1U);
  }

  void a_failure_releases_waiting_submits() {
    auto config = quiet();
    config.max_pending_bytes = 100;
    auto batches = started(config);
    store_->fail_writes(1, FakeStore::Failure::before_applying);
    store_->before_write.close();
    QVERIFY(batches->submit(puts(1, "a", 80)));
    auto waiting = std::async(std::launch::async,
                              [&] { return batches->submit(puts(1, "b", 80)).status().code(); });
    until([&] { return batches->figures().waiting_submits == 1; });
    store_->before_write.open();
    QCOMPARE(waiting.get(), StatusCode::io_error);
  }

  void stop_names_what_could_not_be_committed() {
    auto config = quiet();
    config.auto_commit_threshold = 5;
    auto batches = started(config);
    store_->before_write.close();
    store_->fail_writes(100, FakeStore::Failure::before_applying);
    QVERIFY(batches->submit(puts(5, "a")));
    QVERIFY(batches->submit(puts(2, "b")));
    store_->before_write.open();
    const auto stopped = batches->stop();
    QVERIFY(!stopped);
    QVERIFY2(stopped.message().starts_with("groups 1 to 2 (7 operations)"),
             stopped.message().c_str());
    QVERIFY(stopped.message().find("fake disk is broken") != std::string::npos);
    QVERIFY2(!batches->flush(), "they are still not committed");
    QVERIFY(!batches->stop());
  }

  void stop_tries_a_failed_commit_once_more() {
    auto batches = started(quiet());
    store_->fail_writes(1, FakeStore::Failure::before_applying);
    QVERIFY(batches->submit(add_one()));
    QVERIFY(!batches->flush());
    QVERIFY(batches->stop());
    QCOMPARE(counter(*store_), 1U);
  }
};

QTEST_APPLESS_MAIN(BatchFailureTest)
#include "batch_failure_test.moc"
