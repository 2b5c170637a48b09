// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include <QtTest>
#include <atomic>
#include <thread>
#include <vector>

#include "engine/base/bounded_queue.h"
#include "engine/base/periodic_worker.h"
#include "engine/base/published.h"

using namespace nodetune;
using namespace std::chrono_literals;

class ThreadsTest : public QObject {
  Q_OBJECT
 private slots:
  void a_worker_runs_once_a_period_of_its_clock() {
    ManualClock clock;
    std::atomic<int> runs{0};
    PeriodicWorker worker("test", clock, 10s, [&] { ++runs; });
    worker.start();
    QTest::qWait(30);
    QCOMPARE(runs.load(), 0);
    for (int period = 1; period <= 3; ++period) {
      clock.advance(10s);
      QTRY_COMPARE(runs.load(), period);
      QTest::qWait(10);  // it has begun to wait again before the clock moves on
    }
  }

  void a_worker_that_is_woken_runs_at_once() {
    ManualClock clock;
    std::atomic<int> runs{0};
    PeriodicWorker worker("test", clock, 1h, [&] { ++runs; });
    worker.start();
    worker.wake();
    QTRY_COMPARE(runs.load(), 1);
  }

  void stop_finishes_the_run_in_progress() {
    std::atomic<bool> running{false};
    std::atomic<bool> finished{false};
    PeriodicWorker worker("test", SystemClock::instance(), 1h, [&] {
      running = true;
      std::this_thread::sleep_for(50ms);
      finished = true;
    });
    worker.start();
    worker.wake();
    QTRY_VERIFY(running.load());
    worker.stop();
    QVERIFY(finished.load());
    worker.start();  // and it can be started again
    worker.stop();
  }

  void a_full_queue_refuses_and_a_closed_one_is_emptied_first() {
    BoundedQueue<int> queue(2);
    QVERIFY(queue.try_push(1));
    QVERIFY(queue.try_push(2));
    QVERIFY(!queue.try_push(3));
    queue.close();
    QVERIFY(!queue.try_push(4));
    QCOMPARE(queue.pop().value(), 1);
    QCOMPARE(queue.pop().value(), 2);
    QVERIFY(!queue.pop().has_value());
  }

  void no_item_is_lost_or_doubled_between_threads() {
    constexpr int kItems = 20'000;
    BoundedQueue<int> queue(16);
    std::atomic<long long> sum{0};
    std::vector<std::thread> takers;
    for (int i = 0; i < 2; ++i) {
      takers.emplace_back([&] {
        while (const auto item = queue.pop()) sum += *item;
      });
    }
    for (int item = 1; item <= kItems; ++item) {
      while (!queue.try_push(item)) std::this_thread::yield();
    }
    queue.close();
    for (auto& taker : takers) taker.join();
    QCOMPARE(sum.load(), static_cast<long long>(kItems) * (kItems + 1) / 2);
  }

  void readers_of_a_published_value_see_whole_ones_that_never_go_back() {
    struct Pair {
      int first = 0;
      int second = 0;
    };
    Published<Pair> published(std::make_shared<const Pair>());
    std::atomic<bool> done{false};
    std::atomic<int> wrong{0};
    std::thread reader([&] {
      int last = 0;
      while (!done) {
        const auto pair = published.get();
        if (pair->first != pair->second || pair->first < last) ++wrong;
        last = pair->first;
      }
    });
    for (int i = 1; i <= 20'000; ++i) published.publish(std::make_shared<const Pair>(Pair{i, i}));
    done = true;
    reader.join();
    QCOMPARE(wrong.load(), 0);
  }
};

QTEST_APPLESS_MAIN(ThreadsTest)
#include "threads_test.moc"
