// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "ui/pages/batches_page.h"

#include <QApplication>
#include <QLabel>
#include <QPushButton>
#include <QSpinBox>
#include <QtTest>

#include "tests/ui/fake_world.h"
#include "ui/chart/histogram_panel.h"
#include "ui/pages/figure_tiles.h"

using namespace nodetune;

class BatchesPageTest : public QObject {
  Q_OBJECT
 private:
  struct Shown {
    explicit Shown(const FakeNode::Config& config = {}) : world(config) {
      opened = world.open();
      page = std::make_unique<BatchesPage>(*world.session, theme);
      page->resize(948, 600);
      page->show();
    }
    template <typename Widget>
    Widget* find(const char* name) const {
      return page->findChild<Widget*>(name);
    }
    QString text() const {
      QStringList texts;
      for (const auto* label : page->findChildren<QLabel*>()) {
        if (label->isVisible()) texts << label->text();
      }
      return texts.join('\n');
    }

    FakeWorld world;
    Theme theme{qApp};
    bool opened = false;
    std::unique_ptr<BatchesPage> page;
  };

 private slots:
  void the_threshold_set_by_hand_reaches_the_node() {
    Shown shown;
    QVERIFY(shown.opened);
    auto* threshold = shown.find<QSpinBox>("threshold");
    QCOMPARE(threshold->value(), 2'000);
    QVERIFY(!shown.find<QPushButton>("apply")->isEnabled());
    threshold->setValue(3'000);
    QTest::mouseClick(shown.find<QPushButton>("apply"), Qt::LeftButton);
    QCOMPARE(shown.world.node->commands().size(), std::size_t{1});
    QCOMPARE(std::get<SetBatchThreshold>(shown.world.node->commands().front()).operations, 3'000);
    QVERIFY(!shown.find<QPushButton>("apply")->isEnabled());  // until the outcome is there
    shown.world.advance();
    QVERIFY(shown.find<QLabel>("told")->text().contains("3000 operations, in force"));
    QVERIFY(shown.text().contains("now 3,000 operations"));
  }
  void a_threshold_out_of_range_is_refused_with_words_data() {
    QTest::addColumn<int>("value");
    QTest::newRow("below") << 15;
    QTest::newRow("zero") << 0;
    QTest::newRow("above") << 100'001;
  }
  void a_threshold_out_of_range_is_refused_with_words() {
    QFETCH(int, value);
    Shown shown;
    QVERIFY(shown.opened);
    shown.find<QSpinBox>("threshold")->setValue(value);
    QVERIFY(!shown.find<QPushButton>("apply")->isEnabled());
    const QString told = shown.find<QLabel>("told")->text();
    QVERIFY2(told.contains("choose 16 to 100,000 operations"), qPrintable(told));
    QVERIFY(shown.world.node->commands().empty());
  }
  void what_somebody_types_is_not_overwritten_by_new_figures() {
    Shown shown;
    QVERIFY(shown.opened);
    shown.find<QSpinBox>("threshold")->setValue(2'500);
    shown.world.advance(3);
    QCOMPARE(shown.find<QSpinBox>("threshold")->value(), 2'500);
    QVERIFY(shown.find<QLabel>("told")->text().contains("Not applied yet"));
  }
  void optimise_asks_the_rule_and_the_field_follows() {
    Shown shown;
    QVERIFY(shown.opened);
    QTest::mouseClick(shown.find<QPushButton>("optimise"), Qt::LeftButton);
    QVERIFY(std::holds_alternative<OptimizeBatchSize>(shown.world.node->commands().front()));
    shown.world.advance();
    QCOMPARE(shown.find<QSpinBox>("threshold")->value(), 2'400);
  }
  void a_failing_committer_is_named_and_can_be_told_to_retry() {
    Shown shown;
    QVERIFY(shown.opened);
    QVERIFY(!shown.find<QPushButton>("retry")->isVisible());
    shown.world.node->fail_commits("disk full: 0 B left on /srv");
    shown.world.advance();
    QVERIFY(shown.find<QPushButton>("retry")->isVisible());
    QVERIFY(shown.find<QLabel>("failure")->text().contains("disk full: 0 B left on /srv"));
    QTest::mouseClick(shown.find<QPushButton>("retry"), Qt::LeftButton);
    QVERIFY(std::holds_alternative<RetryCommit>(shown.world.node->commands().front()));
    shown.world.advance();
    QVERIFY(!shown.find<QPushButton>("retry")->isVisible());
  }
  void a_refused_command_leaves_the_reason_and_the_button() {
    Shown shown;
    QVERIFY(shown.opened);
    shown.world.node->fail_with(Status(StatusCode::failed, "the committer is stopping"));
    shown.find<QSpinBox>("threshold")->setValue(3'000);
    QTest::mouseClick(shown.find<QPushButton>("apply"), Qt::LeftButton);
    shown.world.advance();
    QVERIFY(shown.find<QPushButton>("apply")->isEnabled());
    QCOMPARE(shown.find<QSpinBox>("threshold")->value(), 3'000);
  }
  void an_observed_node_says_why_nothing_is_known() {
    FakeNode::Config config;
    config.way = OpenWay::observed;
    Shown shown(config);
    QVERIFY(shown.opened);
    QVERIFY(shown.text().contains("nothing honest to show here"));
    QVERIFY(!shown.find<QSpinBox>("threshold")->isVisible());
  }
  void a_hidden_page_asks_for_nothing() {
    Shown shown;
    QVERIFY(shown.opened);
    shown.page->hide();
    shown.world.node->fail_commits("anything");
    shown.world.advance(5);
    QVERIFY(shown.find<QLabel>("failure")->text().isEmpty());
    shown.page->show();
    QVERIFY(!shown.find<QLabel>("failure")->text().isEmpty());
  }
};

QTEST_MAIN(BatchesPageTest)
#include "batches_page_test.moc"
