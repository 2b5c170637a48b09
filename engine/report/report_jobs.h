// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <array>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "engine/report/report.h"

// How a report tells what was flushed and compacted: how much of it, and the longest jobs.

namespace nodetune {

// The ten that took longest, the longest first.
std::vector<StorageJob> longest_jobs(const Report& report);
// "312 flushes and 40 compactions from … to …; at least one of them ran 12 % of that time."
std::string job_sentence(const Report& report);

inline constexpr std::array<const char*, 7> kJobColumns = {"Began", "Took", "What",  "Family",
                                                           "In",    "Out",  "Reason"};
// By kJobColumns.
std::array<std::string, kJobColumns.size()> job_cells(const StorageJob& job, TimePoint end);

// A table under its heading; empty where nothing is known.
std::string html_jobs(const Report& report);
nlohmann::json jobs_json(const Report& report);

}  // namespace nodetune
