// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "ui/pages/caches_page.h"

#include <QAbstractItemModelTester>
#include <QCheckBox>
#include <QComboBox>
#include <QLabel>
#include <QPushButton>
#include <QScrollArea>
#include <QTableView>
#include <QtTest>

#include "tests/ui/fake_world.h"
#include "ui/chart/curve_panel.h"
#include "ui/models/cache_table_model.h"
#include "ui/pages/byte_spin_box.h"
#include "ui/shell/theme.h"

using namespace nodetune;

namespace {

// The page on an open node, as it stands in the window.
struct Shown {
  explicit Shown(const FakeNode::Config& config) : world(config), theme(qApp) {
    opened = world.open();
    page = std::make_unique<CachesPage>(*world.session, theme);
    page->resize(1'000, 600);
    page->show();
    page->activateWindow();
    opened = opened && QTest::qWaitForWindowActive(page.get());
  }
  ByteSpinBox* size(const char* kind) const {
    return page->findChild<ByteSpinBox*>(QStringLiteral("size_") + kind);
  }
  QPushButton* apply(const char* kind) const {
    return page->findChild<QPushButton*>(QStringLiteral("apply_") + kind);
  }
  FakeWorld world;
  Theme theme;
  bool opened = false;
  std::unique_ptr<CachesPage> page;
};

}  // namespace

class CachesPageTest : public QObject {
  Q_OBJECT
 private slots:
  void the_model_keeps_qts_rules() {
    CacheTableModel model;
    QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    FakeNode node({.past_seconds = 30});
    const auto end = node.time();
    const auto rows = [&] {
      return cache_rows(node.caches(), node.history(), end - std::chrono::seconds(60), end);
    };
    model.set_rows(rows());
    QCOMPARE(model.rowCount(), 8);  // seven and their sum
    QSignalSpy reset(&model, &QAbstractItemModel::modelReset);
    QSignalSpy changed(&model, &QAbstractItemModel::dataChanged);
    node.advance(1);
    model.set_rows(rows());
    QCOMPARE(reset.count(), 0);  // so that selection and editors stay
    QCOMPARE(changed.count(), 1);
    model.set_rows({});
    QCOMPARE(model.rowCount(), 0);
  }
  void figures_are_of_the_shown_time_and_add_up() {
    FakeNode node({.past_seconds = 120});
    const auto end = node.time() + std::chrono::seconds(1);
    const auto rows =
        cache_rows(node.caches(), node.history(), end - std::chrono::seconds(30), end);
    for (const auto& row : rows) {
      QCOMPARE(row.hits + row.misses, row.lookups);
      QVERIFY(row.lookups > 0);
      // Since it was opened is four times as long.
      QVERIFY(row.lookups < 0.5 * static_cast<double>(row.now.lookups()));
    }
  }
  void every_cache_has_its_curve_with_the_present_size_and_a_verdict() {
    Shown shown({.past_seconds = 120});
    QVERIFY(shown.opened);
    const auto* slots_panel = shown.page->findChild<CurvePanel*>("curve_storage");
    QVERIFY(slots_panel != nullptr);
    QTRY_VERIFY(!slots_panel->curve().points.empty());
    const auto states = shown.world.node->caches();
    const auto& state = states[nodetune::index_of(ObjectKind::storage)];
    QCOMPARE(slots_panel->curve().present_bytes, double(state.counters.capacity_bytes));
    QVERIFY(slots_panel->curve().verdict.contains("would raise hits"));
    QVERIFY(slots_panel->curve().verdict.contains("S3-FIFO"));
    QVERIFY(slots_panel->curve().measured_ratio > 0 && slots_panel->curve().measured_ratio < 1);
    const auto* headers = shown.page->findChild<CurvePanel*>("curve_header");
    QVERIFY(headers->curve().points.empty());
    QVERIFY(headers->curve().verdict.contains("no curve"));
  }
  void the_arbiter_is_set_by_hand() {
    Shown shown({.past_seconds = 30});
    QVERIFY(shown.opened);
    auto* mode = shown.page->findChild<QComboBox*>("arbiter_mode");
    auto* budget = shown.page->findChild<ByteSpinBox*>("arbiter_budget");
    auto* acts = shown.page->findChild<QCheckBox*>("arbiter_acts");
    auto* apply = shown.page->findChild<QPushButton*>("arbiter_apply");
    QCOMPARE(mode->currentData().toInt(), int(ArbiterMode::curves));  // as the node says
    QVERIFY(!apply->isEnabled());
    acts->setChecked(true);
    budget->set_bytes(1 << 30);
    QVERIFY(apply->isEnabled());
    shown.world.advance();  // what is being edited stays
    QVERIFY(acts->isChecked());
    apply->click();
    QTRY_VERIFY(!shown.world.node->commands().empty());
    const auto commands = shown.world.node->commands();
    const auto* set = std::get_if<SetArbiter>(&commands.back());
    QVERIFY(set != nullptr);
    QCOMPARE(set->mode, ArbiterMode::curves);
    QCOMPARE(set->budget_bytes, std::uint64_t(1) << 30);
    QVERIFY(set->acts);
    shown.world.advance();
    QVERIFY(!apply->isEnabled());
    mode->setCurrentIndex(mode->findData(int(ArbiterMode::off)));
    QVERIFY(!budget->isEnabled() && !acts->isEnabled());
  }
  void without_history_counts_are_missing_not_zero() {
    FakeNode node;  // one snapshot: nothing to compare with
    const auto end = node.time();
    const auto rows = cache_rows(node.caches(), node.history(), end - std::chrono::hours(1), end);
    CacheTableModel model;
    model.set_rows(rows);
    QCOMPARE(model.index(0, CacheTableModel::hits).data().toString(), QString("–"));
    QCOMPARE(model.index(0, CacheTableModel::hit_ratio).data().toString(), QString("–"));
  }
  void hints_are_told_where_blocks_run_with_them() {
    Shown shown({.past_seconds = 30});
    QVERIFY(shown.opened);
    auto* text = shown.page->findChild<QLabel*>("hints");
    QVERIFY(text->isHidden());
    HintFigures hints;
    hints.blocks = 40;
    hints.held_bytes = 3 * kMiB;
    hints.kinds[0] = {.hinted = 2'000, .first_touches = 1'600, .served_from_memory = 1'599};
    shown.world.node->set_hints(hints);
    shown.world.advance();
    QVERIFY(!text->isHidden());
    QCOMPARE(text->text(),
             QString("Access hints, since open: 1,599 of 1,600 first touches came from memory "
                     "(99.9 %), in 40 blocks; 3 MiB are held for the blocks under way."));
  }
  void a_capacity_is_applied_by_keyboard() {
    Shown shown({.past_seconds = 60});
    QVERIFY(shown.opened);
    QVERIFY(!shown.apply("account")->isEnabled());
    auto* size = shown.size("account");
    size->setFocus();
    size->selectAll();
    QTest::keyClicks(size, "96M");
    QTest::keyClick(size, Qt::Key_Tab);
    QVERIFY(shown.apply("account")->hasFocus());
    QTest::keyClick(QApplication::focusWidget(), Qt::Key_Space);
    const auto commands = shown.world.node->commands();
    QCOMPARE(commands.size(), std::size_t{1});
    const auto resize = std::get<ResizeCache>(commands.front());
    QCOMPARE(resize.kind, ObjectKind::account);
    QCOMPARE(resize.capacity_bytes, 96 * kMiB);
    // Until the outcome is there it cannot be sent twice.
    QVERIFY(!shown.apply("account")->isEnabled());
    shown.world.advance();
    QVERIFY(!shown.apply("account")->isEnabled());
    QCOMPARE(size->bytes(), qint64{96 * kMiB});
    const auto* table = shown.page->findChild<QTableView*>();
    const int row = static_cast<int>(index_of(ObjectKind::account));
    QCOMPARE(table->model()->index(row, CacheTableModel::capacity).data().toString(),
             QString("96 MiB"));
  }
  void return_applies_as_well() {
    Shown shown({.past_seconds = 10});
    QVERIFY(shown.opened);
    auto* size = shown.size("header");
    size->setFocus();
    size->selectAll();
    QTest::keyClicks(size, "12 MiB");
    QTest::keyClick(size, Qt::Key_Return);
    const auto commands = shown.world.node->commands();
    QCOMPARE(commands.size(), std::size_t{1});
    QCOMPARE(std::get<ResizeCache>(commands.front()).capacity_bytes, 12 * kMiB);
  }
  void a_refused_capacity_can_be_tried_again() {
    Shown shown({.past_seconds = 10});
    QVERIFY(shown.opened);
    shown.world.node->fail_with(Status(StatusCode::invalid_argument, "Too much."));
    shown.size("block")->set_bytes(900 * kGiB);
    QTest::keyClick(shown.apply("block"), Qt::Key_Space);
    QVERIFY(!shown.apply("block")->isEnabled());
    shown.world.session->run_frame();
    QVERIFY(shown.apply("block")->isEnabled());
    QCOMPARE(shown.size("block")->bytes(), qint64{900 * kGiB});  // nothing typed is lost
  }
  void what_is_being_typed_is_not_overwritten() {
    Shown shown({.past_seconds = 10});
    QVERIFY(shown.opened);
    shown.size("receipt")->set_bytes(48 * kMiB);
    shown.world.advance(5);
    QCOMPARE(shown.size("receipt")->bytes(), qint64{48 * kMiB});
  }
  void the_rule_is_asked_by_a_button() {
    Shown shown({.past_seconds = 10});
    QVERIFY(shown.opened);
    QPushButton* optimise = nullptr;
    for (auto* button : shown.page->findChildren<QPushButton*>()) {
      if (button->text().contains("ptimise")) optimise = button;
    }
    QVERIFY(optimise != nullptr);
    optimise->click();
    QVERIFY(std::holds_alternative<OptimizeCaches>(shown.world.node->commands().front()));
    QVERIFY(!optimise->isEnabled());
    shown.world.session->run_frame();
    QVERIFY(optimise->isEnabled());
  }
  void an_observed_node_says_why_there_is_nothing() {
    Shown shown({.way = OpenWay::observed, .past_seconds = 10});
    QVERIFY(shown.opened);
    bool said = false;
    for (const auto* label : shown.page->findChildren<QLabel*>()) {
      said |= label->isVisible() && label->text().contains("observed");
    }
    QVERIFY(said);
    QVERIFY(!shown.page->findChild<QTableView*>()->isVisible());
  }
  void a_hidden_page_does_nothing() {
    Shown shown({.past_seconds = 10});
    QVERIFY(shown.opened);
    shown.page->hide();
    auto* model = shown.page->findChild<QTableView*>()->model();
    QSignalSpy changed(model, &QAbstractItemModel::dataChanged);
    shown.world.advance(3);
    QCOMPARE(changed.count(), 0);
    shown.page->show();
    QCOMPARE(changed.count(), 1);
  }
  void sizes_are_read_with_any_unit() {
    ByteSpinBox box;
    box.set_bytes(322'122'547);  // shown rounded
    QCOMPARE(box.text(), QString("307 MiB"));
    box.interpretText();
    QCOMPARE(box.bytes(), qint64{322'122'547});
    box.selectAll();
    QTest::keyClicks(&box, "1.5 GiB");
    QTest::keyClick(&box, Qt::Key_Return);
    QCOMPARE(box.bytes(), qint64{1536} * kMiB);
    box.selectAll();
    QTest::keyClicks(&box, "many");
    QTest::keyClick(&box, Qt::Key_Return);
    QCOMPARE(box.bytes(), qint64{1536} * kMiB);
    box.stepUp();
    QCOMPARE(box.bytes(), qint64{1920} * kMiB);
  }
};

QTEST_MAIN(CachesPageTest)
#include "caches_page_test.moc"
