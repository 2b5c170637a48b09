// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/report/markdown_parts.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "engine/report/report_text.h"

namespace nodetune {
namespace {

constexpr std::size_t kCellCharactersMax = 240;

std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

// The first `most` characters of valid UTF-8.
std::string_view head(std::string_view text, std::size_t most) {
  std::size_t seen = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if ((text[i] & 0xC0) != 0x80 && ++seen > most) return text.substr(0, i);
  }
  return text;
}

std::string joined(const std::vector<MarkdownSection>& sections) {
  std::string text;
  for (const auto& section : sections) text += section.str();
  return text;
}

}  // namespace

std::string MarkdownSection::str() const {
  std::string text = head;
  for (const auto& line : lines) text += line + "\n";
  text += tail;
  if (dropped > 0) {
    text += fmt::format("\n*{} more lines left out for want of room.*\n", dropped);
  }
  return text + "\n";
}

std::string markdown_shortened(std::string_view text, std::size_t most) {
  const auto clean = clean_text(text);
  if (characters(clean) <= most) return clean;
  return std::string(head(clean, most - 1)) + "…";
}

std::string markdown_cell(std::string_view text) {
  return text.empty() ? std::string(kNoFigure)
                      : markdown_escape(markdown_shortened(text, kCellCharactersMax));
}

std::string markdown_code(std::string_view text) {
  const auto plain = [](unsigned char c) {
    return std::isalnum(c) != 0 ||
           std::string_view("_-.:=,").find(char(c)) != std::string_view::npos;
  };
  if (text.empty() || text.size() > kCellCharactersMax ||
      !std::all_of(text.begin(), text.end(), plain))
    return markdown_cell(text);
  return "`" + std::string(text) + "`";
}

std::string markdown_row(std::initializer_list<std::string> cells) {
  std::string line = "|";
  for (const auto& one : cells) line += " " + one + " |";
  return line;
}

std::string markdown_table_head(std::string_view title,
                                std::initializer_list<std::string> columns) {
  std::string text = "### " + std::string(title) + "\n\n" + markdown_row(columns) + "\n|";
  for (std::size_t i = 0; i < columns.size(); ++i) text += " --- |";
  return text + "\n";
}

MarkdownSection markdown_nothing(std::string_view title, std::string_view why, int importance) {
  return {.head = "### " + std::string(title) + "\n\n" + std::string(why) + "\n",
          .lines = {},
          .tail = {},
          .importance = importance};
}

std::string markdown_fenced(std::string_view line, std::size_t most) {
  auto text = markdown_shortened(line, most);
  std::replace(text.begin(), text.end(), '`', '\'');
  std::replace(text.begin(), text.end(), '\n', ' ');
  std::replace(text.begin(), text.end(), '\r', ' ');
  return text;
}

std::string fit_markdown(std::vector<MarkdownSection> sections, std::size_t most) {
  auto text = joined(sections);
  while (characters(text) > most) {
    MarkdownSection* least = nullptr;
    for (auto& section : sections) {
      if (section.lines.empty()) continue;
      if (least == nullptr || section.importance < least->importance) least = &section;
    }
    if (least == nullptr) break;
    std::size_t over = characters(text) - most;
    while (!least->lines.empty()) {
      const auto freed = characters(least->lines.back()) + 1;
      least->lines.pop_back();
      ++least->dropped;
      if (freed >= over) break;
      over -= freed;
    }
    text = joined(sections);
  }
  return std::string(head(text, most));
}

}  // namespace nodetune
