// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <QString>
#include <QWidget>
#include <vector>

#include "ui/bridge/node_session.h"

namespace nodetune {

class ChartPanel;
class Theme;
class TimeCard;

// Whether the right edge of what is shown is a recording's end. What comes from another machine
// ends now for as long as it comes.
bool ends_in_past(const NodeDescription& node);

// Its crosshair and its keys move all that the session shows.
void let_steer(TimeCard& card, NodeSession& session);

// One page of the window, shown while a node is open.
//
// The base feeds the charts it was given with adopt(): time, span, pause, crosshair, markers and
// zone are the session's, so that all charts of all pages move in step. A hidden page does
// nothing; when it is shown it catches up at once: on_snapshot(), then on_frame().
// Thread: GUI. Lifetime: the main window's, within that of the open node.
class Page : public QWidget {
  Q_OBJECT
 public:
  // `name` is the command line's (--page caches), `title` is for people and the accessible name.
  Page(const QString& name, const QString& title, NodeSession& session, Theme& theme,
       QWidget* parent = nullptr);

  const QString& name() const { return name_; }
  const QString& title() const { return title_; }

 signals:
  // "Show that page": a recommendation that was clicked leads to "tuning".
  void page_requested(const QString& name);

 protected:
  NodeSession& session() { return session_; }
  const NodeSession& session() const { return session_; }
  Theme& theme() { return theme_; }
  // Never null within the calls below.
  const Node& node() const { return *session_.node(); }

  enum class MarkerText { shown, hidden };
  // Takes the chart in step with all others. It stays the layout's and parent's. Where many charts
  // stand side by side, one that names the markers is enough.
  void adopt(ChartPanel* chart, MarkerText text = MarkerText::shown);

  // All of these come only while the page is visible.
  // A new snapshot, and once when the page is shown: tables, figures, texts.
  virtual void on_snapshot(const Snapshot& snapshot) { (void)snapshot; }
  // Every frame, after the charts: what moves with time (ages). Keep it cheap.
  virtual void on_frame(TimePoint now) { (void)now; }

  void showEvent(QShowEvent* event) override;

 private:
  void refresh_charts();

  const QString name_;
  const QString title_;
  NodeSession& session_;
  Theme& theme_;
  std::vector<ChartPanel*> charts_;
  std::vector<ChartPanel*> without_text_;
  bool markers_stale_ = true;
};

}  // namespace nodetune
