// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <QString>
#include <cstdint>
#include <vector>

#include "ui/bridge/history_series.h"

namespace nodetune {

// Rates need two snapshots, and the second may come late: from this one on what is missing is so.
constexpr std::uint64_t kSettledSnapshots = 3;

// A chart that says why it is empty when nothing is known of any of its series.
struct KnownChart {
  ChartPanel* panel = nullptr;
  std::vector<SeriesSource> sources;
  QString unavailable;        // the reason
  bool metrics_tell = false;  // a node's own metrics may: then the reason says so
};

// "in each second"; of several databases the worst is shown.
QString stalled_note(const NodeSession& session);

// The reason as it is given; of a recording, that nobody wrote it down.
QString why_unknown(const QString& reason, const NodeSession& session);

// That an observed node's own metrics may tell, as a sentence behind another; empty: they may not.
QString metrics_reason(const NodeSession& session);

// Asks the history of the shown window. Nothing is judged before a few snapshots have come: rates
// need two.
void update_availability(const std::vector<KnownChart>& charts, const NodeSession& session);

}  // namespace nodetune
