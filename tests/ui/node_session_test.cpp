// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "ui/bridge/node_session.h"

#include <QSignalSpy>
#include <QtTest>
#include <thread>

#include "tests/ui/fake_world.h"

using namespace nodetune;

class NodeSessionTest : public QObject {
  Q_OBJECT
 private slots:
  void opening_happens_on_another_thread() {
    NodeSession session;
    std::atomic<bool> elsewhere{false};
    const auto gui = std::this_thread::get_id();
    QSignalSpy opened(&session, &NodeSession::opened);
    session.open("test", [&](JobControl&) -> Result<std::unique_ptr<Node>> {
      elsewhere = std::this_thread::get_id() != gui;
      return std::unique_ptr<Node>(std::make_unique<FakeNode>());
    });
    QCOMPARE(session.state(), NodeSession::State::opening);
    QVERIFY(opened.wait());
    QVERIFY(elsewhere);
    QCOMPARE(session.state(), NodeSession::State::open);
    QVERIFY(session.node() != nullptr);
  }
  void a_failed_opening_says_why_and_leaves_it_idle() {
    NodeSession session;
    QSignalSpy failed(&session, &NodeSession::open_failed);
    session.open("test", [](JobControl&) -> Result<std::unique_ptr<Node>> {
      return Status(StatusCode::locked, "/x is in use by besu (pid 4711)");
    });
    QVERIFY(failed.wait());
    QCOMPARE(failed.front().front().toString(), QString("/x is in use by besu (pid 4711)"));
    QCOMPARE(session.state(), NodeSession::State::idle);
  }
  void a_cancelled_opening_is_idle_at_once_and_never_opens() {
    NodeSession session;
    std::atomic<bool> may_end{false};
    QSignalSpy opened(&session, &NodeSession::opened);
    session.open("test", [&](JobControl&) -> Result<std::unique_ptr<Node>> {
      while (!may_end) std::this_thread::yield();
      return std::unique_ptr<Node>(std::make_unique<FakeNode>());
    });
    session.cancel_opening();
    QCOMPARE(session.state(), NodeSession::State::idle);
    may_end = true;
    QTRY_VERIFY(session.findChildren<Job*>().isEmpty());
    QCOMPARE(opened.count(), 0);
  }
  void closing_reports_what_could_not_be_saved() {
    FakeWorld world;
    world.node->set_close_status(Status(StatusCode::no_space, "Blocks 7 to 9 were not saved."));
    QVERIFY(world.open());
    QSignalSpy about(world.session.get(), &NodeSession::about_to_close);
    QSignalSpy closed(world.session.get(), &NodeSession::closed);
    world.session->close();
    QCOMPARE(about.count(), 1);
    QVERIFY(world.session->node() == nullptr);
    QVERIFY(closed.wait());
    const auto status = closed.front().front().value<Status>();
    QCOMPARE(status.message(), std::string("Blocks 7 to 9 were not saved."));
    QCOMPARE(world.session->state(), NodeSession::State::idle);
  }
  void a_snapshot_is_told_once() {
    FakeWorld world;
    QVERIFY(world.open());
    QSignalSpy spy(world.session.get(), &NodeSession::snapshot_changed);
    world.session->run_frame();
    QCOMPARE(spy.count(), 0);
    world.advance(3);
    world.session->run_frame();
    QCOMPARE(spy.count(), 1);
    QCOMPARE(world.session->snapshot()->taken_at, world.node->time());
  }
  void events_arrive_once_and_in_order() {
    FakeWorld world;
    QVERIFY(world.open());
    const auto before = world.session->events().size();
    world.node->emit_event(EventCategory::stall, Severity::warning, "a", "one");
    world.node->emit_event(EventCategory::flush, Severity::info, "a", "two");
    world.session->run_frame();
    world.session->run_frame();
    const auto& events = world.session->events();
    QCOMPARE(events.size(), before + 2);
    QCOMPARE(events.back().text, std::string("two"));
    QCOMPARE(world.session->markers().size(), std::size_t{1});  // a flush explains nothing
    QCOMPARE(world.session->markers().front().text, QString("one"));
  }
  void a_command_reaches_the_node_and_its_outcome_comes_back() {
    FakeWorld world;
    QVERIFY(world.open());
    QSignalSpy finished(world.session.get(), &NodeSession::command_finished);
    const auto ticket = world.session->submit(ResizeCache{ObjectKind::account, 96 * kMiB});
    QVERIFY(ticket.has_value());
    QCOMPARE(finished.count(), 0);
    world.session->run_frame();
    QCOMPARE(finished.count(), 1);
    QCOMPARE(finished.front().front().value<CommandOutcome>().ticket, *ticket);
    QCOMPARE(std::get<ResizeCache>(world.node->commands().front()).capacity_bytes, 96 * kMiB);
  }
  void a_refused_command_finishes_with_the_reason() {
    FakeWorld world;
    QVERIFY(world.open());
    world.node->refuse_with(Status(StatusCode::busy, "The queue is full; try again."));
    QSignalSpy finished(world.session.get(), &NodeSession::command_finished);
    QVERIFY(!world.session->submit(TuneNow{}).has_value());
    QVERIFY(finished.wait());
    const auto outcome = finished.front().front().value<CommandOutcome>();
    QCOMPARE(outcome.status.code(), StatusCode::busy);
    QCOMPARE(outcome.text, std::string("The queue is full; try again."));
  }
  void while_paused_the_picture_stands_and_data_go_on() {
    FakeWorld world;
    QVERIFY(world.open());
    const auto begin = world.session->now();
    world.session->set_paused(true);
    world.advance(10);
    QCOMPARE(world.session->shown_now(), begin);
    QCOMPARE(world.session->snapshot()->taken_at, begin + std::chrono::seconds(10));
    world.session->set_paused(false);
    QCOMPARE(world.session->shown_now(), begin + std::chrono::seconds(10));
  }
};

QTEST_GUILESS_MAIN(NodeSessionTest)
#include "node_session_test.moc"
