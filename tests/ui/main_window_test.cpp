// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "ui/shell/main_window.h"

#include <QAction>
#include <QCheckBox>
#include <QDialogButtonBox>
#include <QDropEvent>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QMenu>
#include <QMenuBar>
#include <QMimeData>
#include <QPushButton>
#include <QTabWidget>
#include <QTemporaryDir>
#include <QtTest>
#include <algorithm>
#include <atomic>
#include <thread>

#include "engine/node/workload_spec.h"
#include "tests/engine/observe/tiny_server.h"
#include "tests/ui/fake_node.h"
#include "ui/pages/start_page.h"
#include "ui/shell/elided_label.h"
#include "ui/shell/metrics_dialog.h"
#include "ui/shell/new_bench_dialog.h"
#include "ui/shell/node_header.h"
#include "ui/shell/node_view.h"

using namespace nodetune;

namespace {

// A node whose commits fail.
class StuckNode final : public Node {
 public:
  explicit StuckNode(FakeNode::Config config) : node_(std::move(config)) {}
  NodeDescription description() const override { return node_.description(); }
  std::shared_ptr<const Snapshot> snapshot() const override { return node_.snapshot(); }
  const History& history() const override { return node_.history(); }
  std::vector<NodeEvent> events(std::uint64_t since, std::size_t limit) const override {
    return node_.events(since, limit);
  }
  std::vector<KnobState> knobs() const override { return node_.knobs(); }
  std::vector<Recommendation> recommendations() const override { return node_.recommendations(); }
  std::vector<AuditEntry> audit() const override { return node_.audit(); }
  std::vector<CacheState> caches() const override { return node_.caches(); }
  std::optional<MemoryState> memory() const override { return node_.memory(); }
  WorkloadStatus workload() const override { return node_.workload(); }
  BatchStatus batches() const override {
    auto status = node_.batches();
    status.failing = true;
    status.failure = "Block 7: the disk is full.";
    return status;
  }
  Result<Ticket> submit(Command command) override { return node_.submit(std::move(command)); }
  std::vector<CommandOutcome> outcomes(Ticket since) const override {
    return node_.outcomes(since);
  }
  Status close() override { return {StatusCode::no_space, "Block 7 was not saved."}; }

 private:
  FakeNode node_;
};

// The window with settings of its own; every directory opens as a fake node.
struct Desk {
  Desk() : settings(folder.filePath("settings.ini")), theme(qApp) {
    MainWindow::Config config;
    config.opener = [this](const OpenRequest& request,
                           JobControl&) -> Result<std::unique_ptr<Node>> {
      ++opens;
      metrics_url = request.options.metrics_url;
      while (hold) std::this_thread::yield();
      if (request.path.contains("locked")) {
        return Status(StatusCode::locked, request.path.toStdString() + " is in use by besu");
      }
      FakeNode::Config node;
      node.path = request.path.toStdString();
      node.past_seconds = 5;
      if (request.path.contains("foreign")) node.way = OpenWay::observed;
      if (request.path.contains("stuck")) return std::unique_ptr<Node>(new StuckNode(node));
      auto made = std::make_unique<FakeNode>(node);
      last = made.get();
      return std::unique_ptr<Node>(std::move(made));
    };
    config.session.frame_ms = 10;
    window = std::make_unique<MainWindow>(config, settings, theme);
    window->show();
  }
  bool open(const QString& path) {
    window->open({path, {}});
    return QTest::qWaitFor([this] { return window->node_view() != nullptr; });
  }
  QPushButton* choice(const QString& label) const {
    for (auto* button : window->messages().findChildren<QPushButton*>()) {
      if (button->isVisible() && button->text() == label) return button;
    }
    return nullptr;
  }

  QTemporaryDir folder;
  Settings settings;
  Theme theme;
  std::atomic<int> opens{0};
  std::atomic<bool> hold{false};
  std::atomic<FakeNode*> last{nullptr};
  std::string metrics_url;  // of the last that was opened; read it when it is open
  std::unique_ptr<MainWindow> window;
};

}  // namespace

class MainWindowTest : public QObject {
  Q_OBJECT
 private slots:
  void an_opened_node_replaces_the_start_page() {
    Desk desk;
    QVERIFY(desk.window->start_page().isVisible());
    QVERIFY(desk.open("/srv/a"));
    QVERIFY(!desk.window->start_page().isVisible());
    QVERIFY(desk.window->windowTitle().startsWith("a "));
    QCOMPARE(desk.settings.recent(), QStringList{"/srv/a"});
  }
  void an_opening_error_stands_on_the_start_page_with_what_to_do() {
    Desk desk;
    desk.window->open({"/srv/locked", {}});
    QTRY_VERIFY(desk.window->messages().has_message());
    QVERIFY(desk.window->start_page().isVisible());
    QCOMPARE(desk.window->messages().message().text, QString("/srv/locked is in use by besu"));
    QVERIFY(desk.choice("Open another directory…") != nullptr);
    QVERIFY(desk.settings.recent().isEmpty());
    QTest::keyClick(&desk.window->messages(), Qt::Key_Escape);
    QVERIFY(!desk.window->messages().isVisible());
  }
  void the_window_lives_on_while_something_opens() {
    Desk desk;
    desk.hold = true;
    desk.window->open({"/srv/slow", {}});
    bool alive = false;
    QTimer::singleShot(0, [&] { alive = true; });
    QTRY_VERIFY(alive);
    QPushButton* cancel = nullptr;
    for (auto* button : desk.window->start_page().findChildren<QPushButton*>()) {
      if (button->text() == "&Cancel") cancel = button;
    }
    QVERIFY(cancel != nullptr && cancel->isVisible());
    QTest::keyClick(cancel, Qt::Key_Space);
    QCOMPARE(desk.window->session().state(), NodeSession::State::idle);
    desk.hold = false;
    QTest::qWait(20);
    QVERIFY(desk.window->node_view() == nullptr);
  }
  void a_workload_that_ends_of_its_own_accord_says_why() {
    Desk desk;
    QVERIFY(desk.open("/srv/a"));
    desk.last.load()->end_workload(WorkloadState::stopped, "low disk space: free some");
    QTRY_VERIFY(desk.window->messages().has_message());
    QCOMPARE(desk.window->messages().message().text, QString("low disk space: free some"));
    auto* again = desk.choice("Start it again");
    QVERIFY(again != nullptr);
    again->click();
    QTRY_COMPARE(desk.window->session().workload().state, WorkloadState::running);
    QVERIFY(!desk.window->messages().has_message());
  }
  void commits_that_fail_are_told_on_every_page_with_a_button() {
    Desk desk;
    QVERIFY(desk.open("/srv/a"));
    QVERIFY(desk.window->show_page("caches"));
    desk.last.load()->fail_commits("disk full: 0 B left on /srv");
    desk.last.load()->advance(1);
    QTRY_VERIFY(desk.window->messages().has_message());
    const auto& message = desk.window->messages().message();
    QCOMPARE(message.title, QString("Commits have stopped"));
    QVERIFY2(message.text.contains("Nothing is lost: disk full: 0 B left on /srv"),
             qPrintable(message.text));
    QVERIFY2(message.text.contains("Make room on the disk"), qPrintable(message.text));
    auto* retry = desk.choice("Retry");
    QVERIFY(retry != nullptr);
    retry->click();
    QTRY_VERIFY(!desk.last.load()->batches().failing);
    desk.last.load()->advance(1);
    QTRY_VERIFY(!desk.window->messages().has_message());
  }
  void a_workload_that_was_stopped_by_hand_says_nothing() {
    Desk desk;
    QVERIFY(desk.open("/srv/a"));
    (void)desk.window->session().submit(ControlWorkload{ControlWorkload::Action::stop});
    QTRY_COMPARE(desk.window->session().workload().state, WorkloadState::stopped);
    QTest::qWait(30);
    QVERIFY(!desk.window->messages().has_message());
  }
  void the_same_directory_is_not_opened_twice() {
    Desk desk;
    QVERIFY(desk.open("/srv/a"));
    desk.window->open({"/srv/a/", {}});
    QCOMPARE(desk.opens.load(), 1);
    QVERIFY(desk.window->messages().message().title.contains("open already"));
    QVERIFY(desk.window->node_view() != nullptr);
  }
  void another_directory_closes_the_first() {
    Desk desk;
    QVERIFY(desk.open("/srv/a"));
    desk.window->open({"/srv/b", {}});
    QTRY_COMPARE(desk.opens.load(), 2);
    QTRY_VERIFY(desk.window->node_view() != nullptr);
    QCOMPARE(desk.window->session().description().path, std::string("/srv/b"));
    QCOMPARE(desk.settings.recent(), (QStringList{"/srv/b", "/srv/a"}));
  }
  void a_dropped_directory_is_opened() {
    Desk desk;
    QMimeData data;
    data.setUrls({QUrl::fromLocalFile("/srv/dropped")});
    QDragEnterEvent enter(QPoint(5, 5), Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
    QApplication::sendEvent(desk.window.get(), &enter);
    QVERIFY(enter.isAccepted());
    QDropEvent drop(QPointF(5, 5), Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
    QApplication::sendEvent(desk.window.get(), &drop);
    QTRY_VERIFY(desk.window->node_view() != nullptr);
    QCOMPARE(desk.window->session().description().path, std::string("/srv/dropped"));
  }
  void pages_are_reached_by_key_and_remembered() {
    Desk desk;
    QVERIFY(desk.open("/srv/a"));
    desk.window->activateWindow();
    QTest::keyClick(desk.window.get(), Qt::Key_2, Qt::ControlModifier);
    QCOMPARE(desk.window->node_view()->page_name(), QString("caches"));
    QCOMPARE(desk.settings.page(), QString("caches"));
    QTest::keyClick(desk.window.get(), Qt::Key_1, Qt::ControlModifier);
    QCOMPARE(desk.window->node_view()->page_name(), QString("overview"));
    QVERIFY(!desk.window->show_page("nowhere"));
    QVERIFY(desk.window->show_page("caches/memory"));
    auto* page = desk.window->node_view()->findChild<QWidget*>("caches");
    QCOMPARE(page->findChild<QTabWidget*>()->currentIndex(), 1);
    QVERIFY(desk.window->show_page("caches/nothing"));  // the page, as it is
    QCOMPARE(page->findChild<QTabWidget*>()->currentIndex(), 1);
  }
  void a_foreign_node_has_memory_where_a_managed_one_has_caches() {
    Desk desk;
    QVERIFY(desk.open("/srv/a"));
    QVERIFY(desk.window->show_page("memory"));  // a tab there
    QCOMPARE(desk.window->node_view()->page_name(), QString("caches"));
    const auto titles = [&] {
      QStringList all;
      const auto* sidebar = desk.window->findChild<QListWidget*>("sidebar");
      for (int i = 0; i < sidebar->count(); ++i) all << sidebar->item(i)->text();
      return all;
    };
    QCOMPARE(titles().at(1), QString("Caches"));
    desk.window->open({"/srv/foreign", {}});
    QTRY_COMPARE(desk.opens.load(), 2);
    QTRY_VERIFY(desk.window->node_view() != nullptr);
    QCOMPARE(titles().at(1), QString("Memory"));
    QVERIFY(desk.window->show_page("overview"));
    desk.window->activateWindow();
    QTest::keyClick(desk.window.get(), Qt::Key_2, Qt::ControlModifier);
    QCOMPARE(desk.window->node_view()->page_name(), QString("memory"));
    QVERIFY(desk.window->show_page("overview"));
    QVERIFY(desk.window->show_page("caches/memory"));
    QCOMPARE(desk.window->node_view()->page_name(), QString("memory"));
    QCOMPARE(desk.settings.page(), QString("memory"));
  }
  void space_pauses_the_charts_and_still_presses_buttons() {
    Desk desk;
    QVERIFY(desk.open("/srv/a"));
    QTest::keyClick(desk.window.get(), Qt::Key_Space);
    QVERIFY(desk.window->session().paused());
    QTest::keyClick(desk.window.get(), Qt::Key_Space);
    QVERIFY(!desk.window->session().paused());
    auto* sidebar = desk.window->findChild<QListWidget*>("sidebar");
    QTest::keyClick(sidebar, Qt::Key_Space);
    QVERIFY(desk.window->session().paused());
    for (auto* button : desk.window->findChildren<QPushButton*>()) {
      if (!button->isVisible() || button->text() != "Pause charts") continue;
      QTest::keyClick(button, Qt::Key_Space);
    }
    QVERIFY(!desk.window->session().paused());
  }
  void the_workload_obeys_the_menu() {
    Desk desk;
    QVERIFY(desk.open("/srv/a"));
    QTest::keyClick(desk.window.get(), Qt::Key_F6);
    QTRY_COMPARE(desk.window->session().workload().state, WorkloadState::paused);
    QTest::keyClick(desk.window.get(), Qt::Key_F5);
    QTRY_COMPARE(desk.window->session().workload().state, WorkloadState::running);
    const auto commands = desk.last.load()->commands();
    QCOMPARE(commands.size(), std::size_t{2});
    QCOMPARE(std::get<ControlWorkload>(commands[1]).action, ControlWorkload::Action::resume);
  }
  void a_failed_command_is_told_in_the_window() {
    Desk desk;
    QVERIFY(desk.open("/srv/a"));
    desk.last.load()->fail_with(Status(StatusCode::invalid_argument, "Too large: at most 2 GiB."));
    (void)desk.window->session().submit(SetKnob{Knob::write_buffer_size, 1});
    QTRY_COMPARE(desk.window->messages().message().text, QString("Too large: at most 2 GiB."));
  }
  void closing_the_window_closes_the_node_first() {
    Desk desk;
    QVERIFY(desk.open("/srv/a"));
    QSignalSpy finished(desk.window.get(), &MainWindow::finished);
    desk.window->close();
    QVERIFY(desk.window->isVisible());  // until the node is closed
    QTRY_VERIFY(!desk.window->isVisible());
    QCOMPARE(finished.count(), 1);
    QVERIFY(finished.front().front().value<Status>().is_ok());
  }
  void blocks_that_cannot_be_committed_are_named_before_they_are_lost() {
    Desk desk;
    QVERIFY(desk.open("/srv/stuck"));
    desk.window->close();
    QVERIFY(desk.window->isVisible());
    QVERIFY(desk.window->messages().message().text.contains("Block 7: the disk is full."));
    QCOMPARE(desk.window->session().state(), NodeSession::State::open);
    auto* lose = desk.choice("Close and lose them");
    QVERIFY(lose != nullptr);
    lose->click();
    QTRY_COMPARE(desk.window->session().state(), NodeSession::State::idle);
    QTRY_VERIFY(desk.window->messages().message().text.contains("Block 7 was not saved."));
    QVERIFY(desk.window->isVisible());
    desk.choice("Quit")->click();
    QVERIFY(!desk.window->isVisible());
  }
  void a_signal_never_asks_but_says_what_was_lost() {
    Desk desk;
    QVERIFY(desk.open("/srv/stuck"));
    QSignalSpy finished(desk.window.get(), &MainWindow::finished);
    desk.window->quit_now();
    QTRY_VERIFY(!desk.window->isVisible());
    QCOMPARE(finished.front().front().value<Status>().message(),
             std::string("Block 7 was not saved."));
  }
  void a_test_bench_is_described_completely() {
    NewBenchDialog dialog;
    const auto request = dialog.request();
    QVERIFY(request.is_ok());
    QVERIFY(request->options.create_if_missing && request->options.start_workload);
    QCOMPARE(request->options.workload->blocks_per_second.value(), 2.0);
    QVERIFY(std::holds_alternative<SyntheticConfig>(request->options.workload->what));
    QVERIFY(!wants_hints(*request->options.workload));
    dialog.findChild<QCheckBox*>("hints")->setChecked(true);
    QVERIFY(wants_hints(*dialog.request()->options.workload));
    dialog.findChild<QLineEdit*>("folder")->clear();
    QVERIFY(!dialog.request().is_ok());
  }
  void a_bench_that_fits_into_memory_says_so() {
    NodeDescription node;
    node.way = OpenWay::managed;
    Snapshot snapshot;
    QVERIFY(from_memory_text(node, snapshot).isEmpty());  // nothing is known
    snapshot.set(Metric::db_sst_bytes, 3.0 * kGiB);
    snapshot.set(Metric::db_memtable_bytes, 1.0 * kGiB);
    snapshot.set(Metric::system_memory_limit_bytes, 8.0 * kGiB);
    QVERIFY(from_memory_text(node, snapshot).contains("4 GiB of data, 8 GiB of memory"));
    snapshot.set(Metric::db_sst_bytes, 30.0 * kGiB);
    QVERIFY(from_memory_text(node, snapshot).isEmpty());
    node.way = OpenWay::observed;
    snapshot.set(Metric::db_sst_bytes, 3.0 * kGiB);
    QVERIFY(from_memory_text(node, snapshot).isEmpty());  // it is no bench
  }
  void every_action_and_control_has_a_name() {
    Desk desk;
    QVERIFY(desk.open("/srv/a"));
    for (auto* menu : desk.window->menuBar()->actions()) {
      for (auto* action : menu->menu()->actions()) {
        QVERIFY(action->isSeparator() || !action->text().isEmpty());
      }
    }
    for (auto* button : desk.window->findChildren<QAbstractButton*>()) {
      if (button->focusPolicy() == Qt::NoFocus || !button->isVisible()) continue;
      QVERIFY2(!button->text().isEmpty() || !button->accessibleName().isEmpty(),
               button->metaObject()->className());
    }
  }
  void the_metrics_address_is_tried_and_remembered() {
    testing::TinyServer server(testing::http_answer("rocksdb_block_cache_hit 1\n"));
    Desk desk;
    QVERIFY(desk.open("/srv/managed"));
    auto* action = desk.window->findChild<QAction*>("metrics_address");
    QVERIFY(action != nullptr && !action->isEnabled());
    desk.window->open({"/srv/foreign", {}});
    QTRY_VERIFY(desk.opens == 2 && desk.window->node_view() != nullptr);
    QVERIFY(action->isEnabled() && desk.metrics_url.empty());
    action->trigger();
    auto* dialog = desk.window->findChild<MetricsDialog*>();
    QVERIFY(dialog != nullptr);
    auto* address = dialog->findChild<QLineEdit*>("address");
    auto* answer = dialog->findChild<QLabel*>("answer");
    auto* test = dialog->findChild<QPushButton*>("test");
    QVERIFY(!test->isEnabled());
    address->setText("ftp://host/metrics");
    QVERIFY2(answer->text().contains("only http and https"), qPrintable(answer->text()));
    address->setText(QString::fromStdString(server.url()));
    test->click();
    QTRY_VERIFY_WITH_TIMEOUT(answer->text().contains("1 series, 1 of RocksDB"), 20'000);
    dialog->findChild<QDialogButtonBox*>()->button(QDialogButtonBox::Ok)->click();
    QTRY_VERIFY(desk.opens == 3 && desk.window->node_view() != nullptr);
    QCOMPARE(desk.metrics_url, server.url());
    desk.window->close_node();
    QTRY_COMPARE(desk.window->session().state(), NodeSession::State::idle);
    QVERIFY(desk.open("/srv/foreign"));
    QCOMPARE(desk.metrics_url, server.url());
  }
  void opening_and_closing_many_times_leaves_nothing_behind() {
    Desk desk;
    QVERIFY(desk.open("/srv/a"));
    desk.window->close_node();
    QTRY_COMPARE(desk.window->session().state(), NodeSession::State::idle);
    // The style's animation of a progress bar comes and goes by the clock.
    const auto count = [&desk] {
      QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete);
      const auto all = desk.window->findChildren<QObject*>();
      return std::count_if(all.begin(), all.end(), [](const QObject* object) {
        return !object->inherits("QStyleAnimation");
      });
    };
    const auto objects = count();
    for (int i = 0; i < 20; ++i) {
      QVERIFY(desk.open("/srv/a"));
      desk.window->close_node();
      QTRY_COMPARE(desk.window->session().state(), NodeSession::State::idle);
    }
    QCOMPARE(count(), objects);
  }
};

QTEST_MAIN(MainWindowTest)
#include "main_window_test.moc"
