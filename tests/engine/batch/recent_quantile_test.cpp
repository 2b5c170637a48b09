// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/batch/recent_quantile.h"

#include <QtTest>
#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

using namespace nodetune;

class RecentQuantileTest : public QObject {
  Q_OBJECT
 private slots:
  void quantiles_are_those_of_the_last_values() {
    const auto seed = std::random_device{}();
    qInfo("seed %u", seed);
    std::mt19937 random(seed);
    std::lognormal_distribution<double> value(-6, 2);
    RecentQuantile recent(200);
    std::vector<double> all;
    for (int i = 0; i < 1'000; ++i) {
      all.push_back(value(random));
      recent.add(all.back());
    }
    std::vector<double> last(all.end() - 200, all.end());
    std::sort(last.begin(), last.end());
    QCOMPARE(recent.count(), std::size_t{200});
    for (const std::size_t above : {0U, 1U, 2U, 20U, 100U, 199U}) {
      const double exact = last[199 - above];
      const double found = recent.exceeded_by(above);
      QVERIFY2(found >= exact * 0.999 && found <= exact * 1.021,
               qPrintable(QString("%1 above: %2, not %3").arg(above).arg(found).arg(exact)));
    }
    QCOMPARE(recent.quantile(0.99), recent.exceeded_by(2));
  }
  void values_can_be_taken_back() {
    RecentQuantile recent(10);
    for (int i = 0; i < 8; ++i) recent.add(1.0);
    recent.add(50.0);
    recent.add(50.0);
    QVERIFY(recent.exceeded_by(0) > 40);
    recent.forget_newest(2);
    QCOMPARE(recent.count(), std::size_t{8});
    QVERIFY(recent.exceeded_by(0) < 1.1);
    recent.forget_newest(100);
    QCOMPARE(recent.count(), std::size_t{0});
    QVERIFY(std::isnan(recent.quantile(0.5)));
  }
  void what_is_beyond_its_range_counts_at_the_edge() {
    RecentQuantile recent(4);
    for (const double value : {0.0, -5.0, std::nan(""), HUGE_VAL}) recent.add(value);
    QVERIFY(recent.exceeded_by(0) > 9e5);
    QVERIFY(recent.exceeded_by(1) < 1e-6);
  }
  void shares_above_a_value() {
    RecentQuantile recent(100);
    QCOMPARE(recent.share_above(1), 0.0);
    for (int i = 0; i < 97; ++i) recent.add(0.01);
    for (int i = 0; i < 3; ++i) recent.add(0.2);
    QCOMPARE(recent.share_above(0.05), 0.03);
    recent.clear();
    QCOMPARE(recent.share_above(0.05), 0.0);
  }
};

QTEST_APPLESS_MAIN(RecentQuantileTest)
#include "recent_quantile_test.moc"
