// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include "ui/models/event_model.h"
#include "ui/pages/page.h"

class QCheckBox;
class QComboBox;
class QLabel;
class QLineEdit;

namespace nodetune {

class Card;
class DataTable;

// What happened, newest at the end: flushes, compactions, stalls, errors, changes. Filtered by
// text, category and severity; follows the end until somebody scrolls up.
class EventsPage : public Page {
  Q_OBJECT
 public:
  EventsPage(NodeSession& session, Theme& theme, QWidget* parent = nullptr);

 protected:
  void on_snapshot(const Snapshot& snapshot) override;
  void showEvent(QShowEvent* event) override;

 private:
  QWidget* build_filters();
  void catch_up();
  void update_counts();
  void follow();

  EventModel* model_;
  EventFilter* filter_;
  std::uint64_t last_ = 0;  // the newest event in the model
  Card* card_;
  DataTable* table_;
  QLineEdit* text_ = nullptr;
  QComboBox* category_ = nullptr;
  QComboBox* severity_ = nullptr;
  QCheckBox* follow_ = nullptr;
  QLabel* none_ = nullptr;
};

}  // namespace nodetune
