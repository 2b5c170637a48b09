// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <array>

#include "engine/node/batch_state.h"
#include "ui/chart/card.h"

class QLabel;

namespace nodetune {

// How commits reach the database: which paths were taken, from which size on, and why.
//
// Thread: GUI.
class WritePathsCard : public Card {
  Q_OBJECT
 public:
  explicit WritePathsCard(QWidget* parent = nullptr);

  void set_status(const BatchStatus& status);

 protected:
  void appearance_changed() override;

 private:
  struct Row {
    QLabel* name;
    QLabel* when;
    QLabel* used;
  };
  std::array<Row, kWritePathCount> rows_{};
  QLabel* choice_;
};

}  // namespace nodetune
