// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include <array>

#include "engine/base/format.h"
#include "engine/report/html_parts.h"
#include "engine/report/html_sections.h"
#include "engine/report/page_style.h"
#include "engine/report/report_text.h"
#include "engine/report/writers.h"

namespace nodetune {
namespace {

std::string health_banner(const Health& health) {
  std::string_view tone = "";
  std::string_view symbol = "?";
  switch (health.level) {
    case HealthLevel::unknown:
      break;
    case HealthLevel::good:
      tone = "good";
      symbol = "✓";
      break;
    case HealthLevel::warning:
      tone = "warn";
      symbol = "!";
      break;
    case HealthLevel::bad:
      tone = "bad";
      symbol = "✕";
      break;
  }
  const auto& sentence = health.sentence;
  return "<p class=\"health " + std::string(tone) + "\"><span class=\"symbol\">" +
         std::string(symbol) + "</span><span>" +
         xml_escape(sentence.empty() ? "Nothing is known of the node's health." : sentence) +
         "</span></p>\n";
}

std::string page_header(const Report& report) {
  const auto& node = report.node;
  std::string what = node.client.empty() ? "RocksDB" : node.client;
  if (node.way == OpenWay::observed) what += ", observed";
  if (node.way == OpenWay::recorded) what += ", recorded";
  std::string out = "<header>\n<h1>Storage report: " + xml_escape(what) + "</h1>\n";
  out += "<p class=\"sub\"><span class=\"path\">" + xml_escape(node.path) + "</span> · made " +
         utc_text(report.made) + " by NodeTune " + xml_escape(report.program_version);
  if (report.end > report.begin) {
    out += " · " + xml_escape(format_seconds(to_seconds(report.end - report.begin))) + " until " +
           utc_text(report.end);
  }
  out += "</p>\n" + health_banner(report.health);
  if (!node.data_set.empty()) {
    out += "<p class=\"sub\"><b>Test bench.</b> " + xml_escape(node.data_set) + "</p>\n";
  }
  return out + html_tiles(report);
}

// `foreign`: its caches are not known, its memory is.
std::string contents(bool with_workload, bool foreign) {
  struct Entry {
    std::string_view id;
    std::string_view title;
  };
  static constexpr std::array<Entry, 12> kEntries = {{{"overview", "Overview"},
                                                      {"node", "What was opened"},
                                                      {"workload", "Workload"},
                                                      {"caches", "Object caches"},
                                                      {"batches", "Batches"},
                                                      {"database", "Database"},
                                                      {"knobs", "Knobs"},
                                                      {"recommendations", "Recommendations"},
                                                      {"audit", "Audit log"},
                                                      {"events", "Events"},
                                                      {"options", "Options"},
                                                      {"machine", "Machine"}}};
  std::string out = "<nav>";
  for (const auto& entry : kEntries) {
    if (entry.id == "workload" && !with_workload) continue;
    const auto title = entry.id == "caches" && foreign ? std::string_view("Memory") : entry.title;
    out += "<a href=\"#" + std::string(entry.id) + "\">" + std::string(title) + "</a>\n";
  }
  return out + "</nav>\n</header>\n";
}

}  // namespace

std::string render_html(const Report& report) {
  const auto charts = report_charts(report);
  const auto workload = html_workload(report, charts);
  std::string out =
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n<title>";
  out += xml_escape("NodeTune: " + report.node.path) + "</title>\n<style>" + page_style() +
         "</style>\n</head>\n<body>\n";
  const bool foreign = report.caches.empty() && !report.memory_parts.empty();
  out += page_header(report) + contents(!workload.empty(), foreign) + "<main>\n";
  out += html_overview(report, charts);
  out += html_node(report);
  out += workload;
  out += html_caches(report, charts);
  out += html_batches(report, charts);
  out += html_database(report, charts);
  out += html_knobs(report);
  out += html_recommendations(report);
  out += html_audit(report);
  out += html_events(report);
  out += html_options(report);
  out += html_machine(report, charts);
  out +=
      "</main>\n<footer>Measured: read from the database, the kernel or this program. Derived: "
      "computed or estimated. Logged: from RocksDB's LOG. A dash is a figure that is not "
      "known.";
  if (report.anonymised) out += " Paths and names were left out.";
  return out + "</footer>\n</body>\n</html>\n";
}

}  // namespace nodetune
