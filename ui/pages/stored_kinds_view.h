// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <QElapsedTimer>
#include <QWidget>
#include <vector>

#include "engine/node/kind_figures.h"

class QLabel;

namespace nodetune {

class CellModel;
class ChartPanel;
class DataTable;
class NodeSession;
class ShareBar;

// What is stored, by kind of object: shares and a table, and beside them the sizes over time.
//
// Hidden while nothing is known of it. Thread: GUI. Lifetime: within that of the session.
class StoredKindsView : public QWidget {
  Q_OBJECT
 public:
  explicit StoredKindsView(NodeSession& session, QWidget* parent = nullptr);

  // To be adopted by the page.
  ChartPanel* chart() { return chart_; }
  void set_snapshot(const Snapshot& snapshot);

 protected:
  void changeEvent(QEvent* event) override;

 private:
  bool shows_others(const std::vector<KindFigures>& kinds) const;
  void set_series(const std::vector<KindFigures>& kinds);
  void apply_palette();

  NodeSession& session_;
  ShareBar* card_;
  CellModel* rows_;
  DataTable* table_;
  QLabel* note_;
  ChartPanel* chart_;
  std::vector<KindFigures> kinds_;  // as shown
  std::vector<KindGrowth> growth_;
  QElapsedTimer growth_age_;
};

}  // namespace nodetune
