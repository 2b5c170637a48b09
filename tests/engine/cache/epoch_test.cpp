// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/cache/epoch.h"

#include <QDeadlineTimer>
#include <QtTest>
#include <atomic>
#include <limits>
#include <thread>
#include <vector>

using namespace nodetune;

namespace {

constexpr std::uint64_t kNobody = std::numeric_limits<std::uint64_t>::max();

}  // namespace

class EpochTest : public QObject {
  Q_OBJECT
 private slots:
  void nobody_is_pinned_at_first() { QCOMPARE(epoch::oldest_pinned(), kNobody); }

  void a_pin_holds_what_was_retired_during_it() {
    std::uint64_t retired = 0;
    {
      const epoch::Pin pin(epoch::this_thread());
      retired = epoch::retire_epoch();
      QVERIFY(epoch::oldest_pinned() <= retired);
    }
    QVERIFY(epoch::oldest_pinned() > retired);
  }

  void a_later_pin_does_not_hold_it() {
    const std::uint64_t retired = epoch::retire_epoch();
    const epoch::Pin pin(epoch::this_thread());
    QVERIFY(epoch::oldest_pinned() > retired);
    QVERIFY(epoch::oldest_pinned() != kNobody);
  }

  void another_threads_pin_holds_it() {
    std::atomic<int> step = 0;
    std::thread other([&step] {
      {
        const epoch::Pin pin(epoch::this_thread());
        step = 1;
        step.notify_one();
        step.wait(1);
      }
      step = 3;
      step.notify_one();
    });
    step.wait(0);
    const std::uint64_t retired = epoch::retire_epoch();
    const bool held = epoch::oldest_pinned() <= retired;
    step = 2;
    step.notify_one();
    step.wait(2);
    const bool still_held = epoch::oldest_pinned() <= retired;
    other.join();
    QVERIFY(held);
    QVERIFY(!still_held);
  }

  void a_thread_that_ended_leaves_its_slot_to_the_next() {
    std::size_t first = 0, second = 0;
    std::thread([&first] { first = epoch::this_thread().number; }).join();
    std::thread([&second] { second = epoch::this_thread().number; }).join();
    QCOMPARE(first, second);
    QVERIFY(epoch::this_thread().number != first);
  }

  // The pattern itself: a cell is replaced and the old object freed, while readers look.
  void readers_never_see_what_was_freed() {
    struct Object {
      std::uint64_t a, b;
    };
    std::atomic<Object*> cell = new Object{0, ~std::uint64_t{0}};
    std::atomic<bool> stop = false;
    std::atomic<int> torn = 0;
    std::vector<std::thread> readers;
    for (int t = 0; t < 3; ++t) {
      readers.emplace_back([&] {
        while (!stop.load(std::memory_order_relaxed)) {
          const epoch::Pin pin(epoch::this_thread());
          const Object* const seen = cell.load(std::memory_order_acquire);
          if (seen->a != ~seen->b) ++torn;
        }
      });
    }
    std::vector<std::pair<std::uint64_t, Object*>> retired;
    std::size_t most = 0;
    // Until a reader stood in the way: on a busy machine they may come late.
    const QDeadlineTimer deadline(60'000);
    for (std::uint64_t i = 1; i <= 20'000 || (most == 0 && !deadline.hasExpired()); ++i) {
      Object* const old = cell.exchange(new Object{i, ~i}, std::memory_order_acq_rel);
      retired.emplace_back(epoch::retire_epoch(), old);
      const std::uint64_t oldest = epoch::oldest_pinned();
      std::erase_if(retired, [oldest](const auto& one) {
        if (one.first >= oldest) return false;
        one.second->a = one.second->b = 1;  // what a late reader would take for torn
        delete one.second;
        return true;
      });
      most = std::max(most, retired.size());
    }
    stop = true;
    for (std::thread& reader : readers) reader.join();
    for (const auto& one : retired) delete one.second;
    delete cell.load();
    QCOMPARE(torn.load(), 0);
    QVERIFY(most > 0);
  }
};

QTEST_APPLESS_MAIN(EpochTest)
#include "epoch_test.moc"
