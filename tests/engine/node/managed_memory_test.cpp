// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
//
// The arbiter in a real node: driven by the synthetic chain.
#include <QTemporaryDir>
#include <QtTest>

#include "engine/base/format.h"
#include "engine/node/open_node.h"

using namespace nodetune;
using namespace std::chrono_literals;

namespace {

OpenOptions bench(ArbiterMode mode, bool acts) {
  OpenOptions options;
  options.create_if_missing = true;
  options.sample_period = 50ms;
  options.tuner.interval = 1h;
  options.start_workload = true;
  options.arbiter = ArbiterSettings{mode, 96 * kMiB, acts};
  for (auto& bytes : options.caches.capacity_bytes) bytes = 4 * kMiB;
  return options;
}

std::uint64_t all_bytes(const Node& node) {
  std::uint64_t bytes = 0;
  for (const auto& cache : node.caches()) bytes += cache.counters.capacity_bytes;
  for (const auto& knob : node.knobs()) {
    if (knob.knob == Knob::block_cache_size) {
      bytes += static_cast<std::uint64_t>(knob.current.value_or(0));
    }
  }
  return bytes;
}

bool any_event(const Node& node, std::string_view words) {
  for (const auto& event : node.events(0, 10'000)) {
    if (event.text.find(words) != std::string::npos) return true;
  }
  return false;
}

bool wait_for(const std::function<bool()>& done) {
  return QTest::qWaitFor(done, 15'000);
}

}  // namespace

class ManagedMemoryTest : public QObject {
  Q_OBJECT
 private slots:
  // The default block cache alone is above the budget: cut at once, shared from then on.
  void an_arbiter_that_acts_keeps_the_budget_and_says_what_it_does() {
    const QTemporaryDir directory;
    const auto path = directory.path().toStdString();
    std::uint64_t left = 0;
    {
      auto opened = open_node(path, bench(ArbiterMode::curves, true));
      QVERIFY2(opened, opened.status().message().c_str());
      auto& node = **opened;
      QVERIFY(all_bytes(node) > 96 * kMiB);
      QVERIFY(wait_for([&] { return all_bytes(node) <= 96 * kMiB; }));
      QVERIFY(any_event(node, "RocksDB block cache"));
      QVERIFY(
          wait_for([&] { return node.caches()[index_of(ObjectKind::account)].curve != nullptr; }));
      QVERIFY(node.close());
      left = all_bytes(node);
      bool noted = false;
      for (const auto& entry : node.audit()) {
        noted |= entry.who == Actor::tuner && entry.what == "block_cache_size";
      }
      QVERIFY(noted);
    }
    OpenOptions again;  // settings and sizes were saved; what never moved is as configured
    again.caches = bench(ArbiterMode::curves, true).caches;
    auto opened = open_node(path, again);
    QVERIFY2(opened, opened.status().message().c_str());
    QCOMPARE(all_bytes(**opened), left);
  }

  void one_that_may_not_act_recommends() {
    const QTemporaryDir directory;
    auto opened = open_node(directory.path().toStdString(), bench(ArbiterMode::curves, false));
    QVERIFY2(opened, opened.status().message().c_str());
    auto& node = **opened;
    const auto before = all_bytes(node);
    const auto asks = [&] {
      (void)node.submit(OptimizeCaches{});
      QTest::qWait(300);
      for (const auto& item : node.recommendations()) {
        if (item.proposal.rule == "memory_arbiter") return true;
      }
      return false;
    };
    QVERIFY(wait_for(asks));
    QCOMPARE(all_bytes(node), before);
    QVERIFY(node.close());
  }

  void off_is_off() {
    const QTemporaryDir directory;
    auto opened = open_node(directory.path().toStdString(), bench(ArbiterMode::off, true));
    QVERIFY2(opened, opened.status().message().c_str());
    auto& node = **opened;
    const auto before = all_bytes(node);
    QVERIFY(wait_for([&] { return node.workload().blocks > 20; }));
    QTest::qWait(1'500);
    QCOMPARE(all_bytes(node), before);
    QVERIFY(node.submit(SetArbiter{ArbiterMode::curves, 64u << 20, true}));
    QVERIFY(wait_for([&] { return all_bytes(node) <= 64 * kMiB; }));
    QVERIFY(node.close());
  }
};

QTEST_APPLESS_MAIN(ManagedMemoryTest)
#include "managed_memory_test.moc"
