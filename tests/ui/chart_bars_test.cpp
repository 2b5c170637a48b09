// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include <QApplication>
#include <QSignalSpy>
#include <QtTest>
#include <cmath>

#include "ui/chart/bar_panel.h"
#include "ui/chart/curve_panel.h"
#include "ui/chart/histogram_panel.h"
#include "ui/chart/share_bar.h"
#include "ui/shell/theme.h"

using namespace nodetune;

namespace {
constexpr double kMiB = 1024.0 * 1024;

int pixels_of(const QImage& image, const QColor& colour) {
  int count = 0;
  for (int y = 0; y < image.height(); ++y) {
    for (int x = 0; x < image.width(); ++x) count += image.pixelColor(x, y) == colour ? 1 : 0;
  }
  return count;
}
}  // namespace

class ChartBarsTest : public QObject {
  Q_OBJECT
 private slots:
  void init() { QApplication::setPalette(light_palette()); }

  void a_curve_is_straight_between_its_points_and_flat_past_the_last() {
    CurvePanel panel("Storage slots");
    QVERIFY(std::isnan(panel.ratio_at(kMiB)));
    SizeCurve curve;
    curve.points = {{0, 1}, {10 * kMiB, 0.5}, {40 * kMiB, 0.2}};
    panel.set_curve(curve);
    QCOMPARE(panel.ratio_at(0), 1.0);
    QCOMPARE(panel.ratio_at(5 * kMiB), 0.75);
    QCOMPARE(panel.ratio_at(25 * kMiB), 0.35);
    QCOMPARE(panel.ratio_at(4'000 * kMiB), 0.2);
    QVERIFY(std::isnan(panel.ratio_at(kMissing)));
  }

  void the_present_size_and_what_is_beyond_it_are_in_view() {
    CurvePanel panel("Storage slots");
    SizeCurve curve;
    curve.points = {{0, 1}, {4 * kMiB, 0.3}, {8 * kMiB, 0.3}};
    curve.present_bytes = 64 * kMiB;
    panel.set_curve(curve);
    QVERIFY(panel.position(64 * kMiB) > 0.3);
    QVERIFY(panel.position(64 * kMiB) < 0.9);  // there is room for what more would buy
    QVERIFY(panel.position(4 * kMiB) > 0);
  }

  void a_curve_is_drawn_with_its_mark_and_says_so_in_words() {
    CurvePanel panel("Storage slots");
    panel.resize(360, 260);
    panel.show();
    QCOMPARE(pixels_of(panel.grab().toImage(), series_colour(4, false)), 0);
    SizeCurve curve;
    curve.points = {{0, 1}, {64 * kMiB, 1}, {65 * kMiB, 0.25}, {1024 * kMiB, 0.25}};
    curve.colour_index = 4;
    curve.present_bytes = 128 * kMiB;
    curve.measured_ratio = 0.3;
    curve.verdict = "+64 MiB here would change nothing";
    panel.set_curve(curve);
    const QImage image = panel.grab().toImage();
    QVERIFY(pixels_of(image, series_colour(4, false)) > 50);
    QVERIFY(panel.accessibleDescription().contains("128 MiB"));
    QVERIFY(panel.accessibleDescription().contains("25.0 %"));
    QVERIFY(panel.accessibleDescription().contains("would change nothing"));
    panel.resize(20, 20);  // too small for a plot
    QVERIFY(!panel.grab().isNull());
  }

  void a_bar_is_as_long_as_its_share_of_the_capacity() {
    BarPanel panel("Caches", ChartUnit::bytes);
    panel.resize(600, 120);
    panel.set_rows({{"Accounts", 25 * kMiB, 100 * kMiB, 0}, {"Storage", 75 * kMiB, 100 * kMiB, 1}});
    panel.show();
    const QImage image = panel.grab().toImage();
    const double quarter = pixels_of(image, series_colour(0, false));
    const double three_quarters = pixels_of(image, series_colour(1, false));
    QVERIFY(quarter > 0);
    QVERIFY2(std::abs(three_quarters / quarter - 3) < 0.15,
             qPrintable(QString("%1 %2").arg(quarter).arg(three_quarters)));
  }

  void a_row_says_what_it_shows() {
    BarPanel panel("Caches", ChartUnit::bytes);
    QCOMPARE(panel.row_text({"a", 25 * kMiB, 100 * kMiB}), QString("25 MiB of 100 MiB, 25.0 %"));
    QCOMPARE(panel.row_text({"a", 25 * kMiB, 100 * kMiB}, BarPanel::Length::brief),
             QString("25 MiB of 100 MiB"));
    QCOMPARE(panel.row_text({"a", kMissing, 100 * kMiB}), QString("–"));
    QCOMPARE(panel.row_text({"a", 5 * kMiB}), QString("5 MiB"));
    QVERIFY(panel.row_text({"a", kMiB, kMiB, 0, Tone::bad}).endsWith("✕"));
    panel.set_rows({{"Accounts", 25 * kMiB, 100 * kMiB, 0}});
    QCOMPARE(panel.accessibleDescription(), QString("Accounts 25 MiB of 100 MiB, 25.0 %"));
  }

  void hostile_rows_are_drawn_without_harm() {
    BarPanel panel("Caches", ChartUnit::bytes);
    panel.set_rows({{"nan", kMissing, kMissing},
                    {"inf", HUGE_VAL, 5},
                    {"zero", 0, 0},
                    {"over", 50, 10, -1, Tone::warn},
                    {QString(500, 'x'), -3, 10, 99}});
    for (const QSize size : {QSize(1, 1), QSize(60, 40), QSize(900, 300)}) {
      panel.resize(size);
      QVERIFY(!panel.grab().isNull());
    }
  }

  void shares_lie_side_by_side_and_fill_the_whole() {
    ShareBar bar("Memory", ChartUnit::bytes);
    bar.set_segments({{"a", 30, 0}, {"b", kMissing, 1}, {"c", 10, 2}});
    auto extents = bar.extents();
    QCOMPARE(extents.size(), std::size_t{3});
    QCOMPARE(extents[0].width, 0.75);
    QCOMPARE(extents[1].width, 0.0);
    QCOMPARE(extents[2].left, 0.75);
    QCOMPARE(extents[2].width, 0.25);
    bar.set_segments({{"a", 30, 0}, {"c", 10, 2}}, 80);
    QCOMPARE(bar.extents()[1].left, 0.375);
    QVERIFY(bar.accessibleDescription().contains("a 30 B (37.5 %)"));
    bar.set_segments({{"a", 30, 0}, {"c", 10, 2}}, 20);  // more than there is
    QCOMPARE(bar.extents()[1].left + bar.extents()[1].width, 1.0);
    bar.set_segments({{"a", -1, 0}, {"b", 0, 1}});
    QCOMPARE(bar.extents()[1].width, 0.0);
    bar.resize(300, 100);
    QVERIFY(!bar.grab().isNull());
  }

  void histogram_positions_are_logarithmic() {
    HistogramPanel panel("Commit", ChartUnit::seconds);
    panel.set_buckets({{0.001, 0.01, 5}, {0.01, 0.1, 50}, {0.1, 1, 0}}, {{"p99", 0.09}});
    QCOMPARE(panel.position(0.001), 0.0);
    QVERIFY(std::abs(panel.position(0.01) - 0.5) < 1e-9);  // the empty bucket is not shown
    QCOMPARE(panel.position(0.1), 1.0);
    QCOMPARE(panel.position(50), 1.0);
    QCOMPARE(panel.position(-1), 0.0);
    QCOMPARE(panel.position(kMissing), 0.0);
    QCOMPARE(panel.accessibleDescription(), QString("p99 90 ms"));
  }

  void histogram_bars_are_in_proportion_and_outliers_stay_visible() {
    HistogramPanel panel("Commit", ChartUnit::seconds);
    panel.resize(500, 260);
    panel.set_buckets({{0.001, 0.01, 1'000'000}, {0.01, 0.1, 1}}, {});
    const QImage image = panel.grab().toImage();
    const auto in_half = [&](int from, int to) {
      return pixels_of(image.copy(from, 0, to - from, image.height()), series_colour(0, false));
    };
    QVERIFY(in_half(0, 250) > 5000);
    QVERIFY(in_half(252, 500) > 100);
    QVERIFY(in_half(252, 500) < 1000);
  }

  void hostile_histograms_are_drawn_without_harm() {
    HistogramPanel panel("Commit", ChartUnit::seconds);
    const std::vector<std::vector<HistogramBucket>> cases = {
        {},
        {{0, 0, 5}},
        {{0, 1e-6, 3}},
        {{-1, 5, 3}},
        {{5, 1, 3}},
        {{0, HUGE_VAL, 3}},
        {{1e-9, 1e300, HUGE_VAL}, {1, 2, kMissing}},
        {{1, 1.0000001, 2}}};
    for (const auto& buckets : cases) {
      panel.set_buckets(buckets, {{"p50", kMissing}, {"p99", HUGE_VAL}, {"p99.9", -4}});
      for (const QSize size : {QSize(1, 1), QSize(90, 80), QSize(400, 200)}) {
        panel.resize(size);
        QVERIFY(!panel.grab().isNull());
      }
    }
    panel.set_unavailable("Not available from outside");
    QCOMPARE(panel.accessibleDescription(), QString("Not available from outside"));
  }
};

QTEST_MAIN(ChartBarsTest)
#include "chart_bars_test.moc"
