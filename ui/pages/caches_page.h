// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <map>
#include <vector>

#include "ui/pages/page.h"

class QLabel;
class QPushButton;
class QStackedLayout;
class QTabWidget;
class QTableView;

namespace nodetune {

class ByteSpinBox;
class CacheMemoryView;
class CacheTableModel;
class Card;

// The seven object caches: how well they work, what they hold, and resizing them by hand.
class CachesPage : public Page {
  Q_OBJECT
 public:
  CachesPage(NodeSession& session, Theme& theme, QWidget* parent = nullptr);

 protected:
  void on_snapshot(const Snapshot& snapshot) override;

 private:
  // Of one cache: the wanted capacity and the button that applies it.
  struct Editor {
    QWidget* widget = nullptr;
    ByteSpinBox* size = nullptr;
    QPushButton* apply = nullptr;
    qint64 current_bytes = 0;
    Ticket ticket = 0;  // of the change that is under way
  };

  QWidget* build_activity();
  QWidget* build_charts();
  QWidget* build_table();
  QWidget* build_explanation();
  void show_hints();
  void place_editors();
  Editor make_editor(ObjectKind kind);
  void update_editors();
  void update_editor(Editor& editor);
  void apply_editor(ObjectKind kind);
  void command_finished(const CommandOutcome& outcome);

  QStackedLayout* stack_;
  CacheTableModel* model_;
  QTableView* table_ = nullptr;
  Card* table_card_ = nullptr;
  CacheMemoryView* memory_ = nullptr;
  QLabel* hints_ = nullptr;  // hidden where blocks run without
  QPushButton* optimise_ = nullptr;
  Ticket optimise_ticket_ = 0;
  std::map<ObjectKind, Editor> editors_;
};

}  // namespace nodetune
