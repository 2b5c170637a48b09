// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include <QPainter>
#include <QtTest>
#include <cmath>
#include <random>

#include "ui/chart/column_ring.h"
#include "ui/chart/trace_layer.h"
#include "ui/chart/trace_model.h"

using namespace nodetune;

namespace {

constexpr qint64 kSecond = 1'000'000;
constexpr qint64 kStart = 1'700'000'000 * kSecond;

ChartPoint at(qint64 time_us, double value, bool gap = false) {
  return {time_us, value, value, value, gap};
}

SeriesReader reader_of(const std::vector<ChartPoint>* points) {
  return [points](int series, qint64 after_us, qint64 until_us, int, std::vector<ChartPoint>* out) {
    for (const ChartPoint& point : *points) {
      if (point.time_us <= after_us || point.time_us > until_us) continue;
      ChartPoint moved = point;
      const double shift = 7.0 * series;
      moved.min += shift;
      moved.max += shift;
      moved.mean += shift;
      out->push_back(moved);
    }
  };
}

// A model and its picture, as a chart holds them.
struct Picture {
  Picture(const std::vector<ChartPoint>* points, SeriesStyle style, int series, int width) {
    std::vector<SeriesSpec> specs;
    for (int i = 0; i < series; ++i) specs.push_back({"s", i, style, ChartAxis::left});
    model.set_series(specs, reader_of(points));
    model.set_axis(ChartAxis::left, ChartUnit::count, 100.0);
    model.set_geometry(60 * kSecond, width);
    layer.resize(width, 120, 1);
  }

  int advance(qint64 now_us) {
    const auto change = model.fetch(now_us);
    std::vector<Trace> traces;
    for (int i = 0; i < static_cast<int>(model.specs().size()); ++i) {
      traces.push_back({&model.ring(i), model.specs()[static_cast<std::size_t>(i)].style,
                        i == 0 ? Qt::blue : Qt::red, 100});
    }
    const qint64 dirty = change.dirty_from >= 0 ? change.dirty_from : model.newest_column() + 1;
    return layer.advance(model.newest_column(), dirty, traces);
  }

  QImage image() const {
    QImage out(layer.width(), layer.height(), QImage::Format_ARGB32_Premultiplied);
    out.fill(Qt::transparent);
    QPainter painter(&out);
    layer.draw(&painter, out.rect());
    return out;
  }

  TraceModel model;
  TraceLayer layer;
};

std::vector<ChartPoint> random_points(std::mt19937_64* random) {
  std::uniform_real_distribution<double> value(-5, 110);
  std::uniform_int_distribution<int> dice(0, 99);
  std::vector<ChartPoint> points;
  qint64 time_us = kStart;
  const qint64 step_us = 20'000 * (1 + dice(*random));
  while (time_us < kStart + 150 * kSecond) {
    time_us += step_us + dice(*random) * 1000;
    ChartPoint point = at(time_us, value(*random), dice(*random) < 4);
    if (dice(*random) < 20) point.max += 15;
    if (dice(*random) < 5) point.mean = kMissing;
    points.push_back(point);
  }
  return points;
}

bool column_is_empty(const QImage& image, int x) {
  for (int y = 0; y < image.height(); ++y) {
    if (image.pixelColor(x, y).alpha() != 0) return false;
  }
  return true;
}

}  // namespace

class ChartColumnsTest : public QObject {
  Q_OBJECT
 private slots:
  void a_spike_of_one_sample_survives_the_reduction() {
    ColumnRing ring;
    ring.reset(36 * kSecond, 600);  // six hours in 600 columns
    for (int i = 0; i < 21'600; ++i) ring.add(at(kStart + i * kSecond, i == 12'345 ? 900 : 10));
    const Column* column = ring.at((kStart + 12'345 * kSecond) / (36 * kSecond));
    QVERIFY(column != nullptr);
    QCOMPARE(column->max, 900.0);
    QCOMPARE(column->min, 10.0);
    QVERIFY(std::abs(column->mean() - (35 * 10 + 900) / 36.0) < 1e-9);
  }

  void a_missing_value_is_a_gap_and_never_zero() {
    ColumnRing ring;
    ring.reset(kSecond, 100);
    ring.add(at(kStart, 5));
    QCOMPARE(ring.add(at(kStart + kSecond, kMissing)), qint64{-1});
    ring.add(at(kStart + 2 * kSecond, 6));
    QVERIFY(ring.at(kStart / kSecond + 1) == nullptr);
    QVERIFY(ring.at(kStart / kSecond + 2)->gap_before);
    QVERIFY(!ring.at(kStart / kSecond)->gap_before);
  }

  void infinite_extremes_shrink_to_the_mean() {
    ColumnRing ring;
    ring.reset(kSecond, 10);
    ring.add({kStart, -HUGE_VAL, HUGE_VAL, 4, false});
    QCOMPARE(ring.at(kStart / kSecond)->max, 4.0);
    QCOMPARE(ring.at(kStart / kSecond)->min, 4.0);
  }

  void repeated_and_older_points_change_nothing() {
    ColumnRing ring;
    ring.reset(kSecond, 10);
    ring.add(at(kStart, 1));
    QCOMPARE(ring.add(at(kStart, 50)), qint64{-1});
    QCOMPARE(ring.add(at(kStart - kSecond, 50)), qint64{-1});
    QCOMPARE(ring.at(kStart / kSecond)->max, 1.0);
  }

  void forgotten_columns_are_gone() {
    ColumnRing ring;
    ring.reset(kSecond, 10);
    for (int i = 0; i < 25; ++i) ring.add(at(kStart + i * kSecond, i));
    const qint64 first = kStart / kSecond;
    QVERIFY(ring.at(first + 14) == nullptr);
    QCOMPARE(ring.at(first + 15)->max, 15.0);
    QVERIFY(ring.before(first + 15) == nullptr);
    QCOMPARE(ring.after(first)->max, 15.0);
  }

  void the_picture_made_in_pieces_equals_the_picture_made_at_once() {
    const quint64 seed = QRandomGenerator::global()->generate64();
    qInfo() << "seed" << seed;
    std::mt19937_64 random(seed);
    for (int round = 0; round < 30; ++round) {
      const auto points = random_points(&random);
      const auto style = static_cast<SeriesStyle>(round % 3);
      const int width = 150 + static_cast<int>(random() % 400);
      Picture pieces(&points, style, 2, width);
      qint64 now_us = kStart + 5 * kSecond;
      while (now_us < kStart + 130 * kSecond) {
        pieces.advance(now_us);
        now_us += 10'000 + static_cast<qint64>(random() % 900'000);
      }
      pieces.advance(now_us);
      Picture at_once(&points, style, 2, width);
      at_once.advance(now_us);
      QVERIFY2(pieces.image() == at_once.image(),
               qPrintable(QString("round %1, width %2").arg(round).arg(width)));
      int painted = 0;
      for (int x = 0; x < width; ++x) painted += column_is_empty(at_once.image(), x) ? 0 : 1;
      QVERIFY2(painted > width / 4, qPrintable(QString("%1 of %2").arg(painted).arg(width)));
    }
  }

  void nothing_is_painted_inside_a_gap() {
    std::vector<ChartPoint> points;
    for (int i = 0; i <= 60; ++i) {
      if (i < 20 || i >= 40) points.push_back(at(kStart + i * kSecond, 50, i == 40));
    }
    Picture picture(&points, SeriesStyle::area, 1, 600);
    picture.advance(kStart + 60 * kSecond);
    const QImage image = picture.image();
    QVERIFY(!column_is_empty(image, 100));
    for (int x = 195; x < 398; ++x)
      QVERIFY2(column_is_empty(image, x), qPrintable(QString::number(x)));
    QVERIFY(!column_is_empty(image, 450));
  }

  void a_lone_sample_between_gaps_shows() {
    const std::vector<ChartPoint> points = {at(kStart + 30 * kSecond, 50, true)};
    Picture picture(&points, SeriesStyle::line, 1, 600);
    picture.advance(kStart + 60 * kSecond);
    int painted = 0;
    for (int x = 290; x < 310; ++x) painted += column_is_empty(picture.image(), x) ? 0 : 1;
    QVERIFY(painted >= 1);
  }

  void a_step_holds_its_value_until_the_next_point() {
    const std::vector<ChartPoint> points = {at(kStart + 10 * kSecond, 20),
                                            at(kStart + 50 * kSecond, 80)};
    Picture picture(&points, SeriesStyle::step, 1, 600);
    picture.advance(kStart + 60 * kSecond);
    const int y = 120 - 1 - 20 * 120 / 100;  // the row of 20 of 100
    int alpha = 0;
    for (int row = y - 2; row <= y + 2; ++row)
      alpha += picture.image().pixelColor(480, row).alpha();
    QVERIFY(alpha > 100);
    QCOMPARE(picture.model.value_at(0, kStart + 49 * kSecond)->mean, 20.0);
  }

  void crosshair_reads_the_nearest_sample_and_nothing_in_a_gap() {
    std::vector<ChartPoint> points;
    for (int i = 0; i <= 60; ++i) {
      if (i < 20 || i >= 40) points.push_back(at(kStart + i * kSecond, i, i == 40));
    }
    Picture picture(&points, SeriesStyle::line, 1, 600);
    picture.advance(kStart + 60 * kSecond);
    const auto read = [&](double second) {
      return picture.model.value_at(0, kStart + static_cast<qint64>(second * kSecond));
    };
    QCOMPARE(read(10)->mean, 10.0);
    QCOMPARE(read(10.4)->mean, 10.0);
    QCOMPARE(read(10.7)->mean, 11.0);
    QCOMPARE(read(45)->mean, 45.0);
    QVERIFY(!read(30));
    QCOMPARE(read(19.2)->mean, 19.0);
  }

  void positions_and_times_are_inverse() {
    const std::vector<ChartPoint> points;
    Picture picture(&points, SeriesStyle::line, 1, 600);
    picture.advance(kStart);
    for (const qint64 ago_us : {0LL, 1'000'000LL, 59'900'000LL}) {
      const double position = picture.model.position(kStart - ago_us);
      QVERIFY(std::llabs(picture.model.time_at(position) - (kStart - ago_us)) <= 1);
    }
    QVERIFY(picture.model.position(kStart) > 598.9 && picture.model.position(kStart) <= 600);
  }

  void a_silent_series_has_no_current_value() {
    const std::vector<ChartPoint> points = {at(kStart, 1), at(kStart + kSecond, 2)};
    Picture picture(&points, SeriesStyle::line, 1, 600);
    picture.advance(kStart + 2 * kSecond);
    QCOMPARE(picture.model.current(0, kStart + 2 * kSecond), std::optional(2.0));
    picture.advance(kStart + 30 * kSecond);
    QVERIFY(!picture.model.current(0, kStart + 30 * kSecond));
  }

  void trends_are_told_apart() {
    const auto trend_of = [](double before, double now) {
      std::vector<ChartPoint> points;
      for (int i = 0; i <= 60; ++i)
        points.push_back(at(kStart + i * kSecond, i > 50 ? now : before));
      Picture picture(&points, SeriesStyle::line, 1, 600);
      picture.advance(kStart + 60 * kSecond);
      return picture.model.trend(0);
    };
    QCOMPARE(trend_of(10, 20), Trend::rising);
    QCOMPARE(trend_of(20, 10), Trend::falling);
    QCOMPARE(trend_of(20, 20.4), Trend::steady);
    QCOMPARE(trend_of(0, 0), Trend::steady);
    QCOMPARE(trend_of(kMissing, 3), Trend::unknown);
  }

  void times_far_from_now_do_no_harm() {
    std::vector<ChartPoint> points = {at(0, 1), at(kStart - 3600 * kSecond, 2), at(kStart, 3),
                                      at(kStart + 3600 * kSecond, 4)};
    Picture picture(&points, SeriesStyle::line, 1, 300);
    QCOMPARE(picture.advance(kStart), 300);
    picture.advance(kStart + 7200 * kSecond);
    picture.advance(kStart);  // a clock set back
    picture.advance(1);
    QCOMPARE(picture.layer.width(), 300);
  }
};

QTEST_MAIN(ChartColumnsTest)
#include "chart_columns_test.moc"
