// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <string>
#include <string_view>
#include <vector>

// The few shapes that the HTML page is built of. Text is escaped here, once.

namespace nodetune {

// A table; cells are text, or markup made by this module.
//
// Invariant: every row has as many cells as there are columns.
class HtmlTable {
 public:
  enum class Align { left, right };
  struct Column {
    std::string title;
    Align align = Align::left;
  };

  explicit HtmlTable(std::vector<Column> columns) : columns_(std::move(columns)) {}

  HtmlTable& text(std::string_view value);     // the next cell
  HtmlTable& markup(std::string value);        // the next cell, escaped by its maker
  HtmlTable& row(std::string_view row_class);  // of the row that was begun by the last cell
  bool empty() const { return cells_.empty(); }
  std::string str() const;

 private:
  std::vector<Column> columns_;
  std::vector<std::string> cells_;
  std::vector<std::string> row_classes_;
};

std::string html_section(std::string_view id, std::string_view title, const std::string& body);
std::string html_heading(std::string_view title);
// A dim line: what a table or chart is about, or that there is nothing.
std::string html_note(std::string_view text);
// A word in a box: a state, a source, a severity. `tone`: "good", "warn", "bad" or "".
std::string html_badge(std::string_view text, std::string_view tone = "");
std::string html_details(std::string_view summary, const std::string& body);

}  // namespace nodetune
