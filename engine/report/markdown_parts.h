// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

// The few shapes that the Markdown report is built of. Text is escaped here, once.

namespace nodetune {

// A heading and lines, of which the last ones may be left out where there is no room.
struct MarkdownSection {
  std::string head;  // heading, table header or the fence's beginning
  std::vector<std::string> lines;
  std::string tail;    // the fence's end
  int importance = 0;  // the least important lose their lines first
  std::size_t dropped = 0;

  std::string str() const;
};

std::string markdown_shortened(std::string_view text, std::size_t most);  // characters
std::string markdown_cell(std::string_view text);
// Names and values that a shell would take as they are, as code; others as text.
std::string markdown_code(std::string_view text);
std::string markdown_row(std::initializer_list<std::string> cells);  // cells are markup
std::string markdown_table_head(std::string_view title, std::initializer_list<std::string> columns);
MarkdownSection markdown_nothing(std::string_view title, std::string_view why, int importance);
// A line of a fence: nothing inside can end it.
std::string markdown_fenced(std::string_view line, std::size_t most);
// Takes lines from the least important section that has any, until all fits.
std::string fit_markdown(std::vector<MarkdownSection> sections, std::size_t most);

}  // namespace nodetune
