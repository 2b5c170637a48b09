// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "ui/pages/memory_page.h"

#include <QLabel>
#include <QtTest>
#include <memory>

#include "tests/ui/fake_world.h"
#include "ui/chart/share_bar.h"
#include "ui/models/memory_tables.h"
#include "ui/pages/data_table.h"
#include "ui/shell/theme.h"

using namespace nodetune;

class MemoryPageTest : public QObject {
  Q_OBJECT
 private slots:
  void the_verdict_stands_on_top_and_tells_where_tables_lie() {
    Shown shown;
    QVERIFY(shown.opened);
    const QString verdict = shown.text("verdict");
    QVERIFY2(verdict.startsWith("Fits: RocksDB may take up to 2.39 GiB"), qPrintable(verdict));
    QVERIFY2(verdict.contains("the program holds 3.62 GiB beside it; 1.99 GiB of 8 GiB"),
             qPrintable(verdict));
    QVERIFY2(shown.text("tables").contains("cache_index_and_filter_blocks is false"),
             qPrintable(shown.text("tables")));
  }
  void every_part_has_a_row_and_what_is_not_known_a_dash() {
    Shown shown;
    const auto* model = shown.table()->model();
    QCOMPARE(model->rowCount(), static_cast<int>(fake_memory_parts().size()));
    QCOMPARE(model->index(0, 0).data().toString(), QString("RocksDB block cache"));
    QCOMPARE(model->index(0, 1).data().toString(), QString("712 MiB"));
    QCOMPARE(model->index(0, 2).data().toString(), QString("1 GiB"));
    QCOMPARE(model->index(1, 0).data().toString().trimmed(), QString("Data blocks in the cache"));
    QCOMPARE(model->index(2, 1).data().toString(), QString("–"));  // memtables now
  }
  void what_the_process_holds_is_shared_out() {
    Shown shown;
    auto* shares = shown.page->findChild<ShareBar*>("shares");
    QVERIFY(shares->isVisible());
    const auto extents = shares->extents();
    QCOMPARE(extents.size(), std::size_t{5});  // cache, index, filter, rest, files
    const double covered = extents.back().left + extents.back().width;
    QVERIFY2(qAbs(covered - 4910.0 / 8192) < 0.001, "of the limit");
  }
  void the_age_of_a_figure_is_shown() {
    auto parts = fake_memory_parts();
    const TimePoint now(std::chrono::seconds(1'700'000'000));
    parts.front().as_of = now - std::chrono::seconds(42);
    const auto rows = memory_rows(parts, {now});
    QCOMPARE(rows.front().cells.back().text, QString("42 s"));
    QCOMPARE(rows[1].cells.back().text, QString("now"));
    QVERIFY(rows[2].cells.back().text.isEmpty());  // there is no figure
    const auto recorded = memory_rows(parts, {now, /*is_end=*/true});
    QCOMPARE(recorded.front().cells.back().text, QString("42 s"));
    QCOMPARE(recorded[1].cells.back().text, QString("at the end"));
  }

 private:
  struct Shown {
    Shown() : world(config()), opened(world.open()) {
      page = std::make_unique<MemoryPage>(*world.session, theme);
      page->resize(1100, 700);
      page->show();
      world.session->run_frame();
    }
    static FakeNode::Config config() {
      FakeNode::Config config;
      config.way = OpenWay::observed;
      config.past_seconds = 60;
      return config;
    }
    QString text(const char* name) const { return page->findChild<QLabel*>(name)->text(); }
    DataTable* table() const { return page->findChild<DataTable*>("parts"); }

    Theme theme{qApp};
    FakeWorld world;
    bool opened;
    std::unique_ptr<MemoryPage> page;
  };
};

QTEST_MAIN(MemoryPageTest)
#include "memory_page_test.moc"
