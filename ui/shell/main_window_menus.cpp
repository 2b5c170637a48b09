// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include <QAction>
#include <QActionGroup>
#include <QApplication>
#include <QKeySequence>
#include <QMenu>
#include <QMenuBar>
#include <QMessageBox>

#include "engine/store/database.h"
#include "ui/bridge/text.h"
#include "ui/pages/start_page.h"
#include "ui/shell/icons.h"
#include "ui/shell/main_window.h"
#include "ui/shell/metrics_dialog.h"
#include "ui/shell/node_header.h"
#include "ui/shell/node_view.h"
#include "ui/shell/page_list.h"

namespace nodetune {

void MainWindow::build_menus() {
  node_actions_ = new QActionGroup(this);
  node_actions_->setExclusionPolicy(QActionGroup::ExclusionPolicy::None);
  build_file_menu();
  build_view_menu();
  build_workload_menu();
  build_help_menu();
  connect(&session_, &NodeSession::state_changed, this, &MainWindow::update_actions);
  connect(&session_, &NodeSession::workload_changed, this, &MainWindow::update_actions);
  update_actions();
}

void MainWindow::build_file_menu() {
  auto* menu = menuBar()->addMenu(tr("&File"));
  menu->addAction(tr("&Open…"), QKeySequence::Open, this, &MainWindow::choose_directory);
  menu->addAction(tr("Open &LOGs or a recording…"), QKeySequence(tr("Ctrl+L")), this,
                  &MainWindow::choose_recording);
  menu->addAction(tr("Open o&ver ssh…"), QKeySequence(tr("Ctrl+Shift+O")), this,
                  &MainWindow::open_over_ssh)
      ->setObjectName(QStringLiteral("open_over_ssh"));
  menu->addAction(tr("&New test bench…"), QKeySequence::New, this, &MainWindow::new_test_bench);
  menu->addAction(tr("&Import…"), QKeySequence(tr("Ctrl+I")), this, &MainWindow::import_blocks)
      ->setObjectName(QStringLiteral("import_blocks"));
  recent_ = menu->addMenu(tr("Open &recent"));
  connect(recent_, &QMenu::aboutToShow, this, &MainWindow::fill_recent_menu);
  menu->addSeparator();
  if (config_.report) {
    auto* report = menu->addAction(tr("&Export report…"), QKeySequence(tr("Ctrl+E")), this, [this] {
      config_.report(session_, this, [this](const Message& message) { tell(message); });
    });
    report->setObjectName(QStringLiteral("export_report"));
    node_actions_->addAction(report);
    menu->addSeparator();
  }
  metrics_ = menu->addAction(tr("&Metrics address…"), this, &MainWindow::choose_metrics_address);
  metrics_->setObjectName(QStringLiteral("metrics_address"));
  menu->addSeparator();
  auto* close =
      menu->addAction(tr("&Close"), QKeySequence(tr("Ctrl+W")), this, &MainWindow::close_node);
  node_actions_->addAction(close);
  menu->addAction(tr("&Quit"), QKeySequence(tr("Ctrl+Q")), this, &QWidget::close);
}

// A name and password are not kept: they hold until the directory is closed.
void MainWindow::choose_metrics_address() {
  if (session_.state() != NodeSession::State::open) return;
  auto* dialog =
      new MetricsDialog(session_.node()->description(), to_qt(request_.options.metrics_url), this);
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  connect(dialog, &MetricsDialog::address_chosen, this, [this](const QString& address) {
    const auto url = address.toStdString();
    if (session_.state() != NodeSession::State::open || url == request_.options.metrics_url) return;
    const bool has_secret = !url.empty() && shown_url(url) != url;
    settings_.set_metrics_address(request_.path, has_secret ? QString() : address);
    waiting_ = request_;
    waiting_->options.metrics_url = url;
    close_node();
  });
  dialog->open();
}

void MainWindow::fill_recent_menu() {
  recent_->clear();
  const auto paths = settings_.recent();
  for (const auto& path : paths) {
    // An ampersand in a path is no mnemonic.
    recent_->addAction(QString(path).replace(QLatin1Char('&'), QLatin1String("&&")), this,
                       [this, path] {
                         open({path, {}});
                       });
  }
  if (paths.isEmpty()) {
    recent_->addAction(tr("Nothing was opened yet"))->setEnabled(false);
    return;
  }
  recent_->addSeparator();
  recent_->addAction(tr("Forget these"), this, [this] {
    settings_.clear_recent();
    start_page().set_recent({});
  });
}

void MainWindow::build_view_menu() {
  auto* menu = menuBar()->addMenu(tr("&View"));
  build_page_actions(menu);
  menu->addSeparator();
  build_theme_actions(menu->addMenu(tr("&Theme")));
  menu->addSeparator();
  // The key itself is handled by the window, after whatever has the focus.
  pause_ = menu->addAction(tr("&Pause charts\tSpace"));
  pause_->setCheckable(true);
  node_actions_->addAction(pause_);
  connect(pause_, &QAction::toggled, &session_, &NodeSession::set_paused);
  connect(&session_, &NodeSession::paused_changed, pause_, &QAction::setChecked);
  build_span_actions(menu->addMenu(tr("Time &shown")));
  utc_ = menu->addAction(tr("Times in &UTC"));
  utc_->setCheckable(true);
  utc_->setChecked(session_.utc());
  connect(utc_, &QAction::toggled, &session_, &NodeSession::set_utc);
  connect(&session_, &NodeSession::utc_changed, utc_, &QAction::setChecked);
}

void MainWindow::build_page_actions(QMenu* menu) {
  page_actions_ = new QActionGroup(this);
  int number = 0;
  for (std::size_t i = 0; i < page_list(OpenWay::managed).size(); ++i) {
    auto* action = menu->addAction(QString());
    action->setShortcut(QKeySequence(tr("Ctrl+%1").arg(++number)));
    action->setCheckable(true);
    connect(action, &QAction::triggered, this,
            [this, action] { (void)show_page(action->data().toString()); });
    page_actions_->addAction(action);
  }
}

// What stands in the second place depends on how the node was opened.
void MainWindow::name_page_actions(OpenWay way) {
  const auto& list = page_list(way);
  const auto actions = page_actions_->actions();
  for (qsizetype i = 0; i < actions.size(); ++i) {
    const auto& entry = list[static_cast<std::size_t>(i)];
    actions[i]->setText(tr("&%1 %2").arg(i + 1).arg(entry.title));
    actions[i]->setData(entry.name);
  }
}

void MainWindow::build_theme_actions(QMenu* menu) {
  auto* group = new QActionGroup(menu);
  const auto add = [&](const QString& label, ThemeMode mode) {
    auto* action = menu->addAction(label, this, [this, mode] {
      theme_.set_mode(mode);
      settings_.set_theme_mode(mode);
    });
    action->setCheckable(true);
    connect(menu, &QMenu::aboutToShow, action,
            [this, action, mode] { action->setChecked(theme_.mode() == mode); });
    group->addAction(action);
  };
  add(tr("&Follow the desktop"), ThemeMode::follow_desktop);
  add(tr("&Light"), ThemeMode::light);
  add(tr("&Dark"), ThemeMode::dark);
}

void MainWindow::build_span_actions(QMenu* menu) {
  span_actions_ = new QActionGroup(menu);
  for (const auto& span : chart_spans()) {
    auto* action = menu->addAction(
        span.label, this, [this, span_us = span.span_us] { session_.set_span_us(span_us); });
    action->setCheckable(true);
    action->setData(span.span_us);
    action->setChecked(span.span_us == session_.span_us());
    span_actions_->addAction(action);
  }
  connect(&session_, &NodeSession::span_changed, span_actions_, [this](qint64 span_us) {
    for (auto* action : span_actions_->actions()) {
      action->setChecked(action->data().toLongLong() == span_us);
    }
  });
}

void MainWindow::build_workload_menu() {
  auto* menu = menuBar()->addMenu(tr("&Workload"));
  const auto send = [this](ControlWorkload::Action action) {
    (void)session_.submit(ControlWorkload{action});  // a refusal comes as command_finished
  };
  start_workload_ = menu->addAction(tr("&Start"), QKeySequence(Qt::Key_F5), this, [this, send] {
    const bool resume = session_.workload().state == WorkloadState::paused;
    send(resume ? ControlWorkload::Action::resume : ControlWorkload::Action::start);
  });
  pause_workload_ = menu->addAction(tr("&Pause"), QKeySequence(Qt::Key_F6), this,
                                    [send] { send(ControlWorkload::Action::pause); });
  stop_workload_ = menu->addAction(tr("S&top"), QKeySequence(Qt::Key_F7), this,
                                   [send] { send(ControlWorkload::Action::stop); });
}

void MainWindow::build_help_menu() {
  auto* menu = menuBar()->addMenu(tr("&Help"));
  menu->addAction(tr("&Keyboard shortcuts"), QKeySequence::HelpContents, this,
                  &MainWindow::show_shortcuts);
  menu->addAction(tr("&About NodeTune"), this, &MainWindow::show_about);
}

void MainWindow::update_actions() {
  if (stop_workload_ == nullptr) return;  // the menus are being built
  const bool open = session_.state() == NodeSession::State::open;
  node_actions_->setEnabled(open);
  page_actions_->setEnabled(open);
  metrics_->setEnabled(open && session_.description().way == OpenWay::observed);
  name_page_actions(open ? session_.description().way : OpenWay::managed);
  for (auto* action : page_actions_->actions()) {
    action->setChecked(view_ && action->data().toString() == view_->page_name());
  }
  const auto state = open ? session_.workload().state : WorkloadState::none;
  start_workload_->setEnabled(may_start(state));
  pause_workload_->setEnabled(state == WorkloadState::running);
  stop_workload_->setEnabled(may_stop(state));
}

void MainWindow::show_shortcuts() {
  QString rows;
  const auto add = [&rows](const QString& key, const QString& what) {
    rows += QStringLiteral("<tr><td style='padding-right:24px'><b>%1</b></td><td>%2</td></tr>")
                .arg(key.toHtmlEscaped(), what.toHtmlEscaped());
  };
  for (auto* menu : menuBar()->actions()) {
    for (auto* action : menu->menu()->actions()) {
      if (action->shortcut().isEmpty()) continue;
      add(action->shortcut().toString(QKeySequence::NativeText),
          action->text().remove(QLatin1Char('&')).section(QLatin1Char('\t'), 0, 0));
    }
  }
  add(tr("Space"), tr("Pause charts; data go on"));
  add(tr("Left, Right"), tr("Crosshair of the chart that has the focus; with Shift faster"));
  add(tr("Esc"), tr("Drops the crosshair; closes a message"));
  add(tr("Home, 0"), tr("Back to the newest minute"));
  add(tr("Tab, Shift+Tab"), tr("Next and previous control"));
  auto* box =
      new QMessageBox(QMessageBox::NoIcon, tr("Keyboard shortcuts"),
                      QStringLiteral("<table>%1</table>").arg(rows), QMessageBox::Close, this);
  box->setAttribute(Qt::WA_DeleteOnClose);
  box->open();
}

void MainWindow::show_about() {
  auto* box = new QMessageBox(this);
  box->setAttribute(Qt::WA_DeleteOnClose);
  box->setWindowTitle(tr("About NodeTune"));
  box->setIconPixmap(application_icon().pixmap(64));
  box->setText(tr("<b>NodeTune %1</b>").arg(QStringLiteral(NODETUNE_VERSION)));
  box->setInformativeText(
      tr("Shows what a blockchain node's storage is doing, and tunes it.\n\n"
         "RocksDB %1, Qt %2.\nGPL-3.0-or-later. Looking at a node never writes to its directory.")
          .arg(to_qt(Database::library_version()), QString::fromLatin1(qVersion())));
  box->setStandardButtons(QMessageBox::Close);
  box->open();
}

}  // namespace nodetune
