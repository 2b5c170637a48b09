// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/report/report_text.h"
#include "engine/report/writers.h"

namespace nodetune {

std::string render_html(const Report& report) {
  std::string out = "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"/><title>";
  out += xml_escape("NodeTune report: " + report.node.path) + "</title></head><body><h1>";
  out += xml_escape(report.node.path) + "</h1><p>" + xml_escape(report.health.sentence);
  out += "</p><table>";
  for (const auto& about : catalogue()) {
    if (about.kind == MetricKind::histogram) continue;
    out += "<tr><td>" + xml_escape(about.title) + "</td><td>" +
           figure_text(report.last.value(about.id), about.unit) + "</td></tr>\n";
  }
  return out + "</table></body></html>\n";
}

}  // namespace nodetune
