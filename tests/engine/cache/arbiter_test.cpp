// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/cache/arbiter.h"

#include <QtTest>
#include <cmath>
#include <limits>
#include <numeric>
#include <random>

#include "engine/cache/growth_offer.h"
#include "engine/cache/memory_share.h"
#include "tests/engine/cache/arbiter_streams.h"

using namespace nodetune;

namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr std::uint64_t kMebibyte = 1u << 20;

// Misses fall evenly until all is inside at `full_bytes`.
std::vector<MissPoint> even_curve(double full_bytes, double floor = 0) {
  return {{full_bytes, floor}, {2 * full_bytes, floor}};
}

ArbiterConsumer consumer(std::string name, std::uint64_t present_mib, double lookups,
                         std::vector<MissPoint> curve) {
  ArbiterConsumer made;
  made.name = std::move(name);
  made.present_bytes = present_mib * kMebibyte;
  made.minimum_bytes = kMebibyte;
  made.lookups_per_block = lookups;
  made.miss_seconds = 20e-6;
  made.curve_samples = 5'000;
  made.curve = std::move(curve);
  return made;
}

// One that gains from every byte, one that gains nothing.
ArbiterInput slots_and_receipts() {
  ArbiterInput input;
  input.budget_bytes = 200 * kMebibyte;
  input.consumers = {
      consumer("Storage slots", 100, 1'000, even_curve(400.0 * kMebibyte)),
      consumer("Receipts", 100, 10, even_curve(1.0 * kMebibyte)),
  };
  return input;
}

std::uint64_t total(const std::vector<std::uint64_t>& bytes) {
  return std::accumulate(bytes.begin(), bytes.end(), std::uint64_t{0});
}

void go_on(ArbiterInput& input, const ArbiterDecision& decision) {
  for (std::size_t i = 0; i < input.consumers.size(); ++i) {
    input.consumers[i].present_bytes = decision.bytes[i];
  }
  input.plan = decision.plan;
}

// Decisions until the last one that moved something, of `limit`.
int settle(ArbiterInput& input, int limit = 100) {
  int last = 0;
  for (int i = 1; i <= limit; ++i) {
    const auto decision = decide_memory(input);
    if (!decision.moves.empty()) last = i;
    go_on(input, decision);
  }
  return last;
}

ArbiterDecision first_move(ArbiterInput& input) {
  for (int i = 0; i < 20; ++i) {
    const auto decision = decide_memory(input);
    if (!decision.moves.empty()) return decision;
    go_on(input, decision);
  }
  return {};
}

double odd_figure(std::mt19937_64& random, double usual) {
  switch (random() % 8) {
    case 0:
      return kNaN;
    case 1:
      return kInfinity;
    case 2:
      return -usual;
    case 3:
      return 0;
    default:
      return std::uniform_real_distribution<double>(0, usual)(random);
  }
}

ArbiterInput odd_input(std::mt19937_64& random) {
  ArbiterInput input;
  input.mode = random() % 5 == 0 ? ArbiterMode::specification : ArbiterMode::curves;
  input.budget_bytes = random() % 10 == 0 ? 0 : random() % (512 * kMebibyte);
  const std::size_t count = random() % 9;
  for (std::size_t i = 0; i < count; ++i) {
    ArbiterConsumer one;
    one.name = "consumer " + std::to_string(i);
    if (i < kObjectKindCount) one.kind = kObjectKinds[i];
    one.present_bytes = random() % (100 * kMebibyte);
    one.minimum_bytes = random() % 3 == 0 ? random() % (50 * kMebibyte) : 0;
    if (random() % 3 == 0) one.maximum_bytes = random() % (100 * kMebibyte);
    one.fixed = random() % 8 == 0;
    one.lookups_per_block = odd_figure(random, 1'000);
    one.miss_seconds = odd_figure(random, 1e-4);
    one.curve_samples = random() % 4 == 0 ? odd_figure(random, 50) : 5'000;
    const std::size_t points = random() % 4 == 0 ? 0 : random() % 40;
    for (std::size_t k = 0; k < points; ++k) {
      one.curve.push_back({odd_figure(random, 200.0 * kMebibyte), odd_figure(random, 1.2)});
    }
    input.consumers.push_back(std::move(one));
  }
  for (auto* const sizes : {&input.plan.bytes, &input.plan.candidate}) {
    if (random() % 2 == 0) continue;
    for (std::size_t i = 0; i < count + random() % 2; ++i) {
      sizes->push_back(random() % (100 * kMebibyte));
    }
  }
  input.plan.candidate_score = odd_figure(random, 10);
  if (random() % 2 == 0) {
    SpecificationFigures figures;
    figures.memory_ratio = odd_figure(random, 1);
    for (std::size_t i = 0; i < kObjectKindCount; ++i) {
      figures.now[i].hits = random() % 100'000;
      figures.now[i].misses = random() % 10'000;
      figures.now[i].evictions = random() % 20'000;
      figures.now[i].capacity_bytes = i < count ? input.consumers[i].present_bytes : 0;
    }
    input.specification = figures;
  }
  return input;
}

// Empty: all is well.
std::string broken_by(const ArbiterInput& input, const ArbiterDecision& decision) {
  const std::size_t count = input.consumers.size();
  if (decision.bytes.size() != count || decision.plan.bytes.size() != count) return "sizes";
  std::uint64_t fixed = 0;
  std::uint64_t present = 0;
  bool within = true;
  for (const auto& one : input.consumers) {
    if (one.fixed) fixed += one.present_bytes;
    present += one.present_bytes;
    const auto maximum = std::max(one.minimum_bytes, one.maximum_bytes);
    within &= one.fixed || (one.present_bytes >= one.minimum_bytes && one.present_bytes <= maximum);
  }
  const auto limit = std::max(input.budget_bytes, fixed);
  if (total(decision.bytes) > limit) return "budget";
  double grown = 0;
  std::vector<double> after;
  for (std::size_t i = 0; i < count; ++i) {
    const auto& one = input.consumers[i];
    const auto bytes = decision.bytes[i];
    if (one.fixed && bytes != one.present_bytes) return "a fixed one was moved";
    if (!one.fixed && !decision.budget_too_small && bytes < one.minimum_bytes) return "minimum";
    if (!one.fixed && bytes > std::max(one.minimum_bytes, one.maximum_bytes)) return "maximum";
    grown += std::max(0.0, static_cast<double>(bytes) - static_cast<double>(one.present_bytes));
    after.push_back(static_cast<double>(one.present_bytes));
  }
  const bool forced = !within || present > input.budget_bytes || decision.budget_too_small;
  if (decision.by_curves && !forced &&
      grown > ArbiterConfig().step_ratio * static_cast<double>(input.budget_bytes) + 8) {
    return "step";
  }
  for (const auto& move : decision.moves) {
    if (move.text.empty()) return "a move without words";
    if (move.to != CacheMove::kNobody) after[move.to] += static_cast<double>(move.bytes);
    if (move.from != CacheMove::kNobody) after[move.from] -= static_cast<double>(move.bytes);
  }
  for (std::size_t i = 0; i < count; ++i) {
    if (std::abs(after[i] - static_cast<double>(decision.bytes[i])) > 16) return "moves";
  }
  return decision.reason.empty() ? "no reason" : "";
}

}  // namespace

class ArbiterTest : public QObject {
  Q_OBJECT
 private slots:
  void memory_goes_to_who_gains_and_the_decision_says_so() {
    auto input = slots_and_receipts();
    const auto decision = first_move(input);
    QVERIFY(decision.by_curves);
    QCOMPARE(decision.moves.size(), std::size_t{1});
    // 5 % of 200 MiB; a byte of 400 MiB saves 1/400 MiB of 1,000 lookups of 20 µs.
    QCOMPARE(decision.moves[0].text,
             std::string("Storage slots +10 MiB from Receipts: about 500 µs a block less"));
    QVERIFY(std::abs(decision.moves[0].saved_seconds_per_block - 500e-6) < 1e-9);
    QCOMPARE(decision.bytes[0], 110 * kMebibyte);
    QCOMPARE(decision.bytes[1], 90 * kMebibyte);
    QVERIFY(decision.planned_seconds_per_block < decision.seconds_per_block);
  }

  void receipts_keep_what_they_use() {
    auto input = slots_and_receipts();
    const int steps = settle(input);
    QVERIFY2(steps <= 50, qPrintable(QString::number(steps)));
    QVERIFY(input.consumers[1].present_bytes >= kMebibyte);
    QVERIFY(input.consumers[0].present_bytes > 190 * kMebibyte);
  }

  void where_everything_fits_nothing_moves() {
    auto input = slots_and_receipts();
    input.consumers[0].curve = even_curve(50.0 * kMebibyte);
    QCOMPARE(settle(input), 0);
  }

  void free_memory_is_handed_out_in_steps() {
    auto input = slots_and_receipts();
    input.budget_bytes = 250 * kMebibyte;
    const auto decision = decide_memory(input);
    QCOMPARE(decision.moves.size(), std::size_t{1});
    QCOMPARE(decision.moves[0].from, CacheMove::kNobody);
    QVERIFY(decision.moves[0].text.starts_with("Storage slots +12.5 MiB from free memory: about"));
    (void)settle(input);
    QVERIFY(total(decide_memory(input).bytes) >= 249 * kMebibyte);
  }

  void fixed_memtables_count_and_stay() {
    auto input = slots_and_receipts();
    auto memtables = consumer("Memtables", 64, 0, {});
    memtables.fixed = true;
    input.consumers.push_back(memtables);
    const auto decision = decide_memory(input);  // 264 of 200 MiB
    QCOMPARE(decision.bytes[2], 64 * kMebibyte);
    QVERIFY(total(decision.bytes) <= input.budget_bytes);
    QCOMPARE(decision.bytes[0], 100 * kMebibyte);  // receipts had more than they use
  }

  void a_budget_below_all_minimums_is_kept() {
    auto input = slots_and_receipts();
    input.consumers[0].minimum_bytes = 90 * kMebibyte;
    input.consumers[1].minimum_bytes = 30 * kMebibyte;
    input.budget_bytes = 60 * kMebibyte;
    const auto decision = decide_memory(input);
    QVERIFY(decision.budget_too_small);
    QCOMPARE(decision.bytes, (std::vector<std::uint64_t>{45 * kMebibyte, 15 * kMebibyte}));
  }

  void an_unknown_consumer_keeps_what_it_has() {
    auto input = slots_and_receipts();
    input.consumers[1].miss_seconds = kNaN;
    QCOMPARE(settle(input), 0);
    input.consumers[1].miss_seconds = 20e-6;
    input.consumers[1].lookups_per_block = kNaN;
    QCOMPARE(settle(input), 0);
  }

  void a_cold_consumer_of_weight_keeps_what_it_has() {
    auto input = slots_and_receipts();
    input.consumers[1].lookups_per_block = 500;
    input.consumers[1].curve_samples = 10;
    QCOMPARE(settle(input), 0);
    input.consumers[1].lookups_per_block = 1;  // whatever its curve, it costs next to nothing
    QVERIFY(settle(input) > 0);
  }

  void nobody_asks_it_gives_down_to_its_minimum() {
    auto input = slots_and_receipts();
    input.consumers[1].lookups_per_block = 0;
    input.consumers[1].miss_seconds = kNaN;
    input.consumers[1].curve.clear();
    (void)settle(input);
    QCOMPARE(input.consumers[1].present_bytes, kMebibyte);
  }

  // A loop gains nothing until it fits as a whole: moves on the way to it say what they are for.
  void a_cliff_is_crossed_or_left_alone() {
    auto input = slots_and_receipts();
    const std::vector<MissPoint> loop = {{119.0 * kMebibyte, 1}, {120.0 * kMebibyte, 0}};
    input.consumers[0].curve = loop;
    input.consumers[1].curve = even_curve(100.0 * kMebibyte);
    auto again = input;
    const auto decision = first_move(again);
    QVERIFY(decision.moves.at(0).text.find("on the way to +20 MiB: then about") !=
            std::string::npos);
    (void)settle(input);
    QVERIFY(input.consumers[0].present_bytes >= 120 * kMebibyte);

    input.consumers[0].curve = {{249.0 * kMebibyte, 1}, {250.0 * kMebibyte, 0}};  // cannot fit
    (void)settle(input);
    QVERIFY(input.consumers[1].present_bytes >= 99 * kMebibyte);
  }

  void cold_curves_leave_it_to_the_specification() {
    auto input = slots_and_receipts();
    for (auto& one : input.consumers) one.curve_samples = 5;
    input.consumers[0].kind = ObjectKind::storage;
    input.consumers[1].kind = ObjectKind::receipt;
    SpecificationFigures figures;
    figures.memory_ratio = 0.95;
    figures.now[index_of(ObjectKind::storage)].hits = 9'000;
    figures.now[index_of(ObjectKind::storage)].capacity_bytes = 100 * kMebibyte;
    figures.now[index_of(ObjectKind::receipt)].misses = 9'000;
    figures.now[index_of(ObjectKind::receipt)].capacity_bytes = 100 * kMebibyte;
    input.specification = figures;
    const auto decision = decide_memory(input);
    QVERIFY(!decision.by_curves);
    QCOMPARE(decision.bytes, (std::vector<std::uint64_t>{100 * kMebibyte, 80 * kMebibyte}));
    QVERIFY(decision.reason.find("too few lookups") != std::string::npos);
    QCOMPARE(decision.moves.at(0).text, std::string("Receipts −20 MiB: memory is short"));
  }

  void the_specification_never_grows_above_the_budget() {
    auto input = slots_and_receipts();
    input.mode = ArbiterMode::specification;
    input.budget_bytes = 205 * kMebibyte;
    input.consumers[0].kind = ObjectKind::storage;
    SpecificationFigures figures;
    figures.memory_ratio = 0.5;
    auto& now = figures.now[index_of(ObjectKind::storage)];
    now.hits = 9'900;
    now.misses = 100;
    now.evictions = 2'000;
    now.capacity_bytes = 100 * kMebibyte;
    input.specification = figures;
    QCOMPARE(decide_memory(input).bytes[0], 105 * kMebibyte);  // 120 without a budget
  }

  void off_moves_nothing() {
    auto input = slots_and_receipts();
    input.mode = ArbiterMode::off;
    input.budget_bytes = 1;
    const auto decision = decide_memory(input);
    QVERIFY(decision.moves.empty());
    QCOMPARE(total(decision.bytes), 200 * kMebibyte);
  }

  void modes_have_names() {
    for (const auto mode : {ArbiterMode::off, ArbiterMode::specification, ArbiterMode::curves}) {
      QVERIFY(arbiter_mode_from(to_string(mode)) == mode);
    }
    QVERIFY(!arbiter_mode_from("greedy"));
  }

  // Lookups and costs 5 % off, the curves' shapes 2 %, each decision anew.
  void steady_load_with_noise_does_not_oscillate() {
    const std::uint64_t seed = 4'711;
    qInfo("seed %llu", static_cast<unsigned long long>(seed));
    for (const auto& stream : streams::synthetic_mixes(seed)) {
      const auto curves = streams::curves_of(stream);
      const double working_set = stream.working_set_bytes();
      for (const double part : {0.1, 0.3, 0.7, 1.1}) {
        const double budget = std::floor(part * working_set);
        auto input = streams::input_for(stream, curves, budget,
                                        streams::equal_split(stream.owners(), budget), 200);
        std::mt19937_64 random(seed);
        std::normal_distribution<double> error(0, 1);
        int reversals = 0;
        std::vector<int> direction(stream.owners());
        for (int round = 0; round < 200; ++round) {
          auto noisy = input;
          for (auto& one : noisy.consumers) {
            one.lookups_per_block *= std::max(0.0, 1 + 0.05 * error(random));
            one.miss_seconds *= std::max(0.0, 1 + 0.05 * error(random));
            const double bent = 1 + 0.02 * error(random);
            for (auto& point : one.curve) point.miss_ratio = std::pow(point.miss_ratio, bent);
          }
          const auto decision = decide_memory(noisy);
          for (std::size_t i = 0; round >= 50 && i < direction.size(); ++i) {
            const auto before = input.consumers[i].present_bytes;
            if (decision.bytes[i] == before) continue;
            const int now = decision.bytes[i] > before ? 1 : -1;
            if (direction[i] == -now) ++reversals;
            direction[i] = now;
          }
          go_on(input, decision);
        }
        QVERIFY2(reversals <= 2, qPrintable(QString("%1 at %2: %3 reversals")
                                                .arg(QString::fromStdString(stream.name))
                                                .arg(part)
                                                .arg(reversals)));
      }
    }
  }

  void odd_input_never_breaks_budget_limits_or_step() {
    const std::uint64_t seed = 20'260'722;
    qInfo("seed %llu", static_cast<unsigned long long>(seed));
    std::mt19937_64 random(seed);
    for (int round = 0; round < 3'000; ++round) {
      auto input = odd_input(random);
      for (int step = 0; step < 3; ++step) {
        const auto decision = decide_memory(input);
        const auto broken = broken_by(input, decision);
        QVERIFY2(broken.empty(), qPrintable(QString("round %1 step %2: %3")
                                                .arg(round)
                                                .arg(step)
                                                .arg(QString::fromStdString(broken))));
        go_on(input, decision);
      }
    }
  }

  void a_share_is_best_on_convex_curves() {
    std::vector<ShareCandidate> two(2);
    two[0] = {CostCurve(std::vector<MissPoint>{{10, 0.5}, {30, 0.1}}), 100, 0, 1'000};
    two[1] = {CostCurve(std::vector<MissPoint>{{10, 0.2}, {20, 0.1}}), 50, 0, 1'000};
    const auto share = share_memory(two, 30);
    // Gains a byte: first 5 then 2; second 4 then 0.5.
    QCOMPARE(share.bytes, (std::vector<double>{20, 10}));
    QCOMPARE(share.cost, 100 * 0.3 + 50 * 0.2);
    QCOMPARE(share.spare_bytes, 0.0);
  }

  void curves_are_cleaned() {
    const CostCurve curve(std::vector<MissPoint>{
        {40, 0.3}, {kNaN, 0.1}, {10, 0.5}, {20, 0.7}, {-5, 0.1}, {30, kInfinity}, {50, -2}});
    QCOMPARE(curve.miss_ratio(0), 1.0);
    QCOMPARE(curve.miss_ratio(5), 0.75);
    QCOMPARE(curve.miss_ratio(20), 0.5);  // rises to 0.7 in the points
    QCOMPARE(curve.miss_ratio(50), 0.0);
    QCOMPARE(curve.miss_ratio(1e18), 0.0);
    QVERIFY(CostCurve(std::vector<MissPoint>{{kNaN, kNaN}}).empty());
    QCOMPARE(CostCurve().miss_ratio(1e9), 1.0);
  }

  void an_offer_says_what_more_memory_buys() {
    const CostCurve curve(std::vector<MissPoint>{
        {256.0 * kMebibyte, 0.19}, {320.0 * kMebibyte, 0.12}, {1024.0 * kMebibyte, 0.12}});
    const auto offer = offer_growth(curve, 256 * kMebibyte, 64 * kMebibyte, 150, 20e-6);
    QVERIFY(offer.has_value());
    QCOMPARE(offer->text, std::string("+64 MiB here would raise hits from 81 % to 88 %, about "
                                      "210 µs a block less"));
    QVERIFY(std::abs(offer->saved_seconds_per_block - 210e-6) < 1e-12);
    QCOMPARE(offer_growth(curve, 256 * kMebibyte, 64 * kMebibyte, 150, kNaN)->text,
             std::string("+64 MiB here would raise hits from 81 % to 88 %"));
    QCOMPARE(offer_growth(curve, 320 * kMebibyte, 64 * kMebibyte, 150, 20e-6)->text,
             std::string("+64 MiB here would leave hits at 88.0 %"));
    QVERIFY(!offer_growth(CostCurve(), 1, 1, 1, 1));
    QCOMPARE(usual_growth_bytes(256 * kMebibyte), 64 * kMebibyte);
    QCOMPARE(usual_growth_bytes(0), kMebibyte);
  }
};

QTEST_APPLESS_MAIN(ArbiterTest)
#include "arbiter_test.moc"
