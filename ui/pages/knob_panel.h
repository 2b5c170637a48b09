// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <map>
#include <optional>

#include "ui/bridge/node_session.h"
#include "ui/chart/card.h"
#include "ui/models/tuning_tables.h"

class QLabel;
class QPushButton;

namespace nodetune {

class DataTable;
class ValueEditor;

// The eight knobs: what they are, and changing one by hand. A value is judged by the engine's own
// rule while it is typed; what it says stands under the field and in the knob's row.
// Thread: GUI. Lifetime: within that of the open node.
class KnobPanel : public Card {
  Q_OBJECT
 public:
  KnobPanel(NodeSession& session, QWidget* parent);

  void update_knobs();
  void choose(Knob knob);

 protected:
  void appearance_changed() override;

 private:
  QWidget* build_editor();
  const KnobState* chosen_state() const;
  void show_chosen();
  void judge();
  void apply();
  void undo();
  void command_finished(const CommandOutcome& outcome);
  void fill_table();
  void tell(const QString& text, Tone tone);
  Status check(std::int64_t value) const;
  QString pending_text(std::int64_t value) const;

  NodeSession& session_;
  CellModel* model_;
  DataTable* table_;
  QWidget* controls_ = nullptr;  // only of a node that can be set from here
  QLabel* name_ = nullptr;
  ValueEditor* editor_ = nullptr;
  QPushButton* apply_ = nullptr;
  QPushButton* default_ = nullptr;
  QPushButton* undo_ = nullptr;
  QLabel* told_ = nullptr;
  QLabel* help_ = nullptr;
  Tone told_tone_ = Tone::neutral;

  Knob chosen_ = Knob::write_buffer_size;
  std::vector<KnobState> knobs_;
  std::map<Knob, KnobNote> notes_;
  std::optional<AuditEntry> last_change_;
  std::optional<std::int64_t> shown_value_;  // the current value that the field began with
  bool edited_ = false;
  bool outcome_stands_ = false;  // what the last command said, until the next edit
  struct Waiting {
    Ticket ticket;
    std::optional<Knob> knob;  // nothing: an undo
  };
  std::optional<Waiting> waiting_;
};

}  // namespace nodetune
