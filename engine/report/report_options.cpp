// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/report/report_options.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/node/observed_options.h"
#include "engine/report/html_parts.h"
#include "engine/report/report_text.h"

namespace nodetune {
namespace {

using nlohmann::json;

std::string or_dash(const std::string& text) {
  return text.empty() ? std::string(kNoFigure) : text;
}

template <std::size_t N>
HtmlTable table_of(const std::array<const char*, N>& titles) {
  std::vector<HtmlTable::Column> columns;
  for (const std::string title : titles) columns.push_back({title, HtmlTable::Align::left});
  return HtmlTable(std::move(columns));
}

std::string html_client(const NodeDescription& node) {
  if (node.client_options.empty()) return {};
  auto settable = table_of(kClientColumns);
  auto fixed = table_of(kClientColumns);
  std::size_t hard_coded = 0;
  for (const auto& option : node.client_options) {
    auto& table = option.how.empty() ? fixed : settable;
    if (option.how.empty()) ++hard_coded;
    for (const auto& cell : client_option_cells(option)) table.text(cell);
  }
  auto out = html_heading("What you can set in " + node.client);
  out += settable.empty() ? html_note("Nothing that is known.") : settable.str();
  if (hard_coded > 0) {
    out += html_details(fmt::format("Hard-coded in {} ({})", node.client, hard_coded), fixed.str());
  }
  return out;
}

std::string html_changes(const NodeDescription& node) {
  const auto none = no_change_sentence(node);
  if (node.option_changes.empty() && none.empty()) return {};
  auto table = table_of(kChangeColumns);
  for (const auto& change : node.option_changes) {
    for (const auto& cell : change_cells(change)) table.text(cell);
  }
  return html_heading("Changed at restarts") + (table.empty() ? html_note(none) : table.str());
}

}  // namespace

std::string defaults_sentence(const NodeDescription& node) {
  if (!node.defaults_of.empty()) {
    return fmt::format("Compared with the defaults of {}.", node.defaults_of);
  }
  return "Compared with nothing: which release wrote them, or what its defaults are, is not known.";
}

std::array<std::string, kChangeColumns.size()> change_cells(const OptionChange& change) {
  return {change.time ? utc_text(*change.time) : std::string(kNoFigure),
          change.name,
          or_dash(change.before),
          or_dash(change.after),
          change.section,
          change.origin};
}

std::string no_change_sentence(const NodeDescription& node) {
  for (const auto& fact : node.facts) {
    if (fact.name == kOpensFact) return fmt::format("Nothing. {}: {}.", fact.name, fact.value);
  }
  return {};
}

std::array<std::string, kClientColumns.size()> client_option_cells(const ClientOption& option) {
  return {option.subject, or_dash(option.current), option.how.empty() ? "hard-coded" : option.how,
          option.caveat};
}

std::string html_option_story(const Report& report) {
  return html_client(report.node) + html_changes(report.node);
}

json option_rows_json(const NodeDescription& node) {
  auto rows = json::array();
  for (const auto& row : node.options) {
    rows.push_back({{"section", clean_text(row.section)},
                    {"name", clean_text(row.name)},
                    {"value", clean_text(row.value)}});
    if (row.default_value) rows.back()["default"] = clean_text(*row.default_value);
  }
  return rows;
}

json option_changes_json(const NodeDescription& node) {
  auto rows = json::array();
  for (const auto& change : node.option_changes) {
    rows.push_back({{"time", change.time ? json(to_epoch_seconds(*change.time)) : json(nullptr)},
                    {"section", clean_text(change.section)},
                    {"name", clean_text(change.name)},
                    {"before", clean_text(change.before)},
                    {"after", clean_text(change.after)},
                    {"origin", clean_text(change.origin)}});
  }
  return rows;
}

json client_options_json(const NodeDescription& node) {
  auto rows = json::array();
  for (const auto& option : node.client_options) {
    rows.push_back({{"subject", clean_text(option.subject)},
                    {"current", clean_text(option.current)},
                    {"how", option.how.empty() ? json(nullptr) : json(clean_text(option.how))},
                    {"caveat", clean_text(option.caveat)},
                    {"knob", option.knob ? json(to_string(*option.knob)) : json(nullptr)}});
  }
  return rows;
}

}  // namespace nodetune
