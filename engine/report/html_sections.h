// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <string>
#include <vector>

#include "engine/report/report.h"
#include "engine/report/report_charts.h"

// The sections of the HTML page. Each says what is missing where it knows nothing.

namespace nodetune {

using Charts = std::vector<ReportChart>;

std::string html_charts(const Charts& charts, ChartSection section);

std::string html_tiles(const Report& report);
std::string html_node(const Report& report);
std::string html_overview(const Report& report, const Charts& charts);
std::string html_workload(const Report& report, const Charts& charts);
std::string html_caches(const Report& report, const Charts& charts);
std::string html_batches(const Report& report, const Charts& charts);
std::string html_database(const Report& report, const Charts& charts);
std::string html_machine(const Report& report, const Charts& charts);

std::string html_knobs(const Report& report);
std::string html_recommendations(const Report& report);
std::string html_audit(const Report& report);
std::string html_events(const Report& report);
std::string html_options(const Report& report);

}  // namespace nodetune
