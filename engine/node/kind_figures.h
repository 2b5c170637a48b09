// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "engine/metrics/history.h"
#include "engine/metrics/snapshot.h"
#include "engine/node/node.h"

// What is stored of each kind: its name, its metric, its growth. Pure functions.

namespace nodetune {

// The fact that says which kinds lie elsewhere, or why nothing is told apart.
inline constexpr std::string_view kStoredNoteFact = "About what is stored";
// Its sentence; empty: there is none.
std::string_view stored_note(const NodeDescription& node);

// "Headers", "Other", "Not told apart".
std::string_view kind_name(const KindFigures& kind);
// "header", "other", "unknown": JSON and recordings, and back.
std::string_view kind_id(const KindFigures& kind);
std::optional<KindFigures> kind_from(std::string_view id);
Metric stored_metric(const KindFigures& kind);

// The metrics db_stored_*_bytes of `snapshot.kinds`. A kind of which nothing is stored is missing:
// it may lie elsewhere.
void set_stored_metrics(Snapshot& snapshot);
// A managed node's kinds: its families hold one each.
void fill_own_kinds(Snapshot& snapshot);

// Derived; missing while the window is so short that one flush or compaction would decide.
struct KindGrowth {
  double bytes_per_day = kMissing;
  double window_seconds = kMissing;  // over which it was seen
};
// A stopped node does not grow, which says nothing of one that runs.
bool growth_is_told(const NodeDescription& node);
// `points`: of the kind's metric, ascending.
KindGrowth kind_growth(const std::vector<HistoryPoint>& points);
// Over all that the history knows of it.
KindGrowth kind_growth(const History& history, const KindFigures& kind);

}  // namespace nodetune
