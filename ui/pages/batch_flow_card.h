// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include "engine/node/batch_state.h"
#include "ui/chart/card.h"
#include "ui/shell/theme.h"

class QLabel;
class QProgressBar;

namespace nodetune {

// Whether writes flow: what waits, how much of it there may be, who waits for whom and why.
//
// Thread: GUI.
class BatchFlowCard : public Card {
  Q_OBJECT
 public:
  explicit BatchFlowCard(QWidget* parent = nullptr);

  void set_status(const BatchStatus& status);

 protected:
  void appearance_changed() override;

 private:
  QLabel* symbol_;
  QLabel* text_;
  QProgressBar* pending_;
  Tone tone_ = Tone::neutral;
};

}  // namespace nodetune
