// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "ui/pages/batches_page.h"

#include <QApplication>
#include <QComboBox>
#include <QDoubleSpinBox>
#include <QLabel>
#include <QProgressBar>
#include <QPushButton>
#include <QRadioButton>
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
    void choose_mode(BatchSizeMode mode) const {
      auto* modes = find<QComboBox>("mode");
      modes->setCurrentIndex(modes->findData(int(mode)));
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
  void the_limit_of_the_adaptive_mode_reaches_the_node() {
    Shown shown;
    QVERIFY(shown.opened);
    QCOMPARE(shown.find<QComboBox>("mode")->currentData().toInt(), int(BatchSizeMode::adaptive));
    auto* limit = shown.find<QDoubleSpinBox>("limit");
    QCOMPARE(limit->value(), 50.0);
    QVERIFY(!shown.find<QPushButton>("apply")->isEnabled());
    QVERIFY(!shown.find<QSpinBox>("threshold")->isVisible());
    limit->setValue(20);
    QTest::mouseClick(shown.find<QPushButton>("apply"), Qt::LeftButton);
    const auto sent = std::get<SetBatchSizeMode>(shown.world.node->commands().front());
    QCOMPARE(sent.mode, BatchSizeMode::adaptive);
    QCOMPARE(sent.commit_seconds_max, 0.02);
    shown.world.advance();
    QCOMPARE(limit->value(), 20.0);
    QVERIFY(!shown.find<QPushButton>("apply")->isEnabled());
  }
  void the_present_size_is_explained() {
    Shown shown;
    QVERIFY(shown.opened);
    const QString choice = shown.find<QLabel>("choice")->text();
    QVERIFY2(choice.contains("2,000 operations: a commit costs"), qPrintable(choice));
    QVERIFY2(choice.contains("99 % stay below"), qPrintable(choice));
    QVERIFY(shown.text().contains("now 2,000 operations"));
  }
  void the_threshold_set_by_hand_reaches_the_node() {
    Shown shown;
    QVERIFY(shown.opened);
    shown.choose_mode(BatchSizeMode::fixed);
    auto* threshold = shown.find<QSpinBox>("threshold");
    QCOMPARE(threshold->value(), 2'000);
    QVERIFY(threshold->isVisible());
    QVERIFY(shown.find<QLabel>("told")->text().contains("Not applied yet"));
    threshold->setValue(3'000);
    QTest::mouseClick(shown.find<QPushButton>("apply"), Qt::LeftButton);
    QCOMPARE(shown.world.node->commands().size(), std::size_t{1});
    QCOMPARE(std::get<SetBatchThreshold>(shown.world.node->commands().front()).operations, 3'000);
    QVERIFY(!shown.find<QPushButton>("apply")->isEnabled());  // until the outcome is there
    shown.world.advance();
    QVERIFY(shown.find<QLabel>("told")->text().contains("3000 operations, in force"));
    QVERIFY(shown.text().contains("now 3,000 operations"));
    QVERIFY(shown.find<QLabel>("choice")->text().contains("set by hand"));
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
    shown.choose_mode(BatchSizeMode::fixed);
    shown.find<QSpinBox>("threshold")->setValue(value);
    QVERIFY(!shown.find<QPushButton>("apply")->isEnabled());
    const QString told = shown.find<QLabel>("told")->text();
    QVERIFY2(told.contains("choose 16 to 100,000 operations"), qPrintable(told));
    QVERIFY(shown.world.node->commands().empty());
  }
  void what_somebody_types_is_not_overwritten_by_new_figures() {
    Shown shown;
    QVERIFY(shown.opened);
    shown.choose_mode(BatchSizeMode::fixed);
    shown.find<QSpinBox>("threshold")->setValue(2'500);
    shown.world.advance(3);
    QCOMPARE(shown.find<QSpinBox>("threshold")->value(), 2'500);
    QVERIFY(shown.find<QLabel>("told")->text().contains("Not applied yet"));
  }
  void the_rule_is_asked_in_its_own_mode() {
    Shown shown;
    QVERIFY(shown.opened);
    QVERIFY(!shown.find<QPushButton>("optimise")->isVisible());
    shown.choose_mode(BatchSizeMode::specification);
    QTest::mouseClick(shown.find<QPushButton>("apply"), Qt::LeftButton);
    shown.world.advance();
    QVERIFY(shown.find<QPushButton>("optimise")->isVisible());
    QTest::mouseClick(shown.find<QPushButton>("optimise"), Qt::LeftButton);
    QVERIFY(std::holds_alternative<OptimizeBatchSize>(shown.world.node->commands().back()));
    shown.world.advance();
    QVERIFY(shown.text().contains("now 2,400 operations"));
  }
  void durability_is_chosen_by_name_and_has_its_price() {
    Shown shown;
    QVERIFY(shown.opened);
    QVERIFY(shown.find<QRadioButton>("log")->isChecked());
    QVERIFY(shown.find<QLabel>("log_and_fsync_price")
                ->text()
                .contains("fsync costs 4.10 ms a commit here (median of the last 200)"));
    QVERIFY2(shown.find<QLabel>("none_price")->text().contains("not measured yet"),
             "missing is missing");
    QTest::mouseClick(shown.find<QRadioButton>("log_and_fsync"), Qt::LeftButton);
    QCOMPARE(std::get<SetDurability>(shown.world.node->commands().front()).durability,
             Durability::log_and_fsync);
    shown.world.advance();
    QVERIFY(shown.find<QRadioButton>("log_and_fsync")->isChecked());
  }
  void a_refused_durability_goes_back_to_what_is_in_force() {
    Shown shown;
    QVERIFY(shown.opened);
    shown.world.node->fail_with(Status(StatusCode::failed, "the committer is stopping"));
    QTest::mouseClick(shown.find<QRadioButton>("none"), Qt::LeftButton);
    shown.world.advance();
    QVERIFY(shown.find<QRadioButton>("log")->isChecked());
  }
  void paths_are_counted_and_their_thresholds_named() {
    Shown shown;
    QVERIFY(shown.opened);
    QVERIFY(shown.text().contains("from 1,450 operations"));
    QVERIFY(shown.find<QLabel>("ingested_used")->text().contains("120 commits"));
    QVERIFY(shown.find<QLabel>("as_given_used")->text().contains("no commits"));
    QVERIFY(shown.find<QLabel>("path_choice")->text().contains("on this disk"));
  }
  void a_stall_is_named_with_its_cause_and_who_waits() {
    Shown shown;
    QVERIFY(shown.opened);
    QVERIFY(shown.find<QLabel>("flow")->text().contains("Commits keep up"));
    shown.world.node->hold_up({WriteStall::Level::stopped, "storage", StallCause::level0_files, 4},
                              3);
    shown.world.advance();
    const QString flow = shown.find<QLabel>("flow")->text();
    QVERIFY2(flow.contains("RocksDB has stopped writes because of level-0 files (storage)"),
             qPrintable(flow));
    QVERIFY2(flow.contains("3 callers wait for room in the order in which they came"),
             qPrintable(flow));
    QCOMPARE(shown.find<QProgressBar>("pending")->value(), 1'000);
    QVERIFY(shown.find<QProgressBar>("pending")->text().contains("128 MiB of 128 MiB"));
  }
  void a_failing_committer_is_named_and_can_be_told_to_retry() {
    Shown shown;
    QVERIFY(shown.opened);
    QVERIFY(!shown.find<QPushButton>("retry")->isVisible());
    shown.world.node->fail_commits("disk full: 0 B left on /srv");
    shown.world.advance();
    QVERIFY(shown.find<QPushButton>("retry")->isVisible());
    QVERIFY(shown.find<QLabel>("failure")->text().contains("disk full: 0 B left on /srv"));
    QVERIFY(shown.find<QLabel>("failure")->text().contains("Make room on the disk"));
    QTest::mouseClick(shown.find<QPushButton>("retry"), Qt::LeftButton);
    QVERIFY(std::holds_alternative<RetryCommit>(shown.world.node->commands().front()));
    shown.world.advance();
    QVERIFY(!shown.find<QPushButton>("retry")->isVisible());
  }
  void a_refused_command_leaves_the_reason_and_the_button() {
    Shown shown;
    QVERIFY(shown.opened);
    shown.world.node->fail_with(Status(StatusCode::failed, "the committer is stopping"));
    shown.choose_mode(BatchSizeMode::fixed);
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
