// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include "ui/pages/page.h"

class QLabel;

namespace nodetune {

class Card;
class CellModel;
class ClientOptionsCard;
class DataTable;
class KnobPanel;
class RecommendationPanel;

// What is recommended, the eight knobs (of a known client what can be set there), and who changed
// what: deciding and turning by hand.
// Keys: A approves, O overrides, R rejects the chosen recommendation; C copies its line.
class TuningPage : public Page {
  Q_OBJECT
 public:
  TuningPage(NodeSession& session, Theme& theme, QWidget* parent = nullptr);

 protected:
  void on_snapshot(const Snapshot& snapshot) override;
  void changeEvent(QEvent* event) override;

 private:
  QWidget* build_audit();
  void update_all();
  void apply_palette();

  RecommendationPanel* recommendations_;
  KnobPanel* knobs_;
  ClientOptionsCard* client_;  // in place of the knobs where the node's client is known
  Card* audit_card_ = nullptr;
  CellModel* audit_;
  DataTable* audit_table_ = nullptr;
  QLabel* no_audit_ = nullptr;
};

}  // namespace nodetune
