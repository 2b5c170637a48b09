// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
//
// The arbiter against the best there is: real exact LRU caches run at the sizes that each way of
// sharing chooses, their misses weighed by cost.
#include <QtTest>

#include "tests/engine/cache/arbiter_streams.h"

using namespace nodetune;
using namespace nodetune::streams;

namespace {

constexpr std::array kBudgets = {0.02, 0.05, 0.1, 0.2, 0.5, 0.9, 1.0, 1.3};  // of the working set
constexpr double kBelow = 0.5;      // here and below, memory is clearly short
constexpr double kNoWorse = 1.001;  // hysteresis, and curves of 128 points
constexpr double kOracle = 1.01;
constexpr std::uint64_t kSeed = 20'615'532;

std::string mainnet_folder() {
  return NODETUNE_TEST_DATA "/chain/block-access-lists/rlp";
}

QString told(const Stream& stream, double part, const char* what, double ours, double other) {
  return QString("%1 at %2 of its working set: %3: %4 s, ours %5 s")
      .arg(QString::fromStdString(stream.name))
      .arg(part)
      .arg(what)
      .arg(other)
      .arg(ours);
}

}  // namespace

class ArbiterOracleTest : public QObject {
  Q_OBJECT

  void compare(const Stream& stream) {
    const auto curves = curves_of(stream);
    const double working_set = stream.working_set_bytes();
    double ours_below = 0;
    std::array<double, 3> others_below{};
    for (const double part : kBudgets) {
      const double budget = std::floor(part * working_set);
      int steps = 0;
      const double ours = cost_of_split(stream, settled_split(stream, curves, budget, &steps));
      const double oracle = oracle_cost(stream, curves, budget, 256);
      const std::array others = {cost_of_split(stream, equal_split(stream.owners(), budget)),
                                 run_managed(stream, budget, Manager::specification).seconds,
                                 cost_of_global(stream, budget)};
      QVERIFY2(steps <= 50, qPrintable(QString("%1 decisions").arg(steps)));
      QVERIFY2(ours <= kOracle * oracle, qPrintable(told(stream, part, "oracle", ours, oracle)));
      constexpr std::array kNames = {"equal split", "specification", "one global LRU"};
      for (std::size_t i = 0; i < others.size(); ++i) {
        QVERIFY2(ours <= kNoWorse * others[i],
                 qPrintable(told(stream, part, kNames[i], ours, others[i])));
        if (part <= kBelow) others_below[i] += others[i];
      }
      if (part <= kBelow) ours_below += ours;
    }
    for (const double other : others_below) QVERIFY(ours_below < other);
  }

 private slots:
  void synthetic_mixes_are_shared_as_the_oracle_does() {
    qInfo("seed %llu", static_cast<unsigned long long>(kSeed));
    for (const auto& stream : synthetic_mixes(kSeed)) compare(stream);
  }

  void mainnet_is_shared_as_the_oracle_does() {
    const auto stream = mainnet(mainnet_folder());
    if (stream.blocks.empty()) QSKIP("the block access lists are not present");
    QCOMPARE(stream.blocks.size(), std::size_t{50});
    compare(stream);
  }

  // Loops and Zipf's law change places: judged from the fiftieth block after the change on, with
  // curves that must forget the first phase by themselves.
  void a_change_of_phase_is_settled_within_fifty_blocks() {
    using enum Habit::Kind;
    const Habit wide{zipf, 12'000, 0.8, 500, 200, 25e-6};
    const Habit narrow{zipf, 500, 0.9, 100, 200, 20e-6};
    const Habit looping{loop, 3'000, 0, 300, 300, 25e-6};
    const Habit scanning{scan, 0, 0, 200, 150, 30e-6};
    constexpr std::size_t kPhase = 100;
    const auto first = make_mix("first", {wide, narrow, looping, scanning}, kPhase, kSeed);
    const auto second = make_mix("second", {narrow, wide, scanning, looping}, kPhase, kSeed + 1);
    auto both = first;
    both.name = "change of phase";
    for (auto block : second.blocks) {
      for (auto& touch : block) touch.key += 1u << 30;  // other keys
      both.blocks.push_back(std::move(block));
    }
    const double budget = std::floor(0.4 * second.working_set_bytes());
    const auto best = settled_split(second, curves_of(second), budget);
    const double ours = run_managed(both, budget, Manager::arbiter, kPhase + 50).seconds;
    const double settled = cost_of_split(both, best, kPhase + 50);
    const double stuck = cost_of_split(both, equal_split(4, budget), kPhase + 50);
    qInfo("from 50 blocks after the change on: ours %.4f s, settled at once %.4f s, equal %.4f s",
          ours, settled, stuck);
    QVERIFY(ours <= 1.03 * settled);
    QVERIFY(ours < stuck);
  }

  // Pure decisions: the same figures again and again after the change.
  void decisions_after_a_change_end_within_fifty() {
    const auto mixes = synthetic_mixes(kSeed);
    const auto& stream = mixes[2];
    const auto curves = curves_of(stream);
    const double budget = std::floor(0.2 * stream.working_set_bytes());
    std::vector<double> sizes = equal_split(stream.owners(), budget);
    ArbiterPlan plan;
    for (int phase = 0; phase < 4; ++phase) {
      int last = 0;
      for (int step = 1; step <= 80; ++step) {
        auto input = input_for(stream, curves, budget, sizes, 200);
        std::rotate(input.consumers.begin(), input.consumers.begin() + phase,
                    input.consumers.end());
        for (std::size_t i = 0; i < sizes.size(); ++i) {
          input.consumers[i].present_bytes = static_cast<std::uint64_t>(sizes[i]);
        }
        input.plan = plan;
        const auto decision = decide_memory(input);
        if (!decision.moves.empty()) last = step;
        plan = decision.plan;
        sizes = as_sizes(decision.bytes);
      }
      QVERIFY2(last > 0 && last <= 50, qPrintable(QString("phase %1: %2").arg(phase).arg(last)));
    }
  }
};

QTEST_APPLESS_MAIN(ArbiterOracleTest)
#include "arbiter_oracle_test.moc"
