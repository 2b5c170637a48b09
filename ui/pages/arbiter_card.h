// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include "engine/node/node.h"
#include "ui/chart/card.h"

class QCheckBox;
class QComboBox;
class QLabel;
class QPushButton;

namespace nodetune {

class ByteSpinBox;
class NodeSession;

// Who shares the memory among the caches, out of how much, and what it would move next.
//
// What is being edited is never overwritten by the node's own settings. Thread: GUI.
class ArbiterCard : public Card {
  Q_OBJECT
 public:
  explicit ArbiterCard(NodeSession& session, QWidget* parent = nullptr);

  void set_memory(const MemoryState& memory);

 private:
  struct Settings {
    int mode = 0;
    qint64 budget_bytes = 0;
    bool acts = false;
    bool operator==(const Settings&) const = default;
  };
  Settings edited() const;
  void show_settings(const Settings& settings);
  void update_apply();
  void apply();

  NodeSession& session_;
  QComboBox* mode_;
  ByteSpinBox* budget_;
  QCheckBox* acts_;
  QPushButton* apply_;
  QLabel* cost_;
  QLabel* plan_;
  Settings in_force_;
  Ticket ticket_ = 0;  // of the change that is under way
};

}  // namespace nodetune
