// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
//
// A directory with several databases in the window: all together, or one that is chosen.
#include <QComboBox>
#include <QLabel>
#include <QListWidget>
#include <QTabWidget>
#include <QtTest>

#include "tests/ui/fake_world.h"
#include "ui/pages/page.h"
#include "ui/shell/node_header.h"
#include "ui/shell/node_view.h"
#include "ui/shell/theme.h"

using namespace nodetune;

namespace {

FakeNode::Config several() {
  FakeNode::Config config;
  config.way = OpenWay::observed;
  config.path = "/srv/nethermind";
  config.past_seconds = 60;
  config.databases = {"blocks", "headers", "state"};
  return config;
}

}  // namespace

class DatabasesTest : public QObject {
  Q_OBJECT
 private slots:
  void all_are_shown_first_and_one_when_it_is_chosen() {
    FakeWorld world(several());
    QVERIFY(world.open());
    auto& session = *world.session;
    QCOMPARE(session.databases().size(), std::size_t{3});
    QVERIFY(!session.database());
    QCOMPARE(session.description().path, std::string("/srv/nethermind"));
    world.node->database(2).emit_event(EventCategory::stall, Severity::warning, "", "of state");
    world.node->emit_event(EventCategory::stall, Severity::warning, "", "of all");
    session.run_frame();
    QCOMPARE(session.events().back().text, std::string("of all"));

    QSignalSpy changed(&session, &NodeSession::database_changed);
    session.choose_database(2);
    session.choose_database(2);
    QCOMPARE(changed.count(), 1);
    QCOMPARE(session.description().path, std::string("/srv/nethermind/state"));
    QCOMPARE(session.node(), static_cast<const Node*>(&world.node->database(2)));
    QCOMPARE(session.history(), &world.node->database(2).history());
    QCOMPARE(session.snapshot(), world.node->database(2).snapshot());
    QCOMPARE(session.events().back().text, std::string("of state"));
    QCOMPARE(session.markers().back().text, QString("of state"));
    QCOMPARE(session.share_node().get(), session.node());

    session.choose_database(7);  // there is none
    QCOMPARE(session.database(), std::optional<std::size_t>(2));
    session.choose_database(std::nullopt);
    QCOMPARE(session.description().path, std::string("/srv/nethermind"));
    QCOMPARE(session.events().back().text, std::string("of all"));
  }

  void an_answer_comes_once_whatever_is_shown_meanwhile() {
    FakeWorld world(several());
    QVERIFY(world.open());
    auto& session = *world.session;
    session.choose_database(0);
    QSignalSpy finished(&session, &NodeSession::command_finished);
    QVERIFY(session.submit(TuneNow{}));
    QCOMPARE(world.node->database(0).commands().size(), std::size_t{1});
    session.choose_database(1);
    QCOMPARE(finished.count(), 1);
    session.choose_database(0);
    session.run_frame();
    QCOMPARE(finished.count(), 1);
  }

  void closing_while_one_is_chosen_closes_the_whole_node() {
    FakeWorld world(several());
    world.node->set_close_status(Status(StatusCode::no_space, "not saved"));
    QVERIFY(world.open());
    world.session->choose_database(1);
    QSignalSpy closed(world.session.get(), &NodeSession::closed);
    world.session->close();
    QVERIFY(world.session->node() == nullptr && world.session->databases().empty());
    QVERIFY(closed.wait());
    QCOMPARE(closed.front().front().value<Status>().message(), std::string("not saved"));
  }

  void the_header_has_a_selector_only_where_there_are_several() {
    Theme theme(qApp);
    FakeWorld one;
    QVERIFY(one.open());
    NodeView single(*one.session, theme);
    QVERIFY(single.findChild<QComboBox*>("databases")->isHidden());
    FakeWorld world(several());
    QVERIFY(world.open());
    NodeView view(*world.session, theme);
    auto* selector = view.findChild<QComboBox*>("databases");
    QVERIFY(!selector->isHidden());
    QVERIFY(!selector->accessibleName().isEmpty());
    QCOMPARE(selector->count(), 4);
    QCOMPARE(selector->itemText(0), QString("All databases (3)"));
    QCOMPARE(selector->currentIndex(), 0);
  }

  void the_keyboard_chooses_a_database_and_the_page_stays() {
    Theme theme(qApp);
    FakeWorld world(several());
    QVERIFY(world.open());
    NodeView view(*world.session, theme);
    view.resize(1100, 700);
    view.show();
    QVERIFY(QTest::qWaitForWindowExposed(&view));
    QVERIFY(view.show_page("database/levels"));
    auto* selector = view.findChild<QComboBox*>("databases");
    selector->setFocus();
    QTest::keyClick(selector, Qt::Key_Down);
    QTest::keyClick(selector, Qt::Key_Down);
    QCOMPARE(world.session->database(), std::optional<std::size_t>(1));
    QCOMPARE(view.page_name(), QString("database"));
    QCOMPARE(view.pages().size(), static_cast<std::size_t>(view.findChildren<Page*>().size()));
    auto* page = view.findChild<QWidget*>("database");
    QVERIFY(page->isVisible());
    QCOMPARE(page->findChild<QTabWidget*>()->currentIndex(), 1);
    QVERIFY(selector->hasFocus());
    QTest::keyClick(selector, Qt::Key_Home);
    QVERIFY(!world.session->database());
    for (int i = 0; i < 20; ++i) {
      world.session->choose_database(static_cast<std::size_t>(i) % 3);
      world.advance();
    }
    QCOMPARE(selector->currentText(), QString("headers"));
  }
};

QTEST_MAIN(DatabasesTest)
#include "databases_test.moc"
