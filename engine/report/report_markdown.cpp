// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/report/report_text.h"
#include "engine/report/writers.h"

namespace nodetune {

std::string render_markdown(const Report& report, std::size_t characters_max) {
  std::string out = "# NodeTune report\n\n" + markdown_escape(report.health.sentence) + "\n";
  for (const auto& fact : report.machine) {
    out += "\n- " + markdown_escape(fact.name) + ": " + markdown_escape(fact.value);
  }
  return out.size() > characters_max ? out.substr(0, characters_max) : out;
}

}  // namespace nodetune
