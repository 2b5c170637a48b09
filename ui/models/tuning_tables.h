// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <QString>
#include <map>
#include <optional>
#include <vector>

#include "engine/node/node.h"
#include "ui/models/cell_model.h"

// The tables of the Tuning page as rows: pure functions of what the node published.

namespace nodetune {

// What stands in the last column instead of the cost: why a value was refused, what a change did.
struct KnobNote {
  QString text;
  Tone tone = Tone::neutral;
};

std::vector<CellColumn> knob_columns();
// The row's key is the knob's name. Defaults are the test bench's: another program's node has none.
std::vector<CellRow> knob_rows(const std::vector<KnobState>& knobs, const KnobContext& context,
                               const std::map<Knob, KnobNote>& notes, OpenWay way);
// All eight, where each is known.
std::optional<KnobValues> known_values(const std::vector<KnobState>& knobs);
// What the machine allows, as far as the snapshot knows it.
KnobContext knob_context(const Snapshot& snapshot);

std::vector<CellColumn> recommendation_columns();
// Undecided first, then the newest; the key is the id.
std::vector<CellRow> recommendation_rows(const std::vector<Recommendation>& items, TimePoint now);
// "Write buffer size", with the database in front where there are several.
QString recommendation_title(const Recommendation& item);
QString state_text(RecommendationState state);
// "✓ applied": never by colour alone.
QString with_tone_symbol(const QString& text, Tone tone);
Tone state_tone(RecommendationState state);
QString actor_text(Actor who);

std::vector<CellColumn> audit_columns();
// Newest first. An intent that has its end is told by the end alone.
std::vector<CellRow> audit_rows(const std::vector<AuditEntry>& entries, bool utc);
// The newest change that is in force, which can be undone.
std::optional<AuditEntry> last_change(const std::vector<AuditEntry>& entries);
// "Write buffer size: 96 MiB → 64 MiB": what undoing the change does.
QString undo_text(const AuditEntry& entry);

}  // namespace nodetune
