// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include "engine/node/batch_state.h"
#include "engine/node/command.h"
#include "ui/chart/card.h"
#include "ui/shell/theme.h"

class QComboBox;
class QDoubleSpinBox;
class QLabel;
class QPushButton;
class QSpinBox;

namespace nodetune {

class NodeSession;

// Who decides how many operations a commit holds, by which limit, and why it is as many as it is.
//
// Thread: GUI.
class BatchSizeCard : public Card {
  Q_OBJECT
 public:
  explicit BatchSizeCard(NodeSession& session, QWidget* parent = nullptr);

  // Follows the committer, but never overwrites what somebody is about to apply.
  void set_status(const BatchStatus& status);

 protected:
  void appearance_changed() override;

 private:
  struct Settings {
    int mode = 0;
    double limit_milliseconds = 0;
    int operations = 0;
    bool operator==(const Settings&) const = default;
  };

  void build();
  Settings edited() const;
  Settings in_force() const;
  bool untouched() const;
  void show_settings(const Settings& settings);
  void update();
  void apply();
  void send(Command command);
  void command_finished(const CommandOutcome& outcome);
  void tell(const QString& text, Tone tone);

  NodeSession& session_;
  QComboBox* mode_;
  QLabel* limit_label_;
  QDoubleSpinBox* limit_;
  QLabel* operations_label_;
  QSpinBox* operations_;
  QPushButton* apply_;
  QPushButton* optimise_;
  QLabel* choice_;
  QLabel* told_;
  BatchStatus status_;
  Settings shown_;  // as the committer had it when the fields were last set
  QString outcome_;
  Tone outcome_tone_ = Tone::neutral;
  Tone told_tone_ = Tone::neutral;
  Ticket ticket_ = 0;  // of this card's own command; 0: none waits
};

}  // namespace nodetune
