// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "ui/pages/tuning_page.h"

#include <QAbstractItemModelTester>
#include <QApplication>
#include <QClipboard>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QTextBrowser>
#include <QtTest>

#include "tests/ui/fake_world.h"
#include "ui/models/recommendation_text.h"
#include "ui/models/tuning_tables.h"
#include "ui/pages/client_options_card.h"
#include "ui/pages/data_table.h"
#include "ui/pages/knob_panel.h"
#include "ui/pages/recommendation_panel.h"
#include "ui/pages/value_editor.h"

using namespace nodetune;

class TuningPageTest : public QObject {
  Q_OBJECT
 private:
  struct Shown {
    explicit Shown(OpenWay way = OpenWay::managed, bool knows_client = true)
        : world(config_of(way, knows_client)) {
      opened = world.open();
      page = std::make_unique<TuningPage>(*world.session, theme);
      page->resize(948, 900);
      page->show();
      QApplication::setActiveWindow(page.get());
    }
    static FakeNode::Config config_of(OpenWay way, bool knows_client) {
      FakeNode::Config config;
      config.way = way;
      config.knows_client = knows_client;
      return config;
    }
    template <typename Widget>
    Widget* find(const char* name) const {
      return page->findChild<Widget*>(name);
    }
    QString told() const { return find<QLabel>("told")->text(); }
    QString cell(const char* table, int row, int column) const {
      return find<DataTable>(table)->model()->index(row, column).data().toString();
    }
    std::size_t commands() const { return world.node->commands().size(); }

    FakeWorld world;
    Theme theme{qApp};
    bool opened = false;
    std::unique_ptr<TuningPage> page;
  };
  // As an observed node has it: `line` is what its client takes.
  static Recommendation foreign(std::uint64_t id, std::string line) {
    Recommendation item;
    item.id = id;
    item.proposal.rule = "write_buffer_stalls";
    item.proposal.target = Target::of(Knob::write_buffer_size);
    item.proposal.current = 64 * kMiB;
    item.proposal.proposed = 96 * kMiB;
    item.apply = line.empty() ? "Besu has no setting for it" : "In Besu set: " + line;
    item.line = std::move(line);
    item.notes = {"Memtables: up to 1.5 GiB now", "Free now: 2 GiB of 8 GiB"};
    return item;
  }
  static AuditEntry entry(std::uint64_t sequence, AuditKind kind, std::uint64_t change) {
    AuditEntry one;
    one.sequence = sequence;
    one.kind = kind;
    one.change = change;
    one.what = "write_buffer_size";
    one.from = "67108864";
    one.to = "100663296";
    return one;
  }

 private slots:
  void a_knob_set_by_hand_reaches_the_node_and_its_outcome_stands_in_its_row() {
    Shown shown;
    QVERIFY(shown.opened);
    QVERIFY(!shown.find<QPushButton>("apply")->isEnabled());
    shown.find<ValueEditor>("value")->set_text("96MiB");
    QVERIFY(shown.told().contains("Not applied yet"));
    QTest::mouseClick(shown.find<QPushButton>("apply"), Qt::LeftButton);
    QCOMPARE(shown.commands(), std::size_t{1});
    const auto set = std::get<SetKnob>(shown.world.node->commands().front());
    QCOMPARE(set.knob, Knob::write_buffer_size);
    QCOMPARE(set.value, 96 * kMiB);
    shown.world.advance();
    QVERIFY(shown.told().contains("in force"));
    QCOMPARE(shown.cell("knobs", 0, 1), QString("96 MiB"));
    QVERIFY(shown.cell("knobs", 0, 6).contains("in force"));
    QCOMPARE(shown.find<DataTable>("audit")->model()->rowCount(), 1);
  }
  void what_the_engine_refuses_is_refused_with_its_words_data() {
    QTest::addColumn<QString>("knob");
    QTest::addColumn<QString>("value");
    QTest::newRow("aborts") << "write_buffer_size"
                            << "0";
    QTest::newRow("no number") << "write_buffer_size"
                               << "many";
    QTest::newRow("hangs") << "max_write_buffer_number"
                           << "0";
    QTest::newRow("negative") << "max_background_jobs"
                              << "-1";
    QTest::newRow("too much memory") << "block_cache_size"
                                     << "400GiB";
    QTest::newRow("above") << "bloom_bits_per_key"
                           << "33";
  }
  void what_the_engine_refuses_is_refused_with_its_words() {
    QFETCH(QString, knob);
    QFETCH(QString, value);
    Shown shown;
    QVERIFY(shown.opened);
    const auto which = *knob_from(knob.toStdString());
    shown.page->findChild<KnobPanel*>()->choose(which);
    shown.find<ValueEditor>("value")->set_text(value);
    QVERIFY(!shown.find<QPushButton>("apply")->isEnabled());
    QVERIFY2(shown.told().startsWith("✕"), qPrintable(shown.told()));
    QVERIFY(shown.told().contains(knob));
    const int row = static_cast<int>(nodetune::index_of(which));
    QVERIFY(shown.cell("knobs", row, 6).startsWith("✕"));
    QCOMPARE(shown.commands(), std::size_t{0});
  }
  void a_failed_change_says_why_and_keeps_what_was_typed() {
    Shown shown;
    QVERIFY(shown.opened);
    shown.world.node->fail_with(Status(StatusCode::no_space, "the disk is full"));
    shown.find<ValueEditor>("value")->set_text("96MiB");
    QTest::mouseClick(shown.find<QPushButton>("apply"), Qt::LeftButton);
    shown.world.advance(2);
    QVERIFY2(shown.told().contains("the disk is full"), qPrintable(shown.told()));
    QCOMPARE(shown.find<ValueEditor>("value")->value().value(), 96 * kMiB);
    QVERIFY(shown.find<QPushButton>("apply")->isEnabled());
  }
  void compression_is_chosen_from_a_list() {
    Shown shown;
    QVERIFY(shown.opened);
    shown.page->findChild<KnobPanel*>()->choose(Knob::compression);
    shown.find<ValueEditor>("value")->set_text("zstd");
    QTest::mouseClick(shown.find<QPushButton>("apply"), Qt::LeftButton);
    const auto set = std::get<SetKnob>(shown.world.node->commands().front());
    QCOMPARE(set.value, static_cast<std::int64_t>(Compression::zstd));
  }
  void the_last_change_is_undone() {
    Shown shown;
    QVERIFY(shown.opened);
    QVERIFY(!shown.find<QPushButton>("undo")->isEnabled());
    shown.find<ValueEditor>("value")->set_text("96MiB");
    QTest::mouseClick(shown.find<QPushButton>("apply"), Qt::LeftButton);
    shown.world.advance();
    QVERIFY(shown.find<QPushButton>("undo")->isEnabled());
    QTest::mouseClick(shown.find<QPushButton>("undo"), Qt::LeftButton);
    QCOMPARE(std::get<UndoChange>(shown.world.node->commands().back()).change_id, 1u);
  }
  void the_keys_approve_and_reject() {
    Shown shown;
    QVERIFY(shown.opened);
    shown.find<DataTable>("recommendations")->setFocus();
    QTest::keyClick(shown.find<DataTable>("recommendations"), Qt::Key_A);
    QCOMPARE(shown.commands(), std::size_t{1});
    auto decided = std::get<DecideRecommendation>(shown.world.node->commands().back());
    QCOMPARE(decided.decision, DecideRecommendation::Decision::approve);
    QCOMPARE(decided.id, 1u);
    shown.world.advance();
    shown.find<DataTable>("recommendations")->selectRow(0);  // the one that still waits
    QTest::keyClick(shown.find<DataTable>("recommendations"), Qt::Key_R);
    QCOMPARE(shown.commands(), std::size_t{2});
    decided = std::get<DecideRecommendation>(shown.world.node->commands().back());
    QCOMPARE(decided.decision, DecideRecommendation::Decision::reject);
    QCOMPARE(decided.id, 2u);
  }
  void an_override_asks_for_the_value_and_refuses_a_bad_one() {
    Shown shown;
    QVERIFY(shown.opened);
    QTest::mouseClick(shown.find<QPushButton>("override"), Qt::LeftButton);
    QVERIFY(shown.find<QWidget>("override_row")->isVisible());
    shown.find<ValueEditor>("override_value")->set_text("1KiB");
    QVERIFY(!shown.find<QPushButton>("override_apply")->isEnabled());
    QVERIFY(shown.find<QLabel>("decision")->text().contains("not allowed"));
    shown.find<ValueEditor>("override_value")->set_text("80MiB");
    QTest::mouseClick(shown.find<QPushButton>("override_apply"), Qt::LeftButton);
    const auto decided = std::get<DecideRecommendation>(shown.world.node->commands().back());
    QCOMPARE(decided.decision, DecideRecommendation::Decision::override_value);
    QCOMPARE(decided.value, 80 * kMiB);
    shown.world.advance();
    QCOMPARE(shown.cell("knobs", 0, 1), QString("80 MiB"));
  }
  void evidence_and_risk_are_told() {
    Shown shown;
    QVERIFY(shown.opened);
    const QString detail = shown.find<QTextBrowser>("detail")->toPlainText();
    QVERIFY2(detail.contains("Stalled seconds: 8.20 s in 60 s, above 5 s"), qPrintable(detail));
    QVERIFY(detail.contains("768 MiB more memory"));
    QVERIFY(detail.contains("proposed by tuner"));
  }
  void tune_now_runs_the_rules() {
    Shown shown;
    QVERIFY(shown.opened);
    QTest::mouseClick(shown.find<QPushButton>("tune"), Qt::LeftButton);
    QVERIFY(std::holds_alternative<TuneNow>(shown.world.node->commands().back()));
  }
  void of_a_known_client_stands_there_what_can_be_set() {
    Shown shown(OpenWay::observed);
    QVERIFY(shown.opened);
    QVERIFY(!shown.page->findChild<KnobPanel*>()->isVisible());
    QVERIFY(shown.page->findChild<ClientOptionsCard*>()->isVisible());
    QCOMPARE(shown.find<DataTable>("settable")->model()->rowCount(), 2);
    QCOMPARE(shown.cell("settable", 0, 3), QString("--Xplugin-rocksdb-cache-capacity=…"));
    QVERIFY(!shown.find<DataTable>("hard-coded-table")->isVisible());
    Shown own;
    QVERIFY(own.opened);
    QVERIFY(own.page->findChild<KnobPanel*>()->isVisible());
    QVERIFY(!own.page->findChild<ClientOptionsCard*>()->isVisible());
  }
  void an_observed_node_is_only_looked_at() {
    Shown shown(OpenWay::observed, /*knows_client=*/false);
    QVERIFY(shown.opened);
    QVERIFY(shown.page->findChild<KnobPanel*>()->isVisible());
    QVERIFY(!shown.page->findChild<ClientOptionsCard*>()->isVisible());
    QCOMPARE(shown.cell("knobs", 0, 3), QString("–"));  // the default is the test bench's
    QVERIFY(!shown.find<ValueEditor>("value")->isVisible());
    QVERIFY(!shown.find<QPushButton>("apply")->isVisible());
    QVERIFY(!shown.find<QPushButton>("apply")->isEnabled());
    QVERIFY(!shown.find<QPushButton>("undo")->isVisible());
    QVERIFY(!shown.find<QPushButton>("approve")->isVisible());
    QVERIFY(!shown.find<QPushButton>("tune")->isVisible());
    QVERIFY(shown.told().contains("belongs to the running node"));
    QCOMPARE(shown.cell("knobs", 0, 6), QString("belongs to the running node"));
    QTest::keyClick(shown.page.get(), Qt::Key_A);
    QCOMPARE(shown.commands(), std::size_t{0});
  }
  void an_observed_recommendation_is_copied_and_followed_up() {
    Shown shown(OpenWay::observed);
    QVERIFY(shown.opened);
    shown.world.node->recommend(foreign(1, "--write-buffer=100663296"));
    shown.world.advance();
    auto* const copy = shown.find<QPushButton>("copy");
    QVERIFY(copy->isVisible() && copy->isEnabled());
    QCOMPARE(copy->text(), QString("&Copy and follow up"));
    QVERIFY(shown.find<QPushButton>("approve")->isEnabled());
    QVERIFY(!shown.find<QLabel>("restart")->isVisible());
    QVERIFY(shown.find<QTextBrowser>("detail")->toPlainText().contains("Free now: 2 GiB"));
    shown.find<DataTable>("recommendations")->setFocus();
    QTest::keyClick(shown.find<DataTable>("recommendations"), Qt::Key_C);
    QCOMPARE(QApplication::clipboard()->text(), QString("--write-buffer=100663296"));
    QCOMPARE(std::get<FollowRecommendation>(shown.world.node->commands().back()).id, 1u);
    shown.world.advance();
    const QString strip = shown.find<QLabel>("restart")->text();
    QVERIFY(shown.find<QLabel>("restart")->isVisible());
    QVERIFY2(strip.contains("Waiting for one restart") && strip.contains("1 change") &&
                 strip.contains("--write-buffer=100663296") && strip.contains("310 MiB of WAL"),
             qPrintable(strip));
    QCOMPARE(shown.cell("recommendations", 0, 1), QString("awaiting restart"));
    // Copied again it is only copied; what waits can be given up.
    QCOMPARE(copy->text(), QString("&Copy again"));
    QTest::mouseClick(copy, Qt::LeftButton);
    QCOMPARE(shown.commands(), std::size_t{1});
    QCOMPARE(shown.find<QPushButton>("reject")->text(), QString("&Give up"));
    QTest::mouseClick(shown.find<QPushButton>("reject"), Qt::LeftButton);
    QCOMPARE(std::get<DecideRecommendation>(shown.world.node->commands().back()).decision,
             DecideRecommendation::Decision::reject);
  }
  void what_a_client_cannot_set_offers_no_copy() {
    Shown shown(OpenWay::observed);
    QVERIFY(shown.opened);
    shown.world.node->recommend(foreign(1, ""));
    shown.world.advance();
    QVERIFY(!shown.find<QPushButton>("copy")->isVisible());
    QVERIFY(!shown.find<QLineEdit>("line")->isVisible());
    QVERIFY(shown.find<QTextBrowser>("detail")->toPlainText().contains("has no setting for it"));
    QTest::keyClick(shown.page.get(), Qt::Key_C);
    QCOMPARE(shown.commands(), std::size_t{0});
  }
  void the_steps_and_what_they_brought_are_told() {
    using Stage = FollowUp::Stage;
    auto item = foreign(1, "--write-buffer=100663296");
    const TimePoint time(std::chrono::seconds(1'700'000'000));
    item.state = RecommendationState::approved;
    item.follow_up = FollowUp{.stage = Stage::not_in_force,
                              .since = time,
                              .text = "opened with 64 MiB <not> with 96 MiB",
                              .steps = {{Stage::copied, time}, {Stage::not_in_force, time}},
                              .hints = {"another file"},
                              .comparison = {}};
    const auto look = text_look(QPalette(), /*utc=*/true);
    QTextBrowser detail;
    detail.setHtml(recommendation_html(item, look));
    const QString text = detail.toPlainText();
    QVERIFY2(text.contains("copied Nov 14 22:13 · awaiting restart · ! not in force Nov 14 22:13"),
             qPrintable(text));
    QVERIFY(text.contains("<not> with 96 MiB") && text.contains("another file"));
    QVERIFY(waiting_html({item}, "", look).isEmpty());
    QCOMPARE(recommendation_rows({item}, time).front().cells[1].text, QString("! not in force"));
    item.follow_up->stage = Stage::awaiting_restart;
    QVERIFY(waiting_html({item, item, item, item, item, item}, "", look).contains("6 changes"));
  }
  void the_audit_log_tells_a_change_once_and_newest_first() {
    CellModel model(audit_columns());
    QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    std::vector<AuditEntry> log = {entry(1, AuditKind::intent, 1)};
    model.set_rows(audit_rows(log, true));
    QCOMPARE(model.index(0, 5).data().toString(), QString("! not finished"));
    log.push_back(entry(2, AuditKind::done, 1));
    log.push_back(entry(3, AuditKind::intent, 3));
    log.push_back(entry(4, AuditKind::failed, 3));
    model.set_rows(audit_rows(log, true));
    QCOMPARE(model.rowCount(), 2);
    QCOMPARE(model.rows().front().key, QString("4"));
    QCOMPARE(model.index(0, 2).data().toString(), QString("Write buffer size"));
    QCOMPARE(model.index(0, 4).data().toString(), QString("96 MiB"));
    QCOMPARE(last_change(log)->change, 1u);
    QCOMPARE(undo_text(*last_change(log)), QString("Write buffer size: 96 MiB → 64 MiB"));
  }
  void what_waits_stands_first() {
    std::vector<Recommendation> items(3);
    for (std::size_t i = 0; i < items.size(); ++i) items[i].id = i + 1;
    items[0].state = RecommendationState::rejected;
    items[1].state = RecommendationState::proposed;
    items[2].state = RecommendationState::verified;
    const auto rows = recommendation_rows(items, TimePoint{});
    QCOMPARE(rows.front().key, QString("2"));
  }
};

QTEST_MAIN(TuningPageTest)
#include "tuning_page_test.moc"
