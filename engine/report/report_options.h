// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <array>
#include <nlohmann/json.hpp>
#include <string>

#include "engine/report/report.h"

// How a report tells what the options differ from, how they changed, and what can be set.

namespace nodetune {

// "Compared with the defaults of RocksDB 8.3.2.", or that there is nothing to compare with.
std::string defaults_sentence(const NodeDescription& node);

inline constexpr std::array<const char*, 6> kChangeColumns = {"Time",  "Option", "Before",
                                                              "After", "Of",     "Found in"};
// By kChangeColumns.
std::array<std::string, kChangeColumns.size()> change_cells(const OptionChange& change);
// That nothing changed, in how many opens; empty where no open is known.
std::string no_change_sentence(const NodeDescription& node);

inline constexpr std::array<const char*, 4> kClientColumns = {"What", "Now", "How", "Note"};
// By kClientColumns.
std::array<std::string, kClientColumns.size()> client_option_cells(const ClientOption& option);

// "What you can set in Besu" and "Changed at restarts", each under its heading; empty where nothing
// is known.
std::string html_option_story(const Report& report);

nlohmann::json option_rows_json(const NodeDescription& node);
nlohmann::json option_changes_json(const NodeDescription& node);
nlohmann::json client_options_json(const NodeDescription& node);

}  // namespace nodetune
