// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <QWidget>
#include <vector>

#include "engine/node/storage_job.h"
#include "ui/bridge/node_session.h"

class QSortFilterProxyModel;

namespace nodetune {

class Card;
class CellModel;
class DataTable;
class FigureTiles;
class TimelinePanel;

// The Database page's tab Timeline: what was flushed and compacted when, as a picture and as a
// table, with a sum above it. Time, pause, crosshair and zone are the session's.
//
// Thread: GUI. A hidden one does nothing; its page calls show_snapshot() when it is shown.
class TimelineView : public QWidget {
  Q_OBJECT
 public:
  TimelineView(NodeSession& session, QWidget* parent);

  // A new snapshot, another window or another node: jobs are read anew.
  void show_snapshot();

 private:
  void refresh(TimePoint now);
  void update_tiles();
  void update_table();
  void choose(quint64 id);
  const StorageJob* job(quint64 id) const;

  NodeSession& session_;
  FigureTiles* tiles_;
  TimelinePanel* panel_;
  Card* table_card_;
  CellModel* rows_;
  QSortFilterProxyModel* sorted_;
  DataTable* table_;
  std::vector<StorageJob> jobs_;  // of the shown window
  bool stale_ = false;            // its events
};

}  // namespace nodetune
