// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <vector>

#include "ui/bridge/history_series.h"
#include "ui/pages/page.h"
#include "ui/shell/theme.h"

class QLabel;
class QListWidget;

namespace nodetune {

class Card;

// How the node's storage is, in one sentence; the six charts that matter; what waits for a
// decision.
class OverviewPage : public Page {
  Q_OBJECT
 public:
  OverviewPage(NodeSession& session, Theme& theme, QWidget* parent = nullptr);

 protected:
  void on_snapshot(const Snapshot& snapshot) override;
  void changeEvent(QEvent* event) override;

 private:
  struct Chart {
    ChartPanel* panel;
    std::vector<SeriesSource> sources;
    QString unavailable;  // why nothing is known
  };

  QWidget* build_health();
  QWidget* build_charts();
  QWidget* build_recommendations();
  Chart make_chart(const QString& title, const QString& note, ChartUnit unit,
                   std::vector<SeriesSpec> specs, std::vector<SeriesSource> sources,
                   const QString& unavailable);
  void update_health(const Snapshot& snapshot);
  void update_availability(const Snapshot& snapshot);
  void update_recommendations();
  void apply_palette();

  Card* health_;
  QLabel* symbol_;
  QLabel* sentence_;
  Tone tone_;
  std::vector<Chart> charts_;
  ChartPanel* free_space_ = nullptr;  // one of them
  Card* recommendations_card_;
  QListWidget* recommendations_;
  QLabel* none_;
  QStringList shown_recommendations_;
};

}  // namespace nodetune
