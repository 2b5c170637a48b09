// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <array>

#include "engine/node/batch_state.h"
#include "engine/node/command.h"
#include "ui/chart/card.h"

class QLabel;
class QRadioButton;

namespace nodetune {

class NodeSession;

// What a commit survives, chosen by name, each with what it costs here.
//
// Thread: GUI.
class DurabilityCard : public Card {
  Q_OBJECT
 public:
  explicit DurabilityCard(NodeSession& session, QWidget* parent = nullptr);

  void set_status(const BatchStatus& status);

 protected:
  void appearance_changed() override;

 private:
  struct Row {
    QRadioButton* button;
    QLabel* text;
  };
  void choose(Durability durability);

  NodeSession& session_;
  std::array<Row, kDurabilityCount> rows_{};
  BatchStatus status_;
  Ticket ticket_ = 0;  // of this card's own command; 0: none waits
};

}  // namespace nodetune
