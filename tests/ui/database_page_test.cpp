// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "ui/pages/database_page.h"

#include <QAbstractItemModelTester>
#include <QApplication>
#include <QComboBox>
#include <QDir>
#include <QLabel>
#include <QLineEdit>
#include <QTabWidget>
#include <QtTest>
#include <cmath>

#include "tests/ui/fake_world.h"
#include "ui/bridge/text.h"
#include "ui/chart/chart_panel.h"
#include "ui/models/database_tables.h"
#include "ui/models/stored_kinds_table.h"
#include "ui/pages/data_table.h"
#include "ui/pages/stored_kinds_view.h"
#include "ui/shell/theme.h"

using namespace nodetune;

class DatabasePageTest : public QObject {
  Q_OBJECT
 private:
  struct Shown {
    explicit Shown(const FakeNode::Config& config = {}) : world(config) {
      opened = world.open();
      page = std::make_unique<DatabasePage>(*world.session, theme);
      page->resize(948, 600);
      page->show();
      tabs = page->findChild<QTabWidget*>();
    }
    DataTable* table(const char* name) const { return page->findChild<DataTable*>(name); }
    ChartPanel* chart(const QString& title) const {
      for (auto* panel : page->findChildren<ChartPanel*>()) {
        if (panel->title() == title) return panel;
      }
      return nullptr;
    }

    FakeWorld world;
    Theme theme{qApp};
    bool opened = false;
    std::unique_ptr<DatabasePage> page;
    QTabWidget* tabs = nullptr;
  };
  static QString cell(const DataTable* table, int row, int column) {
    return table->model()->index(row, column).data().toString();
  }
  static LevelFigures level(const char* family, int number, std::int64_t files, double written,
                            double amplification, double score) {
    LevelFigures row{.family = family, .level = number, .files = files, .bytes = files * 100};
    row.score = score;
    row.read_bytes = 0;
    row.write_bytes = written;
    row.write_amplification = amplification;
    return row;
  }

 private slots:
  void levels_of_all_families_add_up_and_keep_the_worst_score() {
    Snapshot snapshot;
    snapshot.levels = {level("a", 0, 2, 100, 1, 0.5), level("a", 1, 3, 300, 3, 0.9),
                       level("b", 0, 4, 100, 1, 1.5), level("b", 1, 5, 100, 1, 0.2)};
    const auto rows = level_rows(snapshot, {});
    QCOMPARE(rows.size(), std::size_t{3});
    QCOMPARE(rows[0].cells[1].text, QString("6"));
    QVERIFY(rows[0].cells[5].text.contains("1.50"));
    QCOMPARE(rows[0].cells[5].tone, Tone::warn);
    QCOMPARE(rows[1].cells[6].text, QString("2.00"));  // 400 written of 100 + 100 that came in
    QCOMPARE(rows[2].cells[1].text, QString("14"));
    QCOMPARE(rows[2].cells[6].text, QString("3.00"));  // 600 written of 200 flushed
    const auto only_b = level_rows(snapshot, "b");
    QCOMPARE(only_b[0].cells[1].text, QString("4"));
  }
  void targets_and_debts_add_up_unless_one_is_missing() {
    Snapshot snapshot;
    snapshot.levels = {level("a", 0, 2, 100, 1, 0.5), level("a", 1, 3, 300, 3, 0.9),
                       level("b", 1, 5, 100, 1, 0.2)};
    for (auto& row : snapshot.levels) row.debt_bytes = 1024;
    snapshot.levels[1].target_bytes = snapshot.levels[2].target_bytes = 2048;
    auto rows = level_rows(snapshot, {});
    QCOMPARE(rows[0].cells[3].text, QString("–"));
    QVERIFY2(rows[1].cells[3].text.startsWith("4"), qPrintable(rows[1].cells[3].text));
    QVERIFY2(rows[2].cells[4].text.startsWith("3"), qPrintable(rows[2].cells[4].text));
    snapshot.levels[2].target_bytes = kMissing;
    QCOMPARE(level_rows(snapshot, {})[1].cells[3].text, QString("–"));
    FamilyFigures family{.name = "a", .files = 3, .bytes = 300};
    family.role = "state trie nodes";
    family.index_bytes = family.filter_bytes = 512;
    snapshot.families = {family};
    const auto cells = family_rows(snapshot).front().cells;
    QCOMPARE(cells[1].text, QString("state trie nodes"));
    QVERIFY2(cells[5].text.startsWith("1"), qPrintable(cells[5].text));
  }
  void what_is_missing_is_a_dash_with_its_reason_and_never_zero() {
    Snapshot snapshot;
    LevelFigures row{.family = "a", .level = 1, .files = 3, .bytes = 300};
    snapshot.levels = {row};
    FamilyFigures family{.name = "a", .files = 3, .bytes = 300};
    snapshot.families = {family};
    const auto cells = level_rows(snapshot, {}).front().cells;
    for (const std::size_t column : {3U, 4U}) {
      QCOMPARE(cells[column].text, QString("–"));
      QVERIFY(cells[column].tip.contains("options"));
    }
    for (const std::size_t column : {5U, 6U, 7U, 8U}) {
      QCOMPARE(cells[column].text, QString("–"));
      QVERIFY(cells[column].tip.contains("Not known from outside"));
    }
    const auto of_family = family_rows(snapshot).front().cells;
    QCOMPARE(of_family[4].text, QString("–"));  // keys
    QVERIFY(of_family[5].tip.contains("SST file"));
    StallGains unknown;
    unknown.fill(kMissing);
    const auto stalls = stall_rows(snapshot, unknown);
    QCOMPARE(stalls.size(), std::size_t{6});
    for (const auto& stall : stalls) {
      QCOMPARE(stall.cells[1].text, QString("–"));
      QCOMPARE(stall.cells[2].text, QString("–"));
    }
  }
  void models_keep_qts_rules_while_rows_come_change_and_go() {
    CellModel model(level_columns());
    QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    Snapshot snapshot;
    model.set_rows(level_rows(snapshot, {}));
    snapshot.levels = {level("a", 0, 2, 100, 1, 0.5), level("a", 3, 3, 300, 3, 0.9)};
    model.set_rows(level_rows(snapshot, {}));
    QCOMPARE(model.rowCount(), 3);
    snapshot.levels.insert(snapshot.levels.begin() + 1, level("a", 1, 3, 300, 3, 0.9));
    QSignalSpy inserted(&model, &QAbstractItemModel::rowsInserted);
    QSignalSpy reset(&model, &QAbstractItemModel::modelReset);
    model.set_rows(level_rows(snapshot, {}));
    QCOMPARE(inserted.count(), 1);
    QCOMPARE(inserted.front()[1].toInt(), 1);
    snapshot.levels.pop_back();
    model.set_rows(level_rows(snapshot, {}));
    QCOMPARE(model.rowCount(), 3);
    QCOMPARE(reset.count(), 0);
  }
  void only_what_changed_is_announced() {
    CellModel model(level_columns());
    Snapshot snapshot;
    snapshot.levels = {level("a", 0, 2, 100, 1, 0.5), level("a", 1, 3, 300, 3, 0.9)};
    model.set_rows(level_rows(snapshot, {}));
    QSignalSpy changed(&model, &QAbstractItemModel::dataChanged);
    model.set_rows(level_rows(snapshot, {}));
    QCOMPARE(changed.count(), 0);
    snapshot.levels[1].score = 0.8;
    model.set_rows(level_rows(snapshot, {}));
    QCOMPARE(changed.count(), 1);
    QCOMPARE(changed.front()[0].toModelIndex(), model.index(1, 5));
    QCOMPARE(changed.front()[1].toModelIndex(), model.index(1, 5));
  }
  void columns_that_say_nothing_take_no_room_until_they_do() {
    CellModel model(family_columns());
    DataTable table("families");
    table.setModel(&model);
    table.set_even_columns();
    table.set_optional_columns({1, 6});
    Snapshot snapshot;
    snapshot.families.resize(1);
    snapshot.families.front().name = "a";
    const auto show = [&] {
      model.set_rows(family_rows(snapshot));
      table.fit_columns();
    };
    show();
    QVERIFY(table.isColumnHidden(1) && table.isColumnHidden(6));
    QVERIFY(!table.isColumnHidden(4));             // a dash where a figure is expected
    snapshot.families.front().memtable_bytes = 0;  // a known zero
    snapshot.families.front().role = "headers, bodies, receipts, transaction locations";
    show();
    QVERIFY(!table.isColumnHidden(1) && !table.isColumnHidden(6));
    QCOMPARE(model.index(0, 1).data().toString(), QString("headers, bodies,…"));
    QVERIFY(model.index(0, 1).data(Qt::ToolTipRole).toString().contains("locations"));
  }
  void choosing_a_family_shows_its_levels() {
    Shown shown;
    QVERIFY(shown.opened);
    shown.tabs->setCurrentIndex(1);
    auto* family = shown.page->findChild<QComboBox*>("family");
    QCOMPARE(family->count(), 1 + static_cast<int>(kFamilyCount));
    QCOMPARE(family->currentIndex(), 0);
    const QString all = cell(shown.table("levels"), 1, 2);
    family->setCurrentText("accounts");
    QVERIFY(cell(shown.table("levels"), 1, 2) != all);
    shown.world.advance();
    QCOMPARE(family->currentText(), QString("accounts"));
  }
  void families_stand_in_order_of_size() {
    Shown shown;
    QVERIFY(shown.opened);
    shown.tabs->setCurrentIndex(1);
    QCOMPARE(shown.table("families")->model()->rowCount(), static_cast<int>(kFamilyCount));
    QCOMPARE(cell(shown.table("families"), 0, 0), to_qt(to_string(Family::own)));  // the fake's
  }
  void a_high_window_does_not_pull_the_tables_cards_apart() {
    Shown shown;
    QVERIFY(shown.opened);
    shown.page->resize(1'700, 1'000);
    shown.tabs->setCurrentIndex(1);
    for (const char* name : {"levels", "families"}) {
      auto* table = shown.table(name);
      QTRY_VERIFY2(table->isVisible() && table->y() < 8 * kGrid,
                   qPrintable(QString("%1 begins at %2").arg(name).arg(table->y())));
    }
  }
  void what_is_stored_comes_by_kind_with_the_rest_last() {
    const std::vector<KindFigures> kinds = {{ObjectKind::header, true, 3, 100 * 1024, 42'000},
                                            {{}, true, 1, 200 * 1024},
                                            {{}, false, 2, 700 * 1024}};
    const KindGrowth grown{.bytes_per_day = -2'048, .window_seconds = 7'200};
    const auto rows = stored_kind_rows(kinds, {grown});
    QCOMPARE(rows.size(), std::size_t{3});
    QStringList first;
    for (const auto& one : rows[0].cells) first << one.text;
    QCOMPARE(first, (QStringList{"Headers", "100 KiB", "10.0 %", "3", "≈ 42 k", "−2 KiB"}));
    QVERIFY2(rows[0].cells[5].tip.contains("Derived from 2 h"), qPrintable(rows[0].cells[5].tip));
    QCOMPARE(rows[1].cells[0].text, QString("Other"));
    QCOMPARE(rows[2].cells[0].text, QString("Not told apart"));
    for (const int column : {4, 5}) {
      QCOMPARE(rows[2].cells[static_cast<std::size_t>(column)].text, QString("–"));
    }
    NodeDescription described;
    described.facts = {{std::string(kStoredNoteFact), "Receipts lie elsewhere", "known"}};
    const auto note = stored_kinds_note(described, kinds, {grown});
    QVERIFY2(note.contains("is not told apart. Receipts lie elsewhere. Growth a day"),
             qPrintable(note));
    QVERIFY(stored_kind_rows({}, {}).empty());
  }
  void what_is_stored_is_shown_where_it_is_known() {
    Shown shown;
    QVERIFY(shown.opened);
    shown.tabs->setCurrentIndex(1);
    auto* table = shown.table("stored");
    QTRY_VERIFY(table->isVisible());
    QCOMPARE(table->model()->rowCount(), static_cast<int>(kFamilyCount));
    QCOMPARE(cell(table, 0, 0), QString("Blocks"));
    QCOMPARE(cell(table, 7, 0), QString("Other"));
    auto* chart = shown.chart("What is stored, over time");
    QVERIFY(chart->isVisible());
    StoredKindsView view(*shown.world.session);
    view.set_snapshot(Snapshot());
    QVERIFY(view.isHidden());
  }
  void growth_is_known_after_ten_minutes() {
    Shown shown;
    QVERIFY(shown.opened);
    const auto known = [&] {
      const auto& node = *shown.world.node;
      return std::isfinite(stored_growth(node, node.snapshot()->kinds).front().bytes_per_day);
    };
    shown.world.node->advance(300);
    QVERIFY(!known());
    shown.world.node->advance(400);
    QVERIFY(known());
  }
  void options_are_found_by_any_part() {
    Shown shown;
    QVERIFY(shown.opened);
    shown.tabs->setCurrentIndex(2);
    auto* options = shown.table("options");
    QCOMPARE(options->model()->rowCount(), 2);
    auto* filter = shown.page->findChild<QLineEdit*>("filter");
    filter->setText("WRITE_BUF");
    QCOMPARE(options->model()->rowCount(), 1);
    QCOMPARE(cell(options, 0, 0), QString("write_buffer_size"));
    filter->setText("nothing like it");
    QCOMPARE(options->model()->rowCount(), 0);
  }
  void a_chart_whose_figures_nobody_gives_says_so() {
    FakeNode::Config config;
    config.way = OpenWay::observed;
    Shown shown(config);
    QVERIFY(shown.opened);
    for (const auto metric : {Metric::db_stall_seconds_total, Metric::db_memtable_bytes,
                              Metric::db_immutable_memtables}) {
      shown.world.node->lose(metric);
    }
    shown.world.advance(400);  // longer than the shown window
    QVERIFY(shown.chart("Stalled seconds")->accessibleDescription().contains("Not known"));
    QVERIFY(shown.chart("Memtables")->accessibleDescription().contains("Not known"));
    QVERIFY(!shown.chart("Flush and compaction")->accessibleDescription().contains("Not known"));
  }
  void copying_takes_the_selected_rows() {
    Shown shown;
    QVERIFY(shown.opened);
    shown.tabs->setCurrentIndex(2);
    auto* options = shown.table("options");
    options->selectRow(1);
    QCOMPARE(options->selected_text(),
             QString("write_buffer_size\t67108864\t–\tCFOptions \"default\""));
  }
  // With NODETUNE_PICTURES set to a folder the pictures are saved there, to be looked at.
  void every_tab_paints_data() {
    QTest::addColumn<int>("tab");
    QTest::addColumn<bool>("dark");
    for (int tab = 0; tab < 3; ++tab) {
      for (const bool dark : {false, true}) {
        QTest::addRow("database-tab%d-%s", tab, dark ? "dark" : "light") << tab << dark;
      }
    }
  }
  void every_tab_paints() {
    QFETCH(int, tab);
    QFETCH(bool, dark);
    FakeNode::Config config;
    config.past_seconds = 120;
    config.way = dark ? OpenWay::observed : OpenWay::managed;
    Shown shown(config);
    QVERIFY(shown.opened);
    shown.theme.set_mode(dark ? ThemeMode::dark : ThemeMode::light);
    shown.tabs->setCurrentIndex(tab);
    shown.world.advance();
    QTest::qWait(150);  // layouts settle, also on a busy machine
    const auto picture = shown.page->grab().toImage();
    QCOMPARE(picture.size(), QSize(948, 600));
    const QString folder = qEnvironmentVariable("NODETUNE_PICTURES");
    if (folder.isEmpty()) return;
    QVERIFY(picture.save(QDir(folder).filePath(QString(QTest::currentDataTag()) + ".png")));
  }
};

QTEST_MAIN(DatabasePageTest)
#include "database_page_test.moc"
