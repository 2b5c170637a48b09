// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/report/html_parts.h"

#include <cassert>

#include "engine/report/report_text.h"

namespace nodetune {

HtmlTable& HtmlTable::text(std::string_view value) {
  return markup(xml_escape(value.empty() ? kNoFigure : value));
}

HtmlTable& HtmlTable::markup(std::string value) {
  cells_.push_back(std::move(value));
  row_classes_.resize((cells_.size() + columns_.size() - 1) / columns_.size());
  return *this;
}

HtmlTable& HtmlTable::row(std::string_view row_class) {
  assert(!row_classes_.empty());
  row_classes_.back() = row_class;
  return *this;
}

std::string HtmlTable::str() const {
  assert(cells_.size() % columns_.size() == 0);
  const auto align = [this](std::size_t column) {
    return columns_[column].align == Align::right ? " class=\"num\" align=\"right\"" : "";
  };
  const bool facts = columns_.size() <= 3 && columns_.front().align == Align::left;
  std::string out = "<div class=\"scroll\"><table";
  out += facts ? " class=\"facts\"><thead><tr>" : "><thead><tr>";
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    out += std::string("<th") + align(i) + ">" + xml_escape(columns_[i].title) + "</th>";
  }
  out += "</tr></thead><tbody>\n";
  for (std::size_t i = 0; i < cells_.size(); ++i) {
    const auto column = i % columns_.size();
    const auto& row_class = row_classes_[i / columns_.size()];
    if (column == 0) {
      out += row_class.empty() ? "<tr>" : "<tr class=\"" + xml_escape(row_class) + "\">";
    }
    out += std::string("<td") + align(column) + ">" + cells_[i] + "</td>";
    if (column + 1 == columns_.size()) out += "</tr>\n";
  }
  return out + "</tbody></table></div>\n";
}

std::string html_section(std::string_view id, std::string_view title, const std::string& body) {
  return "<section id=\"" + xml_escape(id) + "\">\n<h2>" + xml_escape(title) + "</h2>\n" + body +
         "</section>\n";
}

std::string html_heading(std::string_view title) {
  return "<h3>" + xml_escape(title) + "</h3>\n";
}

std::string html_note(std::string_view text) {
  return "<p class=\"note\">" + xml_escape(text) + "</p>\n";
}

std::string html_badge(std::string_view text, std::string_view tone) {
  return "<span class=\"badge " + xml_escape(tone) + "\">" + xml_escape(text) + "</span>";
}

std::string html_details(std::string_view summary, const std::string& body) {
  return "<details><summary>" + xml_escape(summary) + "</summary>\n" + body + "</details>\n";
}

}  // namespace nodetune
