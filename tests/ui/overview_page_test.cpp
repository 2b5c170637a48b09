// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "ui/pages/overview_page.h"

#include <QLabel>
#include <QListWidget>
#include <QtTest>

#include "tests/ui/fake_world.h"
#include "ui/chart/chart_panel.h"
#include "ui/shell/theme.h"

using namespace nodetune;

namespace {

struct Shown {
  explicit Shown(const FakeNode::Config& config) : world(config), theme(qApp) {
    opened = world.open();
    page = std::make_unique<OverviewPage>(*world.session, theme);
    page->resize(1'000, 600);
    page->show();
  }
  QString health() const { return page->findChild<QLabel*>("health")->text(); }
  FakeWorld world;
  Theme theme;
  bool opened = false;
  std::unique_ptr<OverviewPage> page;
};

}  // namespace

class OverviewPageTest : public QObject {
  Q_OBJECT
 private slots:
  void health_is_one_sentence_that_follows_the_figures() {
    Shown shown({.past_seconds = 110});  // a stall has just happened
    QVERIFY(shown.opened);
    QVERIFY2(shown.health().contains("compaction"), qPrintable(shown.health()));
  }
  void there_are_six_charts_in_step() {
    Shown shown({.past_seconds = 60});
    QVERIFY(shown.opened);
    const auto charts = shown.page->findChildren<ChartPanel*>();
    QCOMPARE(charts.size(), 6);
    shown.world.session->set_span_us(chart_spans()[1].span_us);
    shown.world.session->set_paused(true);
    const qint64 moment = shown.world.session->now_us() - 20'000'000;
    emit charts[0]->crosshair_moved(moment);
    for (const auto* chart : charts) {
      QCOMPARE(chart->span_us(), chart_spans()[1].span_us);
      QVERIFY(chart->paused());
      QVERIFY(chart->crosshair().has_value());
    }
    emit charts[3]->pause_requested();
    QVERIFY(!shown.world.session->paused());
  }
  void charts_show_what_the_node_says() {
    Shown shown({.past_seconds = 60});
    QVERIFY(shown.opened);
    shown.world.advance(2);
    for (const auto* chart : shown.page->findChildren<ChartPanel*>()) {
      if (!chart->title().contains("Memory")) continue;
      const auto reading = chart->value_at(0, shown.world.session->now_us() - 5'000'000);
      QVERIFY(reading.has_value());
      QVERIFY(reading->mean > 0.5 && reading->mean < 0.7);
      return;
    }
    QFAIL("there is no memory chart");
  }
  void waiting_recommendations_lead_to_the_tuning_page() {
    Shown shown({.past_seconds = 10});
    QVERIFY(shown.opened);
    auto* list = shown.page->findChild<QListWidget*>();
    QCOMPARE(list->count(), 2);
    QVERIFY(list->item(0)->text().contains("64 MiB → 96 MiB"));
    QSignalSpy requested(shown.page.get(), &Page::page_requested);
    list->setCurrentRow(0);
    QTest::keyClick(list, Qt::Key_Return);
    QCOMPARE(requested.count(), 1);
    QCOMPARE(requested.front().front().toString(), QString("tuning"));
  }
  void a_decided_recommendation_leaves_the_list() {
    Shown shown({.past_seconds = 10});
    QVERIFY(shown.opened);
    (void)shown.world.session->submit(
        DecideRecommendation{1, DecideRecommendation::Decision::reject, 0});
    shown.world.advance();
    QCOMPARE(shown.page->findChild<QListWidget*>()->count(), 1);
  }
  void what_is_not_known_says_why_instead_of_showing_zero() {
    Shown shown({.past_seconds = 0});
    QVERIFY(shown.opened);
    shown.world.node->lose(Metric::db_pending_compaction_bytes);
    shown.world.session->set_span_us(chart_spans()[0].span_us);
    shown.world.advance(70);
    for (auto* chart : shown.page->findChildren<ChartPanel*>()) {
      const bool debt = chart->title().contains("debt");
      QCOMPARE(chart->spoken().contains("Not known"), debt);
    }
  }
};

QTEST_MAIN(OverviewPageTest)
#include "overview_page_test.moc"
