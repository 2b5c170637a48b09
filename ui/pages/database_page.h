// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <vector>

#include "ui/pages/known_chart.h"
#include "ui/pages/page.h"

class QComboBox;
class QLabel;
class QTabWidget;

namespace nodetune {

class Card;
class CellModel;
class DataTable;
class FigureTiles;
class OptionsView;
class TimelineView;
class StoredKindsView;

// RocksDB itself, in four tabs: what it does (stalls, flushes, compactions, memtables, block
// cache, latencies), how its trees look (levels, column families), what it was told (facts and
// options in force), and what it flushed and compacted when.
class DatabasePage : public Page {
  Q_OBJECT
 public:
  DatabasePage(NodeSession& session, Theme& theme, QWidget* parent = nullptr);

 protected:
  void on_snapshot(const Snapshot& snapshot) override;
  void on_frame(TimePoint now) override;
  void changeEvent(QEvent* event) override;

 private:
  QWidget* build_activity();
  QWidget* build_tree();
  QWidget* build_stalls();
  QWidget* build_work();
  QWidget* build_latencies();
  ChartPanel* make_chart(const QString& title, const QString& note, ChartUnit unit,
                         std::vector<SeriesSpec> specs, std::vector<SeriesSource> sources);
  void update_tiles(const Snapshot& snapshot);
  void update_stalls(const Snapshot& snapshot);
  void update_tree(const Snapshot& snapshot);
  void update_families(const Snapshot& snapshot);
  void apply_palette();

  QTabWidget* tabs_;
  TimelineView* timeline_ = nullptr;
  int timeline_tab_ = -1;
  std::vector<KnownChart> charts_;
  FigureTiles* tiles_ = nullptr;
  Card* stalls_card_ = nullptr;
  CellModel* stalls_;
  DataTable* stalls_table_ = nullptr;

  StoredKindsView* stored_ = nullptr;
  QComboBox* family_ = nullptr;
  Card* levels_card_ = nullptr;
  CellModel* levels_;
  DataTable* levels_table_ = nullptr;
  QLabel* tree_note_ = nullptr;
  Card* families_card_ = nullptr;
  CellModel* families_;
  DataTable* families_table_ = nullptr;

  OptionsView* options_ = nullptr;
};

}  // namespace nodetune
