// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/workload/workload_driver.h"

#include <QtTest>
#include <atomic>
#include <cmath>
#include <stdexcept>

#include "tests/engine/fake_store.h"

using namespace nodetune;
using namespace nodetune::testing;
using namespace std::chrono_literals;

namespace {

// What a test tells its workload, and what that did.
struct Script {
  std::atomic<int> blocks_left{1'000'000};
  std::atomic<int> prepared{0};
  std::atomic<int> block_us{0};  // how long a block takes, on the test's clock
  std::atomic<bool> fails{false};
  std::atomic<bool> throws{false};
  std::atomic<bool> prepare_waits{false};  // until stopped
};

class ScriptedWorkload final : public Workload {
 public:
  ScriptedWorkload(Script& script, ManualClock& clock) : script_(script), clock_(clock) {}

  std::string describe() const override { return "a scripted chain"; }
  std::string provenance() const override { return "all of it is made up"; }
  Status prepare(KeyValueStore&, const PrepareWatch& watch) override {
    watch.progress(0.5);
    while (script_.prepare_waits && !watch.stop.stop_requested()) std::this_thread::yield();
    if (watch.stop.stop_requested()) return Status(StatusCode::cancelled, "stopped");
    ++script_.prepared;
    return Status::ok();
  }
  Result<bool> run_block(ObjectStore&) override {
    if (script_.throws) throw std::runtime_error("it threw");
    if (script_.fails) return Status(StatusCode::io_error, "the disk is broken");
    if (script_.blocks_left == 0) return false;
    --script_.blocks_left;
    clock_.advance(Duration(script_.block_us.load()));
    return true;
  }
  std::optional<std::uint64_t> total_blocks() const override { return std::nullopt; }

 private:
  Script& script_;
  ManualClock& clock_;
};

}  // namespace

class WorkloadDriverTest : public QObject {
  Q_OBJECT
 private slots:
  void init() {
    script_ = std::make_unique<Script>();
    store_ = std::make_unique<FakeStore>();
    objects_ = std::make_unique<ObjectStore>(*store_, CacheConfig(), BatchConfig(),
                                             SystemClock::instance());
    QVERIFY(objects_->start());
  }
  void cleanup() {
    driver_.reset();
    objects_.reset();
  }

  void runs_all_blocks_and_finishes() {
    script_->blocks_left = 20;
    make({});
    QCOMPARE(driver_->figures().state, DriverState::idle);
    QVERIFY(driver_->start());
    QTRY_COMPARE(driver_->figures().state, DriverState::finished);
    QCOMPARE(driver_->figures().blocks, 20u);
    QCOMPARE(driver_->figures().block_times.count, 20u);
    QCOMPARE(driver_->figures().prepared_ratio, 1.0);
    QCOMPARE(driver_->figures().late_blocks, 0u);
  }

  void keeps_the_rate() {
    make({.blocks_per_second = 2.0, .free_ratio = {}});
    QVERIFY(driver_->start());
    QTRY_COMPARE(driver_->figures().blocks, 1u);  // the first is due at once
    for (std::uint64_t blocks = 2; blocks <= 5; ++blocks) {
      clock_.advance(499ms);
      QTest::qWait(5);
      QCOMPARE(driver_->figures().blocks, blocks - 1);
      clock_.advance(1ms);
      QTRY_COMPARE(driver_->figures().blocks, blocks);
    }
    QCOMPARE(driver_->figures().late_blocks, 0u);
  }

  void a_stall_is_counted_and_not_caught_up_in_a_burst() {
    script_->blocks_left = 1;
    script_->block_us = 3'000'000;  // six periods
    make({.blocks_per_second = 2.0, .free_ratio = {}});
    QVERIFY(driver_->start());
    QTRY_COMPARE(driver_->figures().state, DriverState::finished);
    QCOMPARE(driver_->figures().late_blocks, 1u);

    // The next ones are quick: one late, one caught up, one on time, then the rate again.
    clock_.advance(1s);
    script_->block_us = 0;
    script_->blocks_left = 100;
    QVERIFY(driver_->start());
    QTRY_COMPARE(driver_->figures().blocks, 2u);
    QTest::qWait(5);
    QCOMPARE(driver_->figures().blocks, 2u);
    clock_.advance(10s);  // as if this thread had been held up for twenty periods
    QTRY_COMPARE(driver_->figures().blocks, 5u);
    QTest::qWait(5);
    QCOMPARE(driver_->figures().blocks, 5u);
    QCOMPARE(driver_->figures().late_blocks, 2u);
  }

  void pauses_and_resumes() {
    make({.blocks_per_second = 1.0, .free_ratio = {}});
    QVERIFY(!driver_->pause());
    QVERIFY(driver_->start());
    QVERIFY(!driver_->start());
    QTRY_COMPARE(driver_->figures().blocks, 1u);
    QVERIFY(driver_->pause());
    QTRY_COMPARE(driver_->figures().state, DriverState::paused);
    clock_.advance(60s);
    QTest::qWait(5);
    QCOMPARE(driver_->figures().blocks, 1u);
    QVERIFY(driver_->resume());
    QTRY_COMPARE(driver_->figures().blocks, 2u);
    QTest::qWait(5);
    QCOMPARE(driver_->figures().blocks, 2u);  // the pause is not caught up
    QCOMPARE(driver_->figures().late_blocks, 0u);
    QCOMPARE(driver_->figures().state, DriverState::running);
  }

  void stop_does_not_wait_for_the_next_block() {
    make({.blocks_per_second = 0.001, .free_ratio = {}});
    QVERIFY(driver_->start());
    QTRY_COMPARE(driver_->figures().blocks, 1u);
    driver_->stop();  // hangs if it waited: this clock stands still
    QCOMPARE(driver_->figures().state, DriverState::stopped);
    driver_->stop();
    QVERIFY(driver_->start());
    QTRY_COMPARE(driver_->figures().blocks, 2u);
    QVERIFY(driver_->pause());
    QTRY_COMPARE(driver_->figures().state, DriverState::paused);
    driver_->stop();
    QCOMPARE(driver_->figures().state, DriverState::stopped);
  }

  void stop_ends_preparing() {
    script_->prepare_waits = true;
    make({});
    QVERIFY(driver_->start());
    QTRY_COMPARE(driver_->figures().prepared_ratio, 0.5);
    QCOMPARE(driver_->figures().state, DriverState::preparing);
    driver_->stop();
    QCOMPARE(driver_->figures().state, DriverState::stopped);
    QCOMPARE(script_->prepared.load(), 0);
  }

  void stops_when_the_disk_is_nearly_full() {
    std::atomic<double> free{0.5};
    make({.blocks_per_second = 1.0, .free_ratio = [&] { return free.load(); }});
    QVERIFY(driver_->start());
    QTRY_COMPARE(driver_->figures().blocks, 1u);
    free = std::nan("");  // not known: no reason to stop
    clock_.advance(1s);
    QTRY_COMPARE(driver_->figures().blocks, 2u);
    free = 0.09;
    clock_.advance(1s);
    QTRY_COMPARE(driver_->figures().state, DriverState::stopped);
    QCOMPARE(driver_->figures().blocks, 2u);
    QVERIFY(driver_->figures().text.find("low disk space") != std::string::npos);
    QVERIFY(!driver_->figures().asked_to_stop);
  }

  void a_failure_is_told_and_a_restart_goes_on() {
    script_->fails = true;
    script_->blocks_left = 3;
    make({});
    QVERIFY(driver_->start());
    QTRY_COMPARE(driver_->figures().state, DriverState::failed);
    QCOMPARE(driver_->figures().text, std::string("the disk is broken"));
    script_->fails = false;
    script_->throws = true;
    QVERIFY(driver_->resume());
    QTRY_VERIFY(driver_->figures().text.find("it threw") != std::string::npos);
    QCOMPARE(driver_->figures().state, DriverState::failed);
    script_->throws = false;
    QVERIFY(driver_->start());
    QTRY_COMPARE(driver_->figures().state, DriverState::finished);
    QCOMPARE(driver_->figures().blocks, 3u);
  }

 private:
  void make(DriverConfig config) {
    driver_ = std::make_unique<WorkloadDriver>(std::make_unique<ScriptedWorkload>(*script_, clock_),
                                               *objects_, *store_, clock_, std::move(config));
  }

  ManualClock clock_;
  std::unique_ptr<Script> script_;
  std::unique_ptr<FakeStore> store_;
  std::unique_ptr<ObjectStore> objects_;
  std::unique_ptr<WorkloadDriver> driver_;
};

QTEST_GUILESS_MAIN(WorkloadDriverTest)
#include "workload_driver_test.moc"
