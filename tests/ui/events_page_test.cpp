// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "ui/pages/events_page.h"

#include <QAbstractItemModelTester>
#include <QApplication>
#include <QCheckBox>
#include <QClipboard>
#include <QComboBox>
#include <QLineEdit>
#include <QScrollBar>
#include <QtTest>

#include "tests/ui/fake_world.h"
#include "ui/pages/data_table.h"
#include "ui/shell/theme.h"

using namespace nodetune;

class EventsPageTest : public QObject {
  Q_OBJECT
 private:
  struct Shown {
    Shown() {
      opened = world.open();
      page = std::make_unique<EventsPage>(*world.session, theme);
      page->resize(948, 400);
      page->show();
      table = page->findChild<DataTable*>("events");
    }
    FakeWorld world;
    Theme theme{qApp};
    bool opened = false;
    std::unique_ptr<EventsPage> page;
    DataTable* table = nullptr;
  };
  static NodeEvent event(std::uint64_t sequence, const char* text,
                         Severity severity = Severity::info,
                         EventCategory category = EventCategory::flush) {
    NodeEvent one;
    one.sequence = sequence;
    one.text = text;
    one.severity = severity;
    one.category = category;
    return one;
  }

 private slots:
  void the_model_keeps_qts_rules_and_its_bound() {
    EventModel model(3);
    QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    model.append({event(1, "a"), event(2, "b")});
    QSignalSpy inserted(&model, &QAbstractItemModel::rowsInserted);
    QSignalSpy removed(&model, &QAbstractItemModel::rowsRemoved);
    QSignalSpy reset(&model, &QAbstractItemModel::modelReset);
    model.append({event(3, "c"), event(4, "d")});
    QCOMPARE(model.rowCount(), 3);
    QCOMPARE(model.at(0).text, std::string("b"));
    QCOMPARE(inserted.count(), 1);
    QCOMPARE(removed.count(), 1);
    QCOMPARE(reset.count(), 0);
    model.append({event(5, "e"), event(6, "f"), event(7, "g"), event(8, "h")});
    QCOMPARE(model.rowCount(), 3);
    QCOMPARE(model.at(2).text, std::string("h"));
    model.clear();
    QCOMPARE(model.rowCount(), 0);
  }
  void severity_is_told_by_more_than_colour() {
    EventModel model;
    model.append({event(1, "a", Severity::warning), event(2, "b", Severity::error)});
    QCOMPARE(model.index(0, EventModel::kSeverity).data().toString(), QString("! warning"));
    QCOMPARE(model.index(1, EventModel::kSeverity).data().toString(), QString("✕ error"));
  }
  void filters_work_together() {
    EventModel model;
    EventFilter filter;
    filter.setSourceModel(&model);
    QAbstractItemModelTester tester(&filter,
                                    QAbstractItemModelTester::FailureReportingMode::QtTest);
    model.append({event(1, "Flushed 3 MiB"),
                  event(2, "Writes slowed", Severity::warning, EventCategory::stall),
                  event(3, "Writes stopped", Severity::error, EventCategory::stall)});
    filter.set_text("writes");
    QCOMPARE(filter.rowCount(), 2);
    filter.set_least_severity(Severity::error);
    QCOMPARE(filter.rowCount(), 1);
    filter.set_category(EventCategory::flush);
    QCOMPARE(filter.rowCount(), 0);
    filter.set_text({});
    filter.set_least_severity(Severity::info);
    QCOMPARE(filter.rowCount(), 1);
    model.append({event(4, "Flushed 5 MiB"), event(5, "x", Severity::info, EventCategory::node)});
    QCOMPARE(filter.rowCount(), 2);
  }
  void new_events_appear_and_the_end_stays_in_view() {
    Shown shown;
    QVERIFY(shown.opened);
    for (int i = 0; i < 100; ++i) {
      shown.world.node->emit_event(EventCategory::flush, Severity::info, "storage", "Flushed");
    }
    shown.world.advance();
    QVERIFY(shown.table->model()->rowCount() >= 100);
    auto* bar = shown.table->verticalScrollBar();
    QTRY_COMPARE(bar->value(), bar->maximum());
    shown.page->findChild<QCheckBox*>("follow")->setChecked(false);
    bar->setValue(0);
    shown.world.node->emit_event(EventCategory::flush, Severity::info, "storage", "Flushed");
    shown.world.advance();
    QTest::qWait(1);
    QCOMPARE(bar->value(), 0);
  }
  void scrolling_up_stops_following() {
    Shown shown;
    QVERIFY(shown.opened);
    for (int i = 0; i < 100; ++i) {
      shown.world.node->emit_event(EventCategory::flush, Severity::info, "storage", "Flushed");
    }
    shown.world.advance();
    QTest::qWait(1);
    shown.table->verticalScrollBar()->triggerAction(QAbstractSlider::SliderToMinimum);
    QVERIFY(!shown.page->findChild<QCheckBox*>("follow")->isChecked());
    shown.table->verticalScrollBar()->triggerAction(QAbstractSlider::SliderToMaximum);
    QVERIFY(shown.page->findChild<QCheckBox*>("follow")->isChecked());
  }
  void the_selection_is_copied() {
    Shown shown;
    QVERIFY(shown.opened);
    shown.world.node->emit_event(EventCategory::stall, Severity::warning, "storage", "Slowed");
    shown.world.advance();
    shown.page->findChild<QLineEdit*>("text")->setText("slowed");
    QCOMPARE(shown.table->model()->rowCount(), 1);
    shown.table->selectRow(0);
    QTest::keyClick(shown.table, Qt::Key_C, Qt::ControlModifier);
    const QString copied = QApplication::clipboard()->text();
    QVERIFY2(copied.contains("! warning\tstall\tstorage\tSlowed\tmeasured"), qPrintable(copied));
  }
  void a_hidden_page_catches_up_when_shown() {
    Shown shown;
    QVERIFY(shown.opened);
    shown.page->hide();
    const int before = shown.table->model()->rowCount();
    shown.world.node->emit_event(EventCategory::stall, Severity::warning, "storage", "Slowed");
    shown.world.advance();
    QCOMPARE(shown.table->model()->rowCount(), before);
    shown.page->show();
    QVERIFY(shown.table->model()->rowCount() > before);
  }
};

QTEST_MAIN(EventsPageTest)
#include "events_page_test.moc"
