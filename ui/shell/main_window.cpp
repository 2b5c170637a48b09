// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "ui/shell/main_window.h"

#include <QAbstractItemView>
#include <QApplication>
#include <QCloseEvent>
#include <QDir>
#include <QDragEnterEvent>
#include <QFileDialog>
#include <QFileInfo>
#include <QKeyEvent>
#include <QLabel>
#include <QMimeData>
#include <QStackedWidget>
#include <QStatusBar>
#include <QTimeZone>
#include <QVBoxLayout>
#include <utility>

#include "engine/node/remote_address.h"
#include "ui/bridge/remote_text.h"
#include "ui/bridge/text.h"
#include "ui/pages/page.h"
#include "ui/pages/start_page.h"
#include "ui/shell/elided_label.h"
#include "ui/shell/icons.h"
#include "ui/shell/import_dialog.h"
#include "ui/shell/new_bench_dialog.h"
#include "ui/shell/node_view.h"
#include "ui/shell/own_use_text.h"
#include "ui/shell/page_list.h"

namespace nodetune {
namespace {

constexpr QSize kFirstSize(1100, 700);

// The one directory or file that was dropped; empty when it was anything else.
QString dropped_path(const QMimeData* data) {
  const auto urls = data->urls();
  if (urls.size() != 1 || !urls.front().isLocalFile()) return {};
  return urls.front().toLocalFile();
}

bool same_directory(const QString& one, const QString& other) {
  if (is_ssh_url(one.toStdString()) || is_ssh_url(other.toStdString())) return one == other;
  const QString first = QFileInfo(one).canonicalFilePath();
  if (!first.isEmpty()) return first == QFileInfo(other).canonicalFilePath();
  return QDir::cleanPath(one) == QDir::cleanPath(other);
}

}  // namespace

MainWindow::MainWindow(Config config, Settings& settings, Theme& theme)
    : config_(std::move(config)),
      settings_(settings),
      theme_(theme),
      session_(config_.session),
      messages_(new MessageBar(this)),
      stack_(new QStackedWidget(this)),
      start_(new StartPage(this)) {
  setWindowTitle(QStringLiteral("NodeTune"));
  setWindowIcon(application_icon());
  setAcceptDrops(true);
  resize(kFirstSize);
  restoreGeometry(settings_.geometry());
  auto* middle = new QWidget(this);
  auto* rows = new QVBoxLayout(middle);
  rows->setContentsMargins(0, 0, 0, 0);
  rows->setSpacing(0);
  rows->addWidget(messages_);
  rows->addWidget(stack_, 1);
  stack_->addWidget(start_);
  setCentralWidget(middle);
  start_->set_recent(settings_.recent());
  wanted_page_ = settings_.page();
  session_.set_span_us(settings_.span_us());
  session_.set_utc(settings_.utc());
  theme_.set_mode(settings_.theme_mode());

  connect(start_, &StartPage::open_requested, this, &MainWindow::choose_directory);
  connect(start_, &StartPage::bench_requested, this, &MainWindow::new_test_bench);
  connect(start_, &StartPage::recording_requested, this, &MainWindow::choose_recording);
  connect(start_, &StartPage::ssh_requested, this, &MainWindow::open_over_ssh);
  connect(start_, &StartPage::path_chosen, this, [this](const QString& path) { open({path, {}}); });
  connect(start_, &StartPage::cancel_requested, this, [this] {
    waiting_.reset();
    session_.cancel_opening();
    start_->show_idle();
  });
  connect(&session_, &NodeSession::opened, this, &MainWindow::node_opened);
  connect(&session_, &NodeSession::open_failed, this, &MainWindow::node_open_failed);
  connect(&session_, &NodeSession::about_to_close, this, &MainWindow::node_about_to_close);
  connect(&session_, &NodeSession::closed, this, &MainWindow::node_closed);
  connect(&session_, &NodeSession::command_finished, this, &MainWindow::command_finished);
  connect(&session_, &NodeSession::workload_changed, this, &MainWindow::workload_changed);
  connect(&session_, &NodeSession::snapshot_changed, this, &MainWindow::commits_changed);
  connect(&session_, &NodeSession::frame, this, &MainWindow::update_status_bar);
  connect(&session_, &NodeSession::description_changed, this, &MainWindow::connection_changed);
  connect(&session_, &NodeSession::utc_changed, this, [this](bool utc) {
    if (!shows_recording()) settings_.set_utc(utc);
    update_status_bar();
  });
  connect(&session_, &NodeSession::span_changed, this, [this](qint64 span_us) {
    if (!shows_recording()) settings_.set_span_us(span_us);
  });
  qApp->installEventFilter(this);
  build_status_bar();
  build_menus();
  update_status_bar();
}

MainWindow::~MainWindow() {
  // Pages look at the session: they go first.
  delete view_;
}

void MainWindow::build_status_bar() {
  outcome_ = new ElidedLabel(Qt::ElideRight, this);
  own_use_ = new QLabel(this);
  own_use_->setToolTip(own_use_tip());
  own_use_->setObjectName(QStringLiteral("own_use"));
  own_use_->setContentsMargins(0, 0, kGrid, 0);
  age_ = new QLabel(this);
  zone_ = new QLabel(this);
  statusBar()->setContentsMargins(kGrid, 0, kGrid, 0);
  age_->setContentsMargins(0, 0, kGrid, 0);
  statusBar()->addWidget(outcome_, 1);
  statusBar()->addPermanentWidget(own_use_);
  statusBar()->addPermanentWidget(age_);
  statusBar()->addPermanentWidget(zone_);
}

void MainWindow::open(const OpenRequest& request) {
  switch (session_.state()) {
    case NodeSession::State::idle:
      begin_open(request);
      return;
    case NodeSession::State::opening:
      if (same_directory(request.path, request_.path)) return;
      session_.cancel_opening();
      begin_open(request);
      return;
    case NodeSession::State::open:
      raise();
      activateWindow();
      // An import into what is open: the same directory, with another workload.
      if (same_directory(request.path, request_.path) && !request.options.workload) {
        tell({Tone::neutral,
              tr("This directory is open already"),
              tr("%1 is what this window shows.").arg(request_.path),
              {}});
        return;
      }
      waiting_ = request;
      close_node();
      return;
    case NodeSession::State::closing:
      waiting_ = request;
      return;
  }
}

void MainWindow::begin_open(const OpenRequest& request) {
  request_ = request;
  auto& metrics_url = request_.options.metrics_url;
  if (metrics_url.empty()) {
    metrics_url = settings_.metrics_address(request.path).toStdString();
  }
  messages_->clear();
  start_->show_progress(tr("Opening"), request.path, /*cancellable=*/true);
  session_.open(request.path, [opener = config_.opener, wanted = request_](JobControl& control) {
    return opener(wanted, control);
  });
  update_actions();
}

void MainWindow::node_opened() {
  start_->show_idle();
  settings_.add_recent(request_.path);
  start_->set_recent(settings_.recent());
  view_ = new NodeView(session_, theme_, stack_);
  if (!wanted_page_.isEmpty()) view_->show_page(wanted_page_);
  connect(view_, &NodeView::page_changed, this, [this](const QString& name) {
    wanted_page_ = name;
    settings_.set_page(name);
    update_actions();
  });
  stack_->addWidget(view_);
  stack_->setCurrentWidget(view_);
  view_->setFocus();
  const bool remote = is_remote(session_.description());
  setWindowTitle(
      tr("%1 – NodeTune").arg(remote ? request_.path : QFileInfo(request_.path).fileName()));
  setWindowFilePath(remote ? QString() : request_.path);
  connection_changed();
  outcome_->set_whole_text(to_qt(session_.description().reason));
  if (request_.options.start_workload && session_.description().way != OpenWay::managed) {
    tell({Tone::warn,
          tr("No workload was started"),
          tr("%1 A workload needs a directory of NodeTune's own that nobody else has open.")
              .arg(to_qt(session_.description().reason)),
          {}});
  }
  update_actions();
}

// What ended of its own accord must not be found out from a chart that no longer moves.
void MainWindow::workload_changed() {
  const auto& status = session_.workload();
  const bool ended = status.state == WorkloadState::failed ||
                     (status.state == WorkloadState::stopped && !status.asked_to_stop);
  if (std::exchange(workload_ended_, ended) == ended || !ended) return;
  // Commits that fail end a workload; their message has the button for both.
  if (session_.node() != nullptr && session_.node()->batches().failing) return;
  tell({status.state == WorkloadState::failed ? Tone::bad : Tone::warn,
        tr("The workload stopped"),
        to_qt(status.text),
        {{tr("Start it again"),
          [this] { (void)session_.submit(ControlWorkload{ControlWorkload::Action::start}); }}}});
}

// Whatever page is shown: nothing is written any more until somebody sees to it.
void MainWindow::commits_changed(const Snapshot& snapshot) {
  const bool fail = snapshot.value(Metric::batch_failing) > 0;
  if (std::exchange(commits_fail_, fail) == fail) return;
  if (fail) {
    tell_that_commits_fail();
  } else if (messages_->message().title == tr("Commits have stopped")) {
    messages_->clear();
  }
}

void MainWindow::tell_that_commits_fail() {
  const auto batches = session_.node()->batches();
  if (!batches.failing) return;
  tell({Tone::bad,
        tr("Commits have stopped"),
        tr("Nothing is lost: %1. %2").arg(to_qt(batches.failure), to_qt(batches.remedy)),
        {{tr("Retry"), [this] { (void)session_.submit(RetryCommit{}); }}}});
}

void MainWindow::node_open_failed(const QString& reason) {
  start_->show_idle();
  stack_->setCurrentWidget(start_);
  tell({Tone::bad,
        tr("%1 was not opened").arg(request_.path),
        reason,
        {is_ssh_url(request_.path.toStdString())
             ? Message::Choice{tr("Change the address…"), [this] { open_over_ssh(); }}
             : Message::Choice{tr("Open another directory…"), [this] { choose_directory(); }}}});
  update_actions();
}

void MainWindow::close_node() {
  if (session_.state() != NodeSession::State::open) return;
  const auto batches = session_.node()->batches();
  if (!batches.failing || never_ask_) {
    start_closing();
    return;
  }
  tell({Tone::bad,
        tr("Blocks wait that could not be committed"),
        tr("%1 Closing now loses them.").arg(to_qt(batches.failure)),
        {{tr("Try the commit again"), [this] { (void)session_.submit(RetryCommit{}); }},
         {tr("Close and lose them"), [this, leave_then = std::exchange(leaving_, false)] {
            leaving_ = leave_then;
            start_closing();
          }}}});
}

void MainWindow::start_closing() {
  start_->show_progress(tr("Closing: saving what is pending"), request_.path,
                        /*cancellable=*/false);
  session_.close();
  update_actions();
}

void MainWindow::node_about_to_close() {
  messages_->clear();
  workload_ended_ = false;
  commits_fail_ = false;
  stack_->setCurrentWidget(start_);
  delete view_;
  setWindowTitle(QStringLiteral("NodeTune"));
  setWindowFilePath({});
  outcome_->set_whole_text({});
  update_status_bar();
}

// Its time axis is its own: what is shown of a live node stays as it was chosen.
bool MainWindow::shows_recording() const {
  return session_.description().recorded.has_value();
}

void MainWindow::node_closed(const Status& status) {
  start_->show_idle();
  session_.set_span_us(settings_.span_us());
  session_.set_utc(settings_.utc());
  update_actions();
  if (!status.is_ok() && !never_ask_) {
    const bool was_leaving = std::exchange(leaving_, false);
    Message message{Tone::bad, tr("Not everything was saved"), to_qt(status.message()), {}};
    if (was_leaving) message.choices = {{tr("Quit"), [this] { leave(); }}};
    tell(message);
    emit finished(status);
    return;
  }
  if (leaving_) {
    emit finished(status);
    leave();
    return;
  }
  if (auto next = std::exchange(waiting_, std::nullopt)) begin_open(*next);
}

void MainWindow::leave() {
  may_go_ = true;
  close();
}

void MainWindow::quit_now() {
  never_ask_ = true;
  messages_->clear();
  close();
}

void MainWindow::closeEvent(QCloseEvent* event) {
  settings_.set_geometry(saveGeometry());
  const auto state = session_.state();
  if (may_go_ || state == NodeSession::State::idle || state == NodeSession::State::opening) {
    session_.cancel_opening();
    event->accept();
    return;
  }
  event->ignore();
  leaving_ = true;
  waiting_.reset();
  close_node();
}

bool MainWindow::show_page(const QString& name) {
  if (!page_names().contains(name.section('/', 0, 0))) return false;
  wanted_page_ = name;
  if (view_) view_->show_page(name);
  return true;
}

NodeView* MainWindow::node_view() {
  return view_;
}

void MainWindow::choose_directory() {
  auto* dialog = new QFileDialog(this, tr("Open a node's data directory"));
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  dialog->setFileMode(QFileDialog::Directory);
  dialog->setOption(QFileDialog::ShowDirsOnly);
  for (const auto& recent : settings_.recent()) {
    if (is_ssh_url(recent.toStdString())) continue;
    dialog->setDirectory(QFileInfo(recent).path());
    break;
  }
  connect(dialog, &QFileDialog::fileSelected, this, [this](const QString& path) {
    open({path, {}});
  });
  dialog->open();
}

void MainWindow::choose_recording() {
  auto* dialog = new QFileDialog(this, tr("Open a LOG file or a recording"));
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  dialog->setFileMode(QFileDialog::ExistingFile);
  connect(dialog, &QFileDialog::fileSelected, this, [this](const QString& path) {
    open({path, {}});
  });
  dialog->open();
}

void MainWindow::new_test_bench() {
  auto* dialog = new NewBenchDialog(this);
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  connect(dialog, &NewBenchDialog::bench_chosen, this, &MainWindow::open);
  dialog->open();
}

void MainWindow::import_blocks() {
  const bool bench = session_.state() == NodeSession::State::open &&
                     session_.description().way == OpenWay::managed;
  auto* dialog = new ImportDialog(bench ? request_.path : QString(), this);
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  connect(dialog, &ImportDialog::import_chosen, this, &MainWindow::open);
  dialog->open();
}

void MainWindow::command_finished(const CommandOutcome& outcome) {
  const QString text = to_qt(outcome.text);
  if (outcome.status.is_ok()) {
    outcome_->set_whole_text(
        tr("%1  %2").arg(clock_text(outcome.time, session_.utc()).left(8), text));
    return;
  }
  if (commits_fail_ && session_.node() != nullptr && session_.node()->batches().failing) {
    tell_that_commits_fail();  // perhaps it was the retry: the button must not be gone
    return;
  }
  tell({Tone::bad, tr("This was not done"), to_qt(outcome.status.message()), {}});
}

void MainWindow::update_status_bar() {
  const auto& recorded = session_.description().recorded;
  show_freshness();
  const bool open = session_.state() == NodeSession::State::open;
  const QString own_use =
      open ? own_use_text(session_.description(), *session_.snapshot()) : QString();
  if (own_use != own_use_->text()) own_use_->setText(own_use);
  const QString from_log = open ? to_qt(session_.description().zone) : QString();
  QString zone = session_.utc()
                     ? tr("times in UTC")
                     : tr("times in %1").arg(QDateTime::currentDateTime().timeZoneAbbreviation());
  if (recorded && !recorded->zone_known) {
    zone = session_.utc() ? tr("times as the LOG has them") : tr("times shifted to this zone");
  }
  if (!from_log.isEmpty()) zone += tr(" · LOG: %1").arg(from_log);
  if (zone != zone_->text()) zone_->setText(zone);
}

void MainWindow::dragEnterEvent(QDragEnterEvent* event) {
  if (!dropped_path(event->mimeData()).isEmpty()) event->acceptProposedAction();
}

void MainWindow::dropEvent(QDropEvent* event) {
  const QString path = dropped_path(event->mimeData());
  if (path.isEmpty()) return;
  event->acceptProposedAction();
  open({path, {}});
}

void MainWindow::keyPressEvent(QKeyEvent* event) {
  // Not a shortcut: Space must still press a button that has the focus.
  if (event->key() == Qt::Key_Space && toggle_pause()) return;
  QMainWindow::keyPressEvent(event);
}

bool MainWindow::eventFilter(QObject* watched, QEvent* event) {
  // Lists and tables swallow Space, though there is nothing in them to tick.
  if (event->type() == QEvent::KeyPress && static_cast<QKeyEvent*>(event)->key() == Qt::Key_Space) {
    const auto* view = qobject_cast<QAbstractItemView*>(watched);
    if (view != nullptr && isAncestorOf(view) &&
        !view->currentIndex().data(Qt::CheckStateRole).isValid()) {
      return toggle_pause();
    }
  }
  return QMainWindow::eventFilter(watched, event);
}

bool MainWindow::toggle_pause() {
  if (session_.state() != NodeSession::State::open) return false;
  session_.set_paused(!session_.paused());
  return true;
}

}  // namespace nodetune
