// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/report/report_kinds.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "engine/base/format.h"
#include "engine/base/json_number.h"
#include "engine/report/html_parts.h"
#include "engine/report/report_text.h"

namespace nodetune {
namespace {

// "+1.2 GiB", "−30 MiB".
std::string change_text(double bytes) {
  if (std::isnan(bytes)) return std::string(kNoFigure);
  return (bytes < 0 ? "−" : "+") + format_bytes(std::abs(bytes));
}

}  // namespace

std::vector<KindRow> kind_rows(const Report& report) {
  double whole = 0;
  for (const auto& kind : report.last.kinds) whole += static_cast<double>(kind.bytes);
  std::vector<KindRow> rows;
  for (const auto& kind : report.last.kinds) {
    KindRow row;
    row.figures = kind;
    if (whole > 0) row.share = static_cast<double>(kind.bytes) / whole;
    const auto* series = find_series(report, stored_metric(kind));
    if (series != nullptr && growth_is_told(report.node)) row.growth = kind_growth(series->points);
    rows.push_back(row);
  }
  return rows;
}

std::vector<std::string> kind_sentences(const Report& report) {
  std::vector<std::string> said = {
      "Live SST and blob files, by what their keys are (derived). A file that holds several kinds "
      "is "
      "not told apart."};
  double window = kMissing;
  for (const auto& row : kind_rows(report)) window = std::fmax(window, row.growth.window_seconds);
  said.push_back(std::isnan(window)
                     ? "How fast each kind grows is not known: the node does not run, or was seen "
                       "for less than ten minutes."
                     : fmt::format("Growth a day is derived from {}.", format_seconds(window)));
  if (const auto note = stored_note(report.node); !note.empty()) {
    said.push_back(std::string(note) + ".");
  }
  return said;
}

std::vector<std::string> kind_cells(const KindRow& row) {
  const auto& kind = row.figures;
  return {std::string(kind_name(kind)),
          format_bytes(static_cast<double>(kind.bytes)),
          std::isnan(row.share) ? std::string(kNoFigure) : format_ratio(row.share),
          whole_text(static_cast<std::uint64_t>(std::max<std::int64_t>(kind.files, 0))),
          std::isnan(kind.estimated_keys) ? std::string(kNoFigure)
                                          : "≈ " + format_count(kind.estimated_keys),
          change_text(row.growth.bytes_per_day)};
}

std::string html_kinds(const Report& report) {
  const auto rows = kind_rows(report);
  if (rows.empty()) return {};
  using enum HtmlTable::Align;
  HtmlTable table({{"Kind", left},
                   {"Size", right},
                   {"Share", right},
                   {"Files", right},
                   {"Keys, estimated", right},
                   {"Growth a day", right}});
  for (const auto& row : rows) {
    for (const auto& cell : kind_cells(row)) table.text(cell);
  }
  std::string out = html_heading("What is stored") + table.str();
  for (const auto& sentence : kind_sentences(report)) out += html_note(sentence);
  return out;
}

nlohmann::json kinds_json(const Report& report) {
  auto list = nlohmann::json::array();
  for (const auto& row : kind_rows(report)) {
    list.push_back({{"kind", kind_id(row.figures)},
                    {"files", row.figures.files},
                    {"bytes", row.figures.bytes},
                    {"share", json_number(row.share)},
                    {"estimated_keys", json_number(row.figures.estimated_keys)},
                    {"bytes_per_day", json_number(row.growth.bytes_per_day)},
                    {"growth_seconds", json_number(row.growth.window_seconds)}});
  }
  return list;
}

}  // namespace nodetune
