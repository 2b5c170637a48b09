// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <QString>
#include <optional>
#include <vector>

#include "engine/metrics/snapshot.h"
#include "ui/bridge/history_series.h"
#include "ui/chart/chart_types.h"
#include "ui/pages/figure_tiles.h"

namespace nodetune {

// What is known of the machine that a foreign node runs on, and of its process.
struct MachineChart {
  QString title;
  QString note;
  ChartUnit unit = ChartUnit::count;
  std::optional<ChartUnit> right;
  bool right_is_ratio = false;  // its axis ends at 1
  std::vector<SeriesSpec> specs;
  std::vector<SeriesSource> sources;
  QString unavailable;
};
std::vector<MachineChart> machine_charts();

// "412", of 1,024: a node without a file left stops.
FigureTile open_files_tile(const Snapshot& snapshot);

// "full in 41 days"; empty while that is not known.
QString full_text(const Snapshot& snapshot);
// "1.2 GiB more a day"; empty while growth is not known.
QString growth_text(const Snapshot& snapshot);

}  // namespace nodetune
