// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <string>

#include "engine/report/report.h"

// One writer a format. Each takes the report as it is: names were left out before, or not.

namespace nodetune {

std::string render_html(const Report& report);
std::string render_csv(const Report& report);
std::string render_json(const Report& report);
std::string render_markdown(const Report& report, std::size_t characters_max);

}  // namespace nodetune
