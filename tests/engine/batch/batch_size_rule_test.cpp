// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/batch/batch_size_rule.h"

#include <QtTest>
#include <cmath>
#include <limits>

using namespace nodetune;

namespace {
constexpr BatchEvidence kSlowRate{.mean_operations = 100, .mean_seconds = 0.1};
constexpr BatchEvidence kTooLong{.mean_operations = 1e6, .mean_seconds = 0.6};
}  // namespace

class BatchSizeRuleTest : public QObject {
  Q_OBJECT
 private slots:
  void short_commits_below_the_target_rate_grow() {
    QCOMPARE(next_batch_size(1'000, kSlowRate, {}), std::optional(1'200));
  }
  void long_commits_shrink() { QCOMPARE(next_batch_size(1'000, kTooLong, {}), std::optional(800)); }
  void a_good_rate_stays() {
    QCOMPARE(next_batch_size(1'000, {.mean_operations = 50'000, .mean_seconds = 0.2}, {}),
             std::optional(1'000));
  }
  void a_duration_on_the_limit_stays() {
    QCOMPARE(next_batch_size(1'000, {.mean_operations = 10, .mean_seconds = 0.5}, {}),
             std::optional(1'000));
  }
  void nothing_measured_decides_nothing() {
    const double nan = std::numeric_limits<double>::quiet_NaN();
    const double infinite = std::numeric_limits<double>::infinity();
    for (const auto& evidence :
         {BatchEvidence{}, BatchEvidence{100, 0}, BatchEvidence{0, 1}, BatchEvidence{nan, nan},
          BatchEvidence{100, nan}, BatchEvidence{100, infinite}, BatchEvidence{100, -1}}) {
      QVERIFY(!next_batch_size(1'000, evidence, {}));
    }
  }
  void steps_stop_at_the_limits() {
    const BatchSizeLimits limits{.min_operations = 16, .max_operations = 1'100};
    QCOMPARE(next_batch_size(1'000, kSlowRate, limits), std::optional(1'100));
    QCOMPARE(next_batch_size(18, kTooLong, limits), std::optional(16));
    QCOMPARE(next_batch_size(5'000, {.mean_operations = 1e6, .mean_seconds = 0.1}, limits),
             std::optional(1'100));
    QCOMPARE(next_batch_size(std::numeric_limits<int>::max(), kSlowRate,
                             {.max_operations = std::numeric_limits<int>::max()}),
             std::optional(std::numeric_limits<int>::max()));
  }
  void rounding_never_gets_stuck() {
    const BatchSizeLimits limits{.min_operations = 1, .max_operations = 1'000};
    int threshold = 1;
    for (int step = 0; step < 100 && threshold < 1'000; ++step) {
      const int next = *next_batch_size(threshold, kSlowRate, limits);
      QVERIFY(next > threshold);
      threshold = next;
    }
    QCOMPARE(threshold, 1'000);
    for (int step = 0; step < 100 && threshold > 1; ++step) {
      const int next = *next_batch_size(threshold, kTooLong, limits);
      QVERIFY(next < threshold);
      threshold = next;
    }
    QCOMPARE(threshold, 1);
  }
};

QTEST_APPLESS_MAIN(BatchSizeRuleTest)
#include "batch_size_rule_test.moc"
