// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <QWidget>

class QCheckBox;
class QLabel;
class QLineEdit;
class QSortFilterProxyModel;

namespace nodetune {

class Card;
class CellModel;
class ClientOptionsCard;
class DataTable;
class NodeSession;
struct NodeDescription;

// What a database was told, and what it is: facts, what can be set in its client, options in force
// beside their defaults, and what was changed at its restarts.
//
// A card of which nothing is known is hidden. Thread: GUI. Lifetime: within that of the session.
class OptionsView : public QWidget {
  Q_OBJECT
 public:
  explicit OptionsView(NodeSession& session, QWidget* parent = nullptr);

  // As the session's node was described last.
  void refresh();

 protected:
  void changeEvent(QEvent* event) override;

 private:
  QWidget* build_facts();
  QWidget* build_options();
  QWidget* build_changes();
  void show_options(const NodeDescription& description);
  void show_changes(const NodeDescription& description);
  void update_title();
  void apply_palette();

  NodeSession& session_;
  CellModel* facts_;
  DataTable* facts_table_ = nullptr;
  ClientOptionsCard* client_ = nullptr;

  Card* options_card_ = nullptr;
  CellModel* options_;
  QSortFilterProxyModel* shown_options_;
  DataTable* options_table_ = nullptr;
  QLineEdit* filter_ = nullptr;
  QCheckBox* only_differing_ = nullptr;
  QLabel* options_note_ = nullptr;

  Card* changes_card_ = nullptr;
  CellModel* changes_;
  DataTable* changes_table_ = nullptr;
  QLabel* no_change_ = nullptr;
};

}  // namespace nodetune
