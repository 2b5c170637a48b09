// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include <QGraphicsView>
#include <QPainter>
#include <QPicture>
#include <QSignalSpy>
#include <QTabWidget>
#include <QtTest>
#include <cmath>

#include "ui/chart/chart_panel.h"
#include "ui/shell/theme.h"

using namespace nodetune;

namespace {

constexpr qint64 kSecond = ChartPanel::kSecondUs;
constexpr qint64 kStart = 1'700'000'000 * kSecond;

// A sample a second since kStart - 4 h: its value is a function of the second.
struct Source {
  std::function<double(qint64)> value = [](qint64 second) {
    return 50 + 40 * std::sin(static_cast<double>(second) / 5);
  };
  qint64 points = 0;
  qint64 calls = 0;

  SeriesReader reader() {
    return [this](int series, qint64 after_us, qint64 until_us, int, std::vector<ChartPoint>* out) {
      ++calls;
      const qint64 first = std::max(kStart - 4 * 3600 * kSecond, after_us + 1);
      for (qint64 s = (first + kSecond - 1) / kSecond; s * kSecond <= until_us; ++s) {
        const double v = value(s - kStart / kSecond) + series;
        out->push_back({s * kSecond, v, v, v, false});
        ++points;
      }
    };
  }
};

std::unique_ptr<ChartPanel> make_panel(Source* source, QSize size = {500, 260}) {
  auto panel = std::make_unique<ChartPanel>("Read rate", ChartUnit::per_second);
  panel->set_series({{"Reads", 0}, {"Writes", 1}}, source->reader());
  panel->set_fixed_top(ChartAxis::left, 100);
  panel->resize(size);
  panel->show();
  (void)QTest::qWaitForWindowExposed(panel.get());
  return panel;
}

QImage picture_of(ChartPanel* panel) {
  return panel->findChild<QGraphicsView*>()->grab().toImage().convertToFormat(QImage::Format_RGB32);
}

int distance(const QColor& a, const QColor& b) {
  return std::abs(a.red() - b.red()) + std::abs(a.green() - b.green()) +
         std::abs(a.blue() - b.blue());
}

int count_colour(const QImage& image, const QColor& colour) {
  int found = 0;
  for (int y = 0; y < image.height(); ++y) {
    for (int x = 0; x < image.width(); ++x) found += image.pixelColor(x, y) == colour ? 1 : 0;
  }
  return found;
}

bool shows_colour(const QImage& image, const QColor& colour) {
  for (int y = 0; y < image.height(); ++y) {
    for (int x = 0; x < image.width(); ++x) {
      if (distance(image.pixelColor(x, y), colour) < 12) return true;
    }
  }
  return false;
}

}  // namespace

class ChartPanelTest : public QObject {
  Q_OBJECT
 private slots:
  void init() { QApplication::setPalette(light_palette()); }

  void frame_by_frame_equals_a_fresh_picture() {
    Source source;
    auto live = make_panel(&source);
    for (int i = 0; i <= 400; ++i) live->refresh(kStart + i * 170'000);
    auto fresh = make_panel(&source);
    fresh->refresh(kStart + 400 * 170'000);
    QCOMPARE(live->paint_stats().full_repaints, 1);
    QVERIFY(picture_of(live.get()) == picture_of(fresh.get()));
  }

  void three_hours_of_history_cost_no_more_than_a_minute() {
    Source source;
    auto panel = make_panel(&source);
    panel->set_span(3 * 3600 * kSecond);
    panel->refresh(kStart);
    const auto before = panel->paint_stats();
    const qint64 points_before = source.points;
    QVERIFY(points_before > 2 * 3 * 3600);
    for (int i = 1; i <= 100; ++i) panel->refresh(kStart + i * kSecond);
    QCOMPARE(source.points - points_before, 2 * 100);  // only new points are asked for
    const qint64 columns = panel->paint_stats().columns_painted - before.columns_painted;
    QVERIFY2(columns <= 100 * 6, qPrintable(QString::number(columns)));
    QCOMPARE(panel->paint_stats().full_repaints, before.full_repaints);
    QCOMPARE(panel->paint_stats().backgrounds, before.backgrounds);
  }

  void nothing_new_paints_nothing() {
    Source source;
    auto panel = make_panel(&source);
    panel->set_span(6 * 3600 * kSecond);
    panel->refresh(kStart);
    QCoreApplication::processEvents();
    const auto before = panel->paint_stats();
    for (int i = 1; i <= 30; ++i) {
      panel->refresh(kStart + i * 10'000);
      QCoreApplication::processEvents();
    }
    QCOMPARE(panel->paint_stats().columns_painted, before.columns_painted);
    QCOMPARE(panel->paint_stats().frames, before.frames);
  }

  void a_hidden_panel_reads_and_paints_nothing() {
    Source source;
    auto panel = make_panel(&source);
    panel->refresh(kStart);
    QCoreApplication::processEvents();
    const auto before = panel->paint_stats();
    const qint64 calls = source.calls;
    panel->hide();
    for (int i = 1; i < 50; ++i) panel->refresh(kStart + i * kSecond);
    QCOMPARE(panel->paint_stats().columns_painted, before.columns_painted);
    QCOMPARE(panel->paint_stats().frames, before.frames);
    QCOMPARE(source.calls, calls);
    panel->show();
    panel->refresh(kStart + 50 * kSecond);
    auto fresh = make_panel(&source);
    fresh->refresh(kStart + 50 * kSecond);
    QVERIFY(picture_of(panel.get()) == picture_of(fresh.get()));
  }

  void a_panel_behind_another_tab_and_a_minimised_one_paint_nothing() {
    Source source;
    QTabWidget tabs;
    auto* front = new QWidget;
    auto* panel = new ChartPanel("Read rate", ChartUnit::per_second);
    panel->set_series({{"Reads", 0}}, source.reader());
    tabs.addTab(front, "front");
    tabs.addTab(panel, "back");
    tabs.resize(500, 300);
    tabs.show();
    panel->refresh(kStart);
    QCOMPARE(source.calls, 0);
    tabs.setCurrentWidget(panel);
    panel->refresh(kStart);
    QCOMPARE(source.calls, 1);
    tabs.showMinimized();
    panel->refresh(kStart + kSecond);
    QCOMPARE(source.calls, 1);
  }

  void pause_keeps_the_picture_and_the_crosshair_works() {
    Source source;
    auto panel = make_panel(&source);
    panel->refresh(kStart);
    panel->set_paused(true);
    const QImage still = picture_of(panel.get());
    for (int i = 1; i <= 20; ++i) panel->refresh(kStart + i * kSecond);
    QVERIFY(picture_of(panel.get()) == still);
    panel->set_crosshair(kStart - 20 * kSecond);
    QVERIFY(picture_of(panel.get()) != still);
    QCOMPARE(panel->value_at(0, kStart - 20 * kSecond)->mean, source.value(-20));
    panel->set_crosshair({});
    QVERIFY(picture_of(panel.get()) == still);
    panel->set_paused(false);
    panel->refresh(kStart + 20 * kSecond);
    auto fresh = make_panel(&source);
    fresh->refresh(kStart + 20 * kSecond);
    QVERIFY(picture_of(panel.get()) == picture_of(fresh.get()));
  }

  void a_paused_panel_keeps_its_moment_when_resized() {
    Source source;
    auto panel = make_panel(&source);
    panel->refresh(kStart);
    panel->set_paused(true);
    panel->resize(700, 300);
    QCoreApplication::processEvents();
    QCOMPARE(panel->value_at(0, kStart)->mean, source.value(0));
    QVERIFY(!panel->value_at(0, kStart + 5 * kSecond));
    QVERIFY(shows_colour(picture_of(panel.get()), series_colour(0, false)));
  }

  void the_palette_decides_the_colours() {
    Source source;
    source.value = [](qint64) { return 49.9; };
    auto panel = make_panel(&source);
    panel->refresh(kStart);
    QImage image = picture_of(panel.get());
    QCOMPARE(image.pixelColor(0, 0), card_colour(light_palette()));
    const QColor light_trace = series_colour(0, false);
    const QColor dark_trace = series_colour(0, true);
    source.value = [](qint64 s) { return s % 2 == 0 ? 10.0 : 90.0; };
    panel->reload();
    panel->refresh(kStart);
    QApplication::setPalette(dark_palette());
    QCoreApplication::processEvents();
    panel->refresh(kStart + kSecond);
    image = picture_of(panel.get());
    QCOMPARE(image.pixelColor(0, 0), card_colour(dark_palette()));
    QVERIFY(!shows_colour(image, light_trace));
    QVERIFY(shows_colour(image, dark_trace));
  }

  void the_pointer_moves_the_crosshair_and_tells_other_charts() {
    Source source;
    auto panel = make_panel(&source);
    auto other = make_panel(&source);
    connect(panel.get(), &ChartPanel::crosshair_moved, other.get(), &ChartPanel::set_crosshair);
    panel->refresh(kStart);
    other->refresh(kStart);
    auto* viewport = panel->findChild<QGraphicsView*>()->viewport();
    const QPoint pointer(300, viewport->height() / 2);
    QMouseEvent move(QEvent::MouseMove, pointer, viewport->mapToGlobal(pointer), Qt::NoButton,
                     Qt::NoButton, Qt::NoModifier);
    QApplication::sendEvent(viewport, &move);
    QVERIFY(panel->crosshair().has_value());
    QCOMPARE(other->crosshair(), panel->crosshair());
    // the line stands under the pointer
    const QColor line = panel->palette().color(QPalette::Highlight);
    const QImage image = picture_of(panel.get());
    QVERIFY(distance(image.pixelColor(300, 150), line) < 12 ||
            distance(image.pixelColor(299, 150), line) < 12);
    // while the chart scrolls, the pointer stays and the time under it moves on
    const qint64 before = *panel->crosshair();
    panel->refresh(kStart + 2 * kSecond);
    QVERIFY(std::llabs(*panel->crosshair() - before - 2 * kSecond) < kSecond / 2);
    QEvent leave(QEvent::Leave);
    QApplication::sendEvent(viewport, &leave);
    QVERIFY(!panel->crosshair());
    QVERIFY(!other->crosshair());
  }

  void keys_move_the_crosshair_and_ask_for_pause_and_reset() {
    Source source;
    auto panel = make_panel(&source);
    panel->refresh(kStart);
    QSignalSpy moved(panel.get(), &ChartPanel::crosshair_moved);
    QSignalSpy pause(panel.get(), &ChartPanel::pause_requested);
    QSignalSpy reset(panel.get(), &ChartPanel::reset_requested);
    QTest::keyClick(panel.get(), Qt::Key_Left);
    QCOMPARE(panel->crosshair(), std::optional(kStart - kSecond));
    QTest::keyClick(panel.get(), Qt::Key_Left, Qt::ShiftModifier);
    QCOMPARE(panel->crosshair(), std::optional(kStart - 11 * kSecond));
    QTest::keyClick(panel.get(), Qt::Key_Right);
    QCOMPARE(panel->crosshair(), std::optional(kStart - 10 * kSecond));
    for (int i = 0; i < 20; ++i) QTest::keyClick(panel.get(), Qt::Key_Right, Qt::ShiftModifier);
    QCOMPARE(panel->crosshair(), std::optional(kStart));
    QCOMPARE(moved.count(), 23);
    QTest::keyClick(panel.get(), Qt::Key_Space);
    QCOMPARE(pause.count(), 1);
    QTest::keyClick(panel.get(), Qt::Key_Home);
    QTest::keyClick(panel.get(), Qt::Key_0);
    QCOMPARE(reset.count(), 2);
    QVERIFY(!panel->crosshair());
  }

  void the_spoken_text_tells_value_and_trend_at_most_once_a_second() {
    Source source;
    source.value = [](qint64 s) { return s > -10 ? 12'400.0 : 3'000.0; };
    auto panel = make_panel(&source);
    QCOMPARE(panel->accessibleName(), QString("Read rate"));
    panel->refresh(kStart);
    QVERIFY2(panel->accessibleDescription().startsWith("Reads 12.4 k/s, rising"),
             qPrintable(panel->accessibleDescription()));
    source.value = [](qint64) { return 1.5; };
    const QString before = panel->accessibleDescription();
    panel->refresh(kStart + kSecond - 1);
    QCOMPARE(panel->accessibleDescription(), before);
    panel->refresh(kStart + kSecond);
    QVERIFY(panel->accessibleDescription() != before);
  }

  void unavailable_says_why_instead_of_a_trace() {
    Source source;
    auto panel = make_panel(&source);
    panel->refresh(kStart);
    panel->set_unavailable("Not available from outside: statistics are off");
    QVERIFY(!shows_colour(picture_of(panel.get()), series_colour(0, false)));
    QCOMPARE(panel->accessibleDescription(),
             QString("Not available from outside: statistics are off"));
    panel->set_unavailable({});
    QVERIFY(shows_colour(picture_of(panel.get()), series_colour(0, false)));
  }

  void a_series_without_points_harms_nobody() {
    ChartPanel panel("Empty", ChartUnit::bytes);
    panel.resize(300, 200);
    panel.show();
    panel.refresh(kStart);
    panel.set_series({{"Nothing", 0}}, {});
    panel.refresh(kStart + kSecond);
    panel.set_crosshair(kStart);
    panel.set_threshold(ChartThreshold{5e9, "limit"});
    panel.set_markers({{kStart, "marker"}});
    panel.refresh(kStart + 2 * kSecond);
    QVERIFY(!panel.grab_image().isNull());
    QVERIFY(!panel.value_at(0, kStart));
    QVERIFY(!panel.value_at(7, kStart));
    panel.resize(1, 1);
    panel.refresh(kStart + 3 * kSecond);
    QVERIFY(panel.spoken().contains("no data"));
  }

  // A storm of events must not hide what it is about.
  void crowded_markers_leave_the_trace_to_be_seen() {
    Source source;
    auto panel = make_panel(&source);
    panel->refresh(kStart);
    const int bare = count_colour(picture_of(panel.get()), series_colour(0, false));
    QVERIFY(bare > 0);
    std::vector<ChartMarker> storm;
    for (int i = 0; i < 600; ++i) storm.push_back({kStart - i * kSecond / 10, "stall"});
    std::reverse(storm.begin(), storm.end());
    panel->set_markers(storm);
    panel->refresh(kStart);
    const int under_storm = count_colour(picture_of(panel.get()), series_colour(0, false));
    QVERIFY2(under_storm > bare * 9 / 10,
             qPrintable(QString("%1 of %2 dots are left").arg(under_storm).arg(bare)));
  }

  void a_threshold_is_kept_in_view() {
    Source source;
    source.value = [](qint64) { return 3.0; };
    ChartPanel panel("Queue", ChartUnit::count);
    panel.set_series({{"Files", 0}}, source.reader());
    panel.resize(400, 240);
    panel.show();
    panel.refresh(kStart);
    panel.set_threshold(ChartThreshold{20, "slowdown"});
    panel.refresh(kStart + kSecond);
    QVERIFY(shows_colour(picture_of(&panel), tone_colour(Tone::warn, false)));
  }

  void vector_output_draws_lines_and_not_pixels() {
    Source source;
    auto panel = make_panel(&source);
    panel->refresh(kStart);
    QPicture picture;
    {
      QPainter painter(&picture);
      panel->render_vector(&painter, QRectF(0, 0, 1000, 520));
    }
    QImage image(1000, 520, QImage::Format_RGB32);
    image.fill(Qt::white);
    {
      QPainter painter(&image);
      picture.play(&painter);
    }
    QVERIFY(shows_colour(image, series_colour(0, false)));
    QVERIFY2(picture.size() < 200'000, qPrintable(QString::number(picture.size())));
  }
};

QTEST_MAIN(ChartPanelTest)
#include "chart_panel_test.moc"
