// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <QString>
#include <QWidget>
#include <vector>

#include "ui/bridge/node_session.h"

class QListWidget;
class QStackedWidget;

namespace nodetune {

class Page;
class Theme;

// An open node: header, sidebar, and one page at a time.
// Thread: GUI. Lifetime: within that of the open node.
class NodeView : public QWidget {
  Q_OBJECT
 public:
  NodeView(NodeSession& session, Theme& theme, QWidget* parent = nullptr);

  // "caches", or "caches/memory" for one of its tabs. False when there is no such page.
  bool show_page(const QString& wanted);
  QString page_name() const;
  const std::vector<Page*>& pages() const { return pages_; }

 signals:
  void page_changed(const QString& name);

 protected:
  void changeEvent(QEvent* event) override;

 private:
  void apply_palette();
  void build_pages();
  void database_changed();

  NodeSession& session_;
  Theme& theme_;

  QListWidget* sidebar_;
  QStackedWidget* stack_;
  std::vector<Page*> pages_;
};

}  // namespace nodetune
