// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include <QApplication>
#include <QMouseEvent>
#include <QTabWidget>
#include <QtTest>
#include <map>
#include <random>

#include "tests/ui/fake_world.h"
#include "ui/chart/timeline_panel.h"
#include "ui/models/job_table.h"
#include "ui/pages/data_table.h"
#include "ui/pages/database_page.h"
#include "ui/pages/timeline_data.h"
#include "ui/pages/timeline_view.h"
#include "ui/shell/theme.h"

using namespace nodetune;

namespace {

constexpr qint64 kSecond = 1'000'000;
constexpr qint64 kStart = 1'700'000'000 * kSecond;
constexpr int kRowsMax = 4;

TimelineJob job(quint64 id, double begin, std::optional<double> end, int lane = 0) {
  TimelineJob made;
  made.id = id;
  made.lane = lane;
  made.begin_us = kStart + static_cast<qint64>(begin * kSecond);
  if (end) made.end_us = kStart + static_cast<qint64>(*end * kSecond);
  made.bytes = 1 << 20;
  return made;
}

TimelineScale scale_of(int seconds, int width) {
  TimelineScale scale;
  scale.end_us = kStart + seconds * kSecond;
  scale.span_us = seconds * kSecond;
  scale.width = width;
  return scale;
}

TimelineData two_lanes(std::vector<TimelineJob> jobs) {
  TimelineData data;
  data.lanes = {{"Flush → L0", 0}, {"L0 → L1", 3}};
  data.jobs = std::move(jobs);
  return data;
}

int counted(const TimelineLayout& layout) {
  int sum = 0;
  for (const auto& bar : layout.bars) sum += bar.count;
  for (const auto& crowd : layout.crowds) sum += crowd.count;
  return sum;
}

QImage picture_of(QWidget* widget) {
  return widget->grab().toImage();
}

}  // namespace

class TimelineTest : public QObject {
  Q_OBJECT
 private:
  static std::unique_ptr<TimelinePanel> make_panel(TimelineData data) {
    auto panel = std::make_unique<TimelinePanel>("Jobs");
    panel->resize(700, 260);
    panel->set_data(std::move(data));
    panel->show();
    return panel;
  }

 private slots:
  void jobs_at_the_same_time_stand_in_rows_of_their_own() {
    const auto data = two_lanes({job(1, 0, 30), job(2, 10, 20), job(3, 31, 40), job(4, 5, 6, 1)});
    auto sorted = data;
    std::sort(sorted.jobs.begin(), sorted.jobs.end(),
              [](const auto& a, const auto& b) { return a.begin_us < b.begin_us; });
    const auto layout = lay_out(sorted, scale_of(60, 600), kRowsMax);
    QCOMPARE(layout.rows, (std::vector<int>{2, 1}));
    std::map<quint64, TimelineBar> bars;
    for (const auto& bar : layout.bars) bars[sorted.jobs[bar.first].id] = bar;
    QCOMPARE(bars.at(1).row, 0);
    QCOMPARE(bars.at(2).row, 1);
    QCOMPARE(bars.at(3).row, 0);
    QCOMPARE(bars.at(2).left, 99);  // the column in which it began, of those that end now
    QVERIFY(std::abs(bars.at(1).right - bars.at(1).left - 300) <= 1);
  }

  // A picture of anything: nothing overlaps, nothing is left out.
  void bars_never_overlap_and_every_job_is_shown_or_counted() {
    const auto seed = std::random_device{}();
    qInfo("seed %u", seed);
    std::mt19937 random(seed);
    for (int round = 0; round < 200; ++round) {
      TimelineData data = two_lanes({});
      const int count = static_cast<int>(random() % 400);
      std::exponential_distribution<double> length(1 / (0.01 + random() % 30));
      for (int i = 0; i < count; ++i) {
        const double begin = std::uniform_real_distribution<double>(-5, 60)(random);
        const double end = begin + length(random);
        const bool runs = random() % 20 == 0;
        data.jobs.push_back(job(static_cast<quint64>(i), begin,
                                runs ? std::nullopt : std::optional(end),
                                static_cast<int>(random() % 2)));
      }
      std::sort(data.jobs.begin(), data.jobs.end(),
                [](const auto& a, const auto& b) { return a.begin_us < b.begin_us; });
      const auto scale = scale_of(60, 2 + static_cast<int>(random() % 900));
      const auto layout = lay_out(data, scale, kRowsMax);
      const auto in_window =
          std::count_if(data.jobs.begin(), data.jobs.end(), [&](const TimelineJob& each) {
            return each.begin_us <= scale.end_us &&
                   each.end_us.value_or(scale.end_us) >= scale.end_us - scale.span_us;
          });
      QCOMPARE(counted(layout), static_cast<int>(in_window));
      std::map<std::pair<int, int>, int> right;  // of the last bar, by lane and row
      std::vector<int> told(data.jobs.size());
      for (const auto& bar : layout.bars) {
        QVERIFY(bar.row < layout.rows[static_cast<std::size_t>(bar.lane)]);
        QVERIFY(bar.left >= 0 && bar.right <= scale.width && bar.right > bar.left);
        QVERIFY(bar.busy >= 0 && bar.busy <= 1);
        auto& last = right[{bar.lane, bar.row}];
        QVERIFY2(bar.left >= last, "two bars of a row overlap");
        last = bar.right;
        int jobs = 0;
        for (auto each = bar.first; each != TimelineLayout::kNone; each = layout.next[each]) {
          ++told[each];
          ++jobs;
        }
        QCOMPARE(jobs, bar.count);
      }
      QVERIFY(std::all_of(told.begin(), told.end(), [](int times) { return times <= 1; }));
    }
  }

  void ten_thousand_jobs_make_no_more_bars_than_pixels() {
    TimelineData data = two_lanes({});
    for (int i = 0; i < 10'000; ++i) {
      data.jobs.push_back(job(static_cast<quint64>(i), i * 0.006, i * 0.006 + 0.004));
    }
    const auto layout = lay_out(data, scale_of(60, 800), kRowsMax);
    QCOMPARE(counted(layout), 10'000);
    QVERIFY2(layout.bars.size() <= 800, "one row, and no bar within another");
    QCOMPARE(layout.rows[0], 1);
    for (const auto& bar : layout.bars) {
      if (bar.right < 800) QVERIFY(bar.busy > 0.4 && bar.busy < 0.95);
    }
  }

  void a_picture_that_moves_on_keeps_its_bars() {
    const auto data = two_lanes({job(1, 10.1, 12.3), job(2, 20, 20.01)});
    auto scale = scale_of(60, 500);
    const auto before = lay_out(data, scale, kRowsMax);
    for (int frame = 1; frame < 30; ++frame) {
      scale.end_us += 100'000;
      const auto after = lay_out(data, scale, kRowsMax);
      for (std::size_t i = 0; i < before.bars.size(); ++i) {
        QCOMPARE(after.bars[i].right - after.bars[i].left,
                 before.bars[i].right - before.bars[i].left);
      }
    }
  }

  void a_panel_paints_what_is_new_and_nothing_while_hidden() {
    auto panel = make_panel(two_lanes({job(1, 10, 20)}));
    panel->set_span(60 * kSecond);
    panel->refresh(kStart + 30 * kSecond);
    QCoreApplication::processEvents();
    const auto painted = panel->canvas().stats();
    QVERIFY(painted.full_repaints > 0);
    for (int i = 0; i < 20; ++i) {
      panel->refresh(kStart + 30 * kSecond + i);  // less than a pixel
      QCoreApplication::processEvents();
    }
    QCOMPARE(panel->canvas().stats().frames, painted.frames);
    panel->hide();
    for (int i = 0; i < 20; ++i) panel->refresh(kStart + (31 + i) * kSecond);
    QCOMPARE(panel->canvas().stats().full_repaints, painted.full_repaints);
    panel->show();
    panel->refresh(kStart + 60 * kSecond);
    QCoreApplication::processEvents();
    QVERIFY(panel->canvas().stats().full_repaints > painted.full_repaints);
  }

  void a_paused_panel_stands_still() {
    auto panel = make_panel(two_lanes({job(1, 10, 20), job(2, 25, std::nullopt, 1)}));
    panel->refresh(kStart + 30 * kSecond);
    panel->set_paused(true);
    const auto still = picture_of(panel.get());
    panel->refresh(kStart + 50 * kSecond);
    QVERIFY(picture_of(panel.get()) == still);
    panel->set_crosshair(kStart + 12 * kSecond);
    QVERIFY(picture_of(panel.get()) != still);
    panel->set_crosshair({});
    QVERIFY(picture_of(panel.get()) == still);
  }

  void a_click_chooses_the_job_and_the_pointer_moves_the_crosshair() {
    auto panel = make_panel(two_lanes({job(41, 10, 20), job(42, 30, 50, 1)}));
    panel->refresh(kStart + 60 * kSecond);
    QCoreApplication::processEvents();
    auto* canvas = panel->findChild<TimelineCanvas*>();
    QSignalSpy chosen(panel.get(), &TimelinePanel::job_chosen);
    QSignalSpy moved(panel.get(), &TimelinePanel::crosshair_moved);
    for (const auto& bar : canvas->layout_of_bars().bars) {
      const auto centre = canvas->box_of(bar).center().toPoint();
      QTest::mouseMove(canvas, centre);
      QTest::mouseClick(canvas, Qt::LeftButton, {}, centre);
    }
    QCOMPARE(chosen.size(), 2);
    QCOMPARE(chosen[0][0].toULongLong(), 41ULL);
    QCOMPARE(chosen[1][0].toULongLong(), 42ULL);
    QVERIFY(!moved.isEmpty());
    const auto time = moved.last()[0].value<std::optional<qint64>>();
    QVERIFY(time && std::llabs(*time - (kStart + 40 * kSecond)) < kSecond);
    QTest::keyClick(panel.get(), Qt::Key_Left);
    const auto back = moved.last()[0].value<std::optional<qint64>>();
    QVERIFY(back && *back < *time);
    QSignalSpy pause(panel.get(), &TimelinePanel::pause_requested);
    QTest::keyClick(panel.get(), Qt::Key_Space);
    QCOMPARE(pause.size(), 1);
  }

  void rows_tell_what_is_known_and_say_what_is_not() {
    StorageJob flush;
    flush.sequence = 5;
    flush.begin = TimePoint(Duration(kStart));
    flush.end = flush.begin + std::chrono::seconds(2);
    flush.output_level = 0;
    flush.output_bytes = 4 << 20;
    StorageJob running = flush;
    running.kind = StorageJob::Kind::compaction;
    running.sequence = 6;
    running.input_level = 1;
    running.output_level.reset();
    running.end.reset();
    running.output_bytes.reset();
    const auto now = flush.begin + std::chrono::seconds(14);
    const auto rows = job_rows({flush, running}, {now, true, false});
    QCOMPARE(rows.size(), std::size_t{2});
    QCOMPARE(rows[0].cells.size(), job_columns().size());
    QCOMPARE(rows[0].cells[4].text, QString("Flush → L0"));
    QCOMPARE(rows[0].cells[5].text, QString("–"));
    QVERIFY(!rows[0].cells[5].tip.isEmpty());
    QVERIFY2(rows[0].cells[7].text.startsWith("2"), qPrintable(rows[0].cells[7].text));
    QCOMPARE(rows[1].cells[4].text, QString("L1 → ?"));
    QVERIFY(rows[1].cells[1].text.contains("14"));
    QCOMPARE(rows[1].cells[7].text, QString("–"));
  }

  void time_in_which_two_ran_counts_once() {
    std::vector<StorageJob> jobs(3);
    const TimePoint begin(Duration{kStart});
    const auto at = [&](int second) { return begin + std::chrono::seconds(second); };
    jobs[0].begin = at(-10);
    jobs[0].end = at(10);
    jobs[1].begin = at(5);
    jobs[1].end = at(8);
    jobs[1].input_bytes = 7;
    jobs[2].kind = StorageJob::Kind::compaction;
    jobs[2].begin = at(40);
    const auto sum = summarise_jobs(jobs, begin, at(50));
    QCOMPARE(sum.busy_share, 0.4);
    QCOMPARE(sum.flushes, 2);
    QCOMPARE(sum.running, 1);
    QCOMPARE(sum.input_bytes, 7.0);
    QVERIFY2(std::isnan(sum.output_bytes), "nobody told: not zero");
    QCOMPARE(sum.longest->begin, at(-10));
  }

  void the_page_shows_the_window_and_follows_it() {
    FakeNode::Config config;
    config.past_seconds = 300;
    FakeWorld world(config);
    QVERIFY(world.open());
    Theme theme(qApp);
    DatabasePage page(*world.session, theme);
    page.resize(1000, 700);
    page.show();
    auto* tabs = page.findChild<QTabWidget*>();
    for (int i = 0; i < tabs->count(); ++i) {
      if (tabs->tabText(i).remove('&') == "Timeline") tabs->setCurrentIndex(i);
    }
    world.session->run_frame();
    auto* panel = page.findChild<TimelinePanel*>();
    auto* table = page.findChild<DataTable*>("jobs");
    QVERIFY(panel != nullptr && table != nullptr && panel->isVisible());
    const auto within = world.session->node()->jobs(world.session->shown_begin(),
                                                    world.session->shown_now(), 1'000);
    QVERIFY(within.size() > 3);
    QCOMPARE(table->model()->rowCount(), static_cast<int>(within.size()));
    QCOMPARE(counted(panel->canvas().layout_of_bars()), static_cast<int>(within.size()));
    QVERIFY(panel->accessibleDescription().contains("flushes"));
    QVERIFY(panel->message().isEmpty());
    // A stall of the fake node, by its counter.
    bool marked = false;
    for (const auto& strip : panel->canvas().data().strips) {
      if (strip.name == "L0 files") marked = true;
    }
    QVERIFY(marked);
    // A longer window has more of them.
    world.session->set_span_us(chart_spans()[1].span_us);
    world.session->run_frame();
    QVERIFY(table->model()->rowCount() >= static_cast<int>(within.size()));
    // A job that is chosen in the picture is chosen in the table.
    emit panel->job_chosen(within.back().sequence);
    QCOMPARE(table->selectionModel()->selectedRows().size(), 1);
    QCOMPARE(table->selectionModel()->selectedRows()[0].data(CellModel::kKeyRole).toString(),
             job_key(within.back()));
  }

  void an_empty_window_says_why() {
    FakeNode::Config config;
    config.way = OpenWay::observed;
    config.past_seconds = 5;
    FakeWorld world(config);
    QVERIFY(world.open());
    QVERIFY(!why_no_jobs(*world.session).isEmpty());
    QWidget window;
    TimelineView view(*world.session, &window);
    window.show();
    view.show_snapshot();
    QVERIFY(!view.findChild<TimelinePanel*>()->message().isEmpty());
  }
};

QTEST_MAIN(TimelineTest)
#include "timeline_test.moc"
