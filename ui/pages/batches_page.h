// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <vector>

#include "ui/pages/known_chart.h"
#include "ui/pages/page.h"

class QLabel;
class QPushButton;
class QStackedLayout;

namespace nodetune {

class BatchFlowCard;
class BatchSizeCard;
class Card;
class DurabilityCard;
class FigureTiles;
class HistogramPanel;
class WritePathsCard;

// How writes reach the database: whether they flow, how many operations a commit holds and why,
// what it survives and at what price, by which path, and how long it takes. A committer that fails
// is named with its reason and remedy, and can be told to retry.
class BatchesPage : public Page {
  Q_OBJECT
 public:
  BatchesPage(NodeSession& session, Theme& theme, QWidget* parent = nullptr);

 protected:
  void on_snapshot(const Snapshot& snapshot) override;
  void on_frame(TimePoint now) override;
  void changeEvent(QEvent* event) override;

 private:
  QWidget* build_explanation();
  QWidget* build_failure();
  QWidget* build_panels();
  QWidget* build_controls();
  ChartPanel* make_chart(const QString& title, const QString& note, ChartUnit unit,
                         std::vector<SeriesSpec> specs, std::vector<SeriesSource> sources);
  void update_tiles(const Snapshot& snapshot);
  void update_distribution();
  void update_failure(const BatchStatus& status);
  void command_finished(const CommandOutcome& outcome);
  void apply_palette();

  QStackedLayout* stack_;
  Card* failure_ = nullptr;
  QLabel* failure_text_ = nullptr;
  QPushButton* retry_ = nullptr;
  BatchFlowCard* flow_;
  FigureTiles* tiles_;
  BatchSizeCard* size_;
  DurabilityCard* durability_;
  WritePathsCard* paths_;
  std::vector<KnownChart> charts_;
  HistogramPanel* histogram_ = nullptr;
  Ticket ticket_ = 0;  // of this page's own command; 0: none waits
};

}  // namespace nodetune
