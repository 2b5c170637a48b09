// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <optional>
#include <vector>

#include "ui/bridge/node_session.h"
#include "ui/chart/card.h"
#include "ui/models/tuning_tables.h"

class QLabel;
class QLineEdit;
class QPushButton;
class QTextBrowser;

namespace nodetune {

class DataTable;
class ValueEditor;

// What the tuner recommends, with its evidence, and the operator's answer: approve (A), override
// with another value (O), reject (R). Of an observed node: the exact line to set, to be copied and
// followed up (C), what waits for its restart, and what became of it.
// Thread: GUI. Lifetime: within that of the open node.
class RecommendationPanel : public Card {
  Q_OBJECT
 public:
  RecommendationPanel(NodeSession& session, QWidget* parent);

  void update_recommendations();
  void approve();
  void start_override();
  void reject();
  void copy();

 protected:
  void appearance_changed() override;

 private:
  QWidget* build_list();
  QWidget* build_detail();
  QWidget* build_buttons();
  QWidget* build_override();
  const Recommendation* chosen() const;
  bool is_observed() const;
  void show_waiting();
  void show_chosen();
  void update_buttons();
  void judge_override();
  void finish_override();
  void send(const DecideRecommendation& decision);
  void submit(Command command);
  void command_finished(const CommandOutcome& outcome);
  void tell(const QString& text, Tone tone);

  NodeSession& session_;
  CellModel* model_;
  DataTable* table_ = nullptr;
  QLabel* none_ = nullptr;
  QLabel* restart_ = nullptr;  // what waits for it
  QTextBrowser* detail_ = nullptr;
  QWidget* apply_row_ = nullptr;
  QLineEdit* apply_text_ = nullptr;
  QPushButton* approve_ = nullptr;
  QPushButton* override_ = nullptr;
  QPushButton* reject_ = nullptr;
  QPushButton* copy_ = nullptr;
  QPushButton* tune_ = nullptr;
  QWidget* override_row_ = nullptr;
  ValueEditor* editor_ = nullptr;
  QPushButton* override_apply_ = nullptr;
  QLabel* told_ = nullptr;
  Tone told_tone_ = Tone::neutral;

  std::vector<Recommendation> items_;
  std::uint64_t chosen_ = 0;
  QString shown_html_;
  std::optional<Ticket> waiting_;
};

}  // namespace nodetune
