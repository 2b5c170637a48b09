// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "engine/node/kind_figures.h"
#include "engine/report/report.h"

// How a report tells what is stored, by kind of object.

namespace nodetune {

struct KindRow {
  KindFigures figures;
  double share = kMissing;  // of all bytes
  KindGrowth growth;        // over the report's time
};

// Empty: nothing is known of it.
std::vector<KindRow> kind_rows(const Report& report);
// What the figures are, over which time growth was seen, what is stored elsewhere: a sentence each.
std::vector<std::string> kind_sentences(const Report& report);
// Six cells: kind, size, share, files, keys, growth a day.
std::vector<std::string> kind_cells(const KindRow& row);
// A table under its heading.
std::string html_kinds(const Report& report);
nlohmann::json kinds_json(const Report& report);

}  // namespace nodetune
