// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include <QtTest>
#include <cmath>

#include "ui/chart/axis_scale.h"

using namespace nodetune;

namespace {
constexpr double kMiB = 1024.0 * 1024;
// Units stand behind a no-break space: a label never wraps.
QString plain(QString text) {
  return text.replace(QChar(0xA0), QLatin1Char(' '));
}
QString label(ChartUnit unit, double value) {
  return plain(axis_label(unit, value));
}
}  // namespace

class ChartAxisTest : public QObject {
  Q_OBJECT
 private slots:
  void tops_are_round_in_every_unit() {
    QCOMPARE(round_top(ChartUnit::per_second, 1.01), 2.0);
    QCOMPARE(round_top(ChartUnit::per_second, 2), 2.0);
    QCOMPARE(round_top(ChartUnit::per_second, 2100), 5000.0);
    QCOMPARE(round_top(ChartUnit::per_second, 5001), 10000.0);
    QCOMPARE(round_top(ChartUnit::count, 0.2), 5.0);
    QCOMPARE(round_top(ChartUnit::bytes, 3 * kMiB), 4 * kMiB);
    QCOMPARE(round_top(ChartUnit::bytes, 4 * kMiB), 4 * kMiB);
    QVERIFY(qFuzzyCompare(round_top(ChartUnit::seconds, 0.0031), 0.005));
    QCOMPARE(round_top(ChartUnit::seconds, 70), 120.0);
    QCOMPARE(round_top(ChartUnit::seconds, 3000), 3600.0);
    QVERIFY(qFuzzyCompare(round_top(ChartUnit::ratio, 0.13), 0.2));
  }

  void hostile_maxima_give_a_finite_top() {
    for (const double value : {0.0, -5.0, 1e-300, 1e300, HUGE_VAL, std::nan("")}) {
      for (const ChartUnit unit : {ChartUnit::count, ChartUnit::per_second, ChartUnit::bytes,
                                   ChartUnit::seconds, ChartUnit::ratio}) {
        const double top = round_top(unit, value);
        QVERIFY2(std::isfinite(top) && top > 0, qPrintable(QString::number(value)));
        QVERIFY(axis_divisions(unit, top, 5) >= 1);
      }
    }
  }

  void gridlines_fall_on_round_values() {
    QCOMPARE(axis_divisions(ChartUnit::per_second, 10, 5), 5);
    QCOMPARE(axis_divisions(ChartUnit::per_second, 20, 5), 4);
    QCOMPARE(axis_divisions(ChartUnit::per_second, 50, 5), 5);
    QCOMPARE(axis_divisions(ChartUnit::bytes, 8 * kMiB, 5), 4);
    QCOMPARE(axis_divisions(ChartUnit::bytes, 8 * kMiB, 3), 2);
    QCOMPARE(axis_divisions(ChartUnit::count, 5, 4), 1);  // half a file does not exist
    QCOMPARE(axis_divisions(ChartUnit::seconds, 60, 5), 4);
  }

  void labels_choose_their_unit() {
    QCOMPARE(label(ChartUnit::bytes, 512), QString("512 B"));
    QCOMPARE(label(ChartUnit::bytes_per_second, 2 * kMiB), QString("2 MiB"));
    QCOMPARE(label(ChartUnit::count, 1500), QString("1.5 k"));
    QCOMPARE(label(ChartUnit::per_second, 2e6), QString("2 M"));
    QCOMPARE(label(ChartUnit::seconds, 40e-6), QString("40 µs"));
    QCOMPARE(label(ChartUnit::seconds, 0.2), QString("200 ms"));
    QCOMPARE(label(ChartUnit::seconds, 2), QString("2 s"));
    QCOMPARE(label(ChartUnit::seconds, 120), QString("2 min"));
    QCOMPARE(label(ChartUnit::seconds, 7200), QString("2 h"));
    QCOMPARE(label(ChartUnit::ratio, 0.2), QString("20 %"));
    QCOMPARE(label(ChartUnit::ratio, 0), QString("0"));
  }

  void values_carry_unit_and_a_missing_one_is_a_dash() {
    QCOMPARE(value_label(ChartUnit::per_second, 12'400), QString("12.4 k/s"));
    QCOMPARE(value_label(ChartUnit::bytes_per_second, 3.2 * kMiB), QString("3.20 MiB/s"));
    QCOMPARE(value_label(ChartUnit::ratio, 0.813), QString("81.3 %"));
    QCOMPARE(value_label(ChartUnit::bytes, kMissing), QString("–"));
  }

  void scale_grows_at_once_in_round_steps() {
    YScale scale(ChartUnit::per_second);
    QVERIFY(scale.update(11));
    QCOMPARE(scale.top(), 20.0);
    QVERIFY(scale.update(20.5));
    QCOMPARE(scale.top(), 50.0);
    QVERIFY(scale.update(50'000));
    QCOMPARE(scale.top(), 50'000.0);
  }

  void scale_shrinks_only_with_a_fifth_to_spare() {
    YScale scale(ChartUnit::per_second);
    scale.update(45);
    QCOMPARE(scale.top(), 50.0);
    QVERIFY(!scale.update(19));  // fits below 20, but just so
    QVERIFY(!scale.update(16.1));
    QVERIFY(scale.update(15.9));
    QCOMPARE(scale.top(), 20.0);
  }

  void a_value_near_a_step_does_not_flicker() {
    YScale scale(ChartUnit::per_second);
    scale.update(20.1);
    int changes = 0;
    for (int i = 0; i < 1000; ++i) changes += scale.update(i % 2 == 0 ? 19.5 : 20.5) ? 1 : 0;
    QCOMPARE(changes, 0);
  }

  void scale_keeps_its_top_without_data() {
    YScale scale(ChartUnit::seconds);
    scale.update(0.3);
    const double top = scale.top();
    for (const double nothing : {0.0, -1.0, std::nan("")}) QVERIFY(!scale.update(nothing));
    QCOMPARE(scale.top(), top);
  }

  void a_fixed_top_stays() {
    YScale scale(ChartUnit::ratio, 1.0);
    QVERIFY(!scale.update(0.01));
    QVERIFY(!scale.update(7));
    QCOMPARE(scale.top(), 1.0);
  }

  void time_ticks_divide_the_window_evenly() {
    for (const qint64 span_s : {60, 300, 900, 3600, 21'600}) {
      for (const int width : {50, 120, 300, 800, 3000}) {
        const auto ticks = time_ticks(span_s * 1'000'000, width);
        QCOMPARE(ticks.front().label, QString("now"));
        QVERIFY(ticks.size() >= 2);
        QCOMPARE(ticks.back().ago_us, span_s * 1'000'000);
        const qint64 step = ticks[1].ago_us;
        for (std::size_t i = 0; i < ticks.size(); ++i) {
          QCOMPARE(ticks[i].ago_us, step * static_cast<qint64>(i));
        }
        QVERIFY(static_cast<int>(ticks.size()) <= std::max(2, width / 40));
      }
    }
    const auto minute = time_ticks(60'000'000, 300);
    QCOMPARE(plain(minute.back().label), QString("−60 s"));
    QCOMPARE(plain(time_ticks(300'000'000, 400).back().label), QString("−5 min"));
    QCOMPARE(plain(time_ticks(21'600'000'000, 400).back().label), QString("−6 h"));
  }
};

QTEST_GUILESS_MAIN(ChartAxisTest)
#include "chart_axis_test.moc"
