// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <optional>
#include <vector>

#include "ui/pages/known_chart.h"
#include "ui/pages/page.h"
#include "ui/shell/theme.h"

class QLabel;
class QPushButton;
class QSpinBox;
class QStackedLayout;

namespace nodetune {

class Card;
class FigureTiles;
class HistogramPanel;

// How writes reach the database: batches, their durations and sizes, what they hold, and when one
// is committed. A committer that fails is named with its reason, and can be told to retry.
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
  QWidget* build_threshold();
  ChartPanel* make_chart(const QString& title, const QString& note, ChartUnit unit,
                         std::vector<SeriesSpec> specs, std::vector<SeriesSource> sources);
  void update_tiles(const Snapshot& snapshot);
  void update_distribution();
  void update_failure(const BatchStatus& status);
  void update_threshold(const BatchStatus& status);
  void check_threshold();
  void send(Command command);
  void command_finished(const CommandOutcome& outcome);
  void tell(const QString& text, Tone tone);
  void apply_palette();

  QStackedLayout* stack_;
  Card* failure_ = nullptr;
  QLabel* failure_text_ = nullptr;
  QPushButton* retry_ = nullptr;
  FigureTiles* tiles_;
  std::vector<KnownChart> charts_;
  HistogramPanel* histogram_ = nullptr;
  Card* threshold_card_ = nullptr;
  QSpinBox* threshold_ = nullptr;
  QPushButton* apply_ = nullptr;
  QPushButton* optimise_ = nullptr;
  QLabel* range_ = nullptr;
  QLabel* told_ = nullptr;
  Tone told_tone_ = Tone::neutral;
  QString outcome_;  // what the last command of this page said
  Tone outcome_tone_ = Tone::neutral;
  BatchStatus status_;
  std::optional<Ticket> waiting_;  // for this page's own command
};

}  // namespace nodetune
