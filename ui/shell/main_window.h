// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <QMainWindow>
#include <QPointer>
#include <optional>

#include "ui/bridge/node_session.h"
#include "ui/shell/message_bar.h"
#include "ui/shell/open_request.h"
#include "ui/shell/report_action.h"
#include "ui/shell/settings.h"

class QAction;
class QActionGroup;
class QLabel;
class QMenu;
class QStackedWidget;

namespace nodetune {

class ElidedLabel;
class NodeView;
class StartPage;

// The window: start page or an open node, menus, messages, status bar.
//
// Invariant: at most one node is open. Nothing here waits: a close request is taken, the node is
// closed in a worker, and the window goes when that is done.
// Thread: GUI.
class MainWindow : public QMainWindow {
  Q_OBJECT
 public:
  struct Config {
    NodeOpener opener;
    ReportAction report;  // empty: the window offers no report
    NodeSession::Config session;
  };

  MainWindow(Config config, Settings& settings, Theme& theme);
  ~MainWindow() override;

  // Closes what is open, then opens that; the directory that is open already is only shown.
  void open(const OpenRequest& request);
  // Shown now, or as soon as a node is open. False: there is no such page.
  bool show_page(const QString& name);
  // As a person closing the window, but never asks: what could not be saved is told by finished().
  void quit_now();

  NodeSession& session() { return session_; }
  MessageBar& messages() { return *messages_; }
  NodeView* node_view();  // null unless a node is open
  StartPage& start_page() { return *start_; }
  void tell(const Message& message) { messages_->show_message(message); }

 public slots:
  void choose_directory();
  void choose_recording();
  void open_over_ssh();
  void new_test_bench();
  void import_blocks();
  void choose_metrics_address();
  void close_node();

 signals:
  // The last node was closed on the way out.
  void finished(const nodetune::Status& status);

 protected:
  void closeEvent(QCloseEvent* event) override;
  void dragEnterEvent(QDragEnterEvent* event) override;
  void dropEvent(QDropEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  bool eventFilter(QObject* watched, QEvent* event) override;

 private:
  // main_window_menus.cpp
  void build_menus();
  void build_file_menu();
  void build_view_menu();
  void build_page_actions(QMenu* menu);
  void name_page_actions(OpenWay way);
  void build_theme_actions(QMenu* menu);
  void build_span_actions(QMenu* menu);
  void build_workload_menu();
  void build_help_menu();
  void fill_recent_menu();
  void update_actions();
  void show_shortcuts();
  void show_about();

  void build_status_bar();
  void begin_open(const OpenRequest& request);
  void start_closing();
  void node_opened();
  void workload_changed();
  void commits_changed(const Snapshot& snapshot);
  void tell_that_commits_fail();
  void node_open_failed(const QString& reason);
  void node_about_to_close();
  void node_closed(const Status& status);
  void command_finished(const CommandOutcome& outcome);
  void update_status_bar();
  // main_window_remote.cpp
  void connection_changed();
  void show_freshness();
  bool shows_recording() const;
  bool toggle_pause();
  void leave();

  const Config config_;
  Settings& settings_;
  Theme& theme_;
  NodeSession session_;
  OpenRequest request_;                 // what is open, opening or closing
  std::optional<OpenRequest> waiting_;  // to be opened after that was closed
  QString wanted_page_;
  bool workload_ended_ = false;  // of its own accord, and that was told
  bool commits_fail_ = false;    // and that was told
  QString connection_told_;      // likewise: of a node on another machine
  bool leaving_ = false;         // the window goes once the node is closed
  bool never_ask_ = false;       // quit_now()
  bool may_go_ = false;

  MessageBar* messages_;
  QStackedWidget* stack_;
  StartPage* start_;
  QPointer<NodeView> view_;
  ElidedLabel* outcome_ = nullptr;
  QLabel* own_use_ = nullptr;  // what looking costs the node
  QLabel* age_ = nullptr;
  QLabel* zone_ = nullptr;

  QMenu* recent_ = nullptr;
  QActionGroup* node_actions_ = nullptr;  // only while a node is open
  QActionGroup* page_actions_ = nullptr;
  QActionGroup* span_actions_ = nullptr;
  QAction* metrics_ = nullptr;  // of an observed node
  QAction* pause_ = nullptr;
  QAction* utc_ = nullptr;
  QAction* start_workload_ = nullptr;
  QAction* pause_workload_ = nullptr;
  QAction* stop_workload_ = nullptr;
};

}  // namespace nodetune
