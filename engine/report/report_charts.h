// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <string>
#include <vector>

#include "engine/report/report.h"
#include "engine/report/svg_chart.h"

namespace nodetune {

enum class ChartSection : std::uint8_t {
  overview,
  workload,
  caches,
  batches,
  database,
  machine,
};

// One chart of the report, ready to be drawn.
struct ReportChart {
  ChartSection section = ChartSection::overview;
  std::string title;   // "Disk latency"
  std::string note;    // "in each second"
  std::string source;  // "measured", "derived"
  SvgChart chart;      // without series: there is no data, and `missing` says why
  std::string missing;
};

// All charts, in the order of the page. Those of the overview are there even without data.
std::vector<ReportChart> report_charts(const Report& report);

}  // namespace nodetune
