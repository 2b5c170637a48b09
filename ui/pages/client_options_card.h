// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include "ui/chart/card.h"

class QLabel;
class QToolButton;

namespace nodetune {

class CellModel;
class DataTable;
struct NodeDescription;

// What an operator can set in a client, line by line, each with a button that copies it; what is
// hard-coded there is folded away. Hidden where the client is not known.
//
// Thread: GUI.
class ClientOptionsCard : public Card {
  Q_OBJECT
 public:
  explicit ClientOptionsCard(QWidget* parent = nullptr);

  void set_description(const NodeDescription& description);

 private:
  void add_copy_buttons();
  void fold();

  CellModel* settable_;
  DataTable* settable_table_;
  QLabel* nothing_;
  QToolButton* toggle_;
  CellModel* hard_coded_;
  DataTable* hard_coded_table_;
};

}  // namespace nodetune
