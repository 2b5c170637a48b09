// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "ui/pages/options_view.h"

#include <QApplication>
#include <QCheckBox>
#include <QClipboard>
#include <QLabel>
#include <QLineEdit>
#include <QToolButton>
#include <QtTest>

#include "engine/node/observed_options.h"
#include "tests/ui/fake_world.h"
#include "ui/models/option_tables.h"
#include "ui/pages/client_options_card.h"
#include "ui/pages/data_table.h"

using namespace nodetune;

namespace {

NodeDescription besu() {
  NodeDescription node;
  node.client = "Besu";
  node.defaults_of = "RocksDB 8.3.2";
  node.options = {{"DBOptions", "max_open_files", "1024", "-1"},
                  {"DBOptions", "paranoid_checks", "1", "true"},
                  {"DBOptions", "db_log_dir", "/var/log", ""},
                  {"DBOptions", "an_own_one", "1"}};
  node.option_changes = {{TimePoint(std::chrono::seconds(1'700'000'000)), "DBOptions",
                          "max_open_files", "512", "1024", "LOG"},
                         {{}, "CFOptions of 9 families", "ttl", "", "0", "OPTIONS-000011"}};
  node.client_options = {{"Open files", "1024", "--Xplugin-rocksdb-max-open-files=…", "", {}},
                         {"Compression", "lz4", "", "", Knob::compression}};
  return node;
}

}  // namespace

class OptionsViewTest : public QObject {
  Q_OBJECT

 private slots:
  void only_what_differs_stands_out() {
    const auto node = besu();
    const auto rows = option_rows(node);
    QCOMPARE(rows.size(), std::size_t{4});
    QVERIFY(!rows[0].cells[1].dim);
    QVERIFY(rows[1].cells[1].dim);  // "1" is "true"
    QCOMPARE(rows[2].cells[2].text, QString("empty"));
    QCOMPARE(rows[3].cells[2].text, QString("–"));
    QVERIFY(!rows[3].cells[2].tip.isEmpty());
    QCOMPARE(count_differing(node), 2);
  }

  void what_families_have_in_common_is_one_row() {
    NodeDescription node;
    for (const char* family : {"a", "b", "c"}) {
      const auto section = std::string("CFOptions \"") + family + "\"";
      node.options.push_back({section, "ttl", "0", "2592000"});
      node.options.push_back({section, "write_buffer_size", "67108864", "67108864"});
      node.options.push_back({section, "min_blob_size", family[0] == 'c' ? "9" : "100", "0"});
    }
    const auto rows = differing_option_rows(node);
    QCOMPARE(rows.size(), std::size_t{3});
    QCOMPARE(rows[0].cells[3].text, QString("CFOptions of all 3 families"));
    QCOMPARE(rows[1].cells[3].text, QString("CFOptions of 2 families"));
    QCOMPARE(rows[1].cells[3].tip, QString("a, b"));
    QCOMPARE(rows[2].cells[3].text, QString("CFOptions \"c\""));
    QCOMPARE(count_differing(node), 6);
  }

  void a_change_without_a_time_says_why() {
    const auto rows = option_change_rows(besu(), true);
    QCOMPARE(rows[0].cells[0].text, QString("2023-11-14 22:13:20"));
    QCOMPARE(rows[1].cells[0].text, QString("–"));
    QVERIFY(rows[1].cells[0].tip.contains("zone"));
    QCOMPARE(rows[1].cells[2].text, QString("–"));
  }

  void nothing_changed_says_in_how_many_opens() {
    NodeDescription node;
    QVERIFY(no_option_change(node).isEmpty());
    node.facts = {{std::string(kOpensFact), "7, the oldest at 2024-11-12 03:10:00 UTC", "LOG"}};
    QVERIFY(no_option_change(node).contains("7, the oldest"));
  }

  void a_line_is_copied_and_the_hard_coded_is_folded_away() {
    ClientOptionsCard card;
    card.set_description(besu());
    card.resize(800, 300);
    card.show();
    QCOMPARE(card.title(), QString("What you can set in Besu"));
    auto* settable = card.findChild<DataTable*>("settable");
    QCOMPARE(settable->model()->rowCount(), 1);
    auto* copy = qobject_cast<QToolButton*>(settable->indexWidget(settable->model()->index(0, 2)));
    QVERIFY(copy != nullptr);
    copy->click();
    QCOMPARE(QApplication::clipboard()->text(), QString("--Xplugin-rocksdb-max-open-files=…"));
    auto* folded = card.findChild<DataTable*>("hard-coded-table");
    QVERIFY(!folded->isVisible());
    auto* toggle = card.findChild<QToolButton*>("hard-coded");
    QCOMPARE(toggle->text(), QString("Hard-coded in Besu (1)"));
    toggle->click();
    QVERIFY(folded->isVisible());
    QCOMPARE(folded->model()->index(0, 1).data().toString(), QString("lz4"));
  }

  void a_client_that_is_not_known_has_no_card() {
    ClientOptionsCard card;
    card.set_description({});
    QVERIFY(card.isHidden());
  }

  void differing_options_come_first_and_all_on_demand() {
    FakeNode::Config config;
    config.way = OpenWay::observed;
    FakeWorld world(config);
    QVERIFY(world.open());
    OptionsView view(*world.session);
    view.resize(900, 900);
    view.show();
    view.refresh();
    auto* options = view.findChild<DataTable*>("options");
    auto* only = view.findChild<QCheckBox*>("only-differing");
    QVERIFY(only->text().contains("RocksDB 7.8.3"));
    QCOMPARE(options->model()->rowCount(), 1);
    QCOMPARE(options->model()->index(0, 0).data().toString(), QString("max_background_jobs"));
    only->setChecked(false);
    QCOMPARE(options->model()->rowCount(), 2);
    QVERIFY(view.findChild<DataTable*>("changes")->isVisible());
  }
};

QTEST_MAIN(OptionsViewTest)
#include "options_view_test.moc"
