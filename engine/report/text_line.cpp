// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/report/text_line.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace nodetune {
namespace {

constexpr bool begins_character(char c) {
  return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
}

std::string_view first_columns(std::string_view text, std::size_t columns) {
  std::size_t at = 0;
  for (; at < text.size(); ++at) {
    if (begins_character(text[at]) && columns-- == 0) break;
  }
  return text.substr(0, at);
}

std::string_view sequence_of(TextTone tone) {
  switch (tone) {
    case TextTone::plain:
      return {};
    case TextTone::dim:
      return "\x1b[2m";
    case TextTone::strong:
      return "\x1b[1m";
    case TextTone::good:
      return "\x1b[32m";
    case TextTone::warning:
      return "\x1b[1;33m";
    case TextTone::bad:
      return "\x1b[1;31m";
  }
  return {};
}

// What a terminal without UTF-8 shows instead of the few characters beyond ASCII that we use.
std::string to_ascii(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = at + 1;
    while (end < text.size() && !begins_character(text[end])) ++end;
    const auto character = text.substr(at, end - at);
    at = end;
    if (character.size() == 1) {
      out += character;
    } else if (character == "µ") {
      out += 'u';
    } else if (character == "→") {
      out += '>';
    } else {
      out += '-';
    }
  }
  return out;
}

}  // namespace

std::size_t columns_of(std::string_view utf8) {
  return static_cast<std::size_t>(std::count_if(utf8.begin(), utf8.end(), begins_character));
}

TextLine& TextLine::add(std::string_view text, TextTone tone) {
  if (text.empty()) return *this;
  std::string clean(text);
  for (char& c : clean) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
  }
  columns_ += columns_of(clean);
  pieces_.push_back({std::move(clean), tone});
  return *this;
}

TextLine& TextLine::go_to(std::size_t column) {
  return add(std::string(column > columns_ ? column - columns_ : 1, ' '));
}

TextLine& TextLine::add_right(std::string_view text, std::size_t column, TextTone tone) {
  const auto width = columns_of(text);
  return go_to(column > width ? column - width : 0).add(text, tone);
}

TextLine& TextLine::append(const TextLine& other) {
  pieces_.insert(pieces_.end(), other.pieces_.begin(), other.pieces_.end());
  columns_ += other.columns_;
  return *this;
}

std::string TextLine::render(std::size_t columns_max, bool colour, bool unicode) const {
  const bool cut = columns_ > columns_max;
  std::size_t left = cut && columns_max > 0 ? columns_max - 1 : columns_max;
  std::string out;
  for (const auto& piece : pieces_) {
    const auto shown = first_columns(piece.text, left);
    if (shown.empty()) break;
    left -= columns_of(shown);
    const auto sequence = colour ? sequence_of(piece.tone) : std::string_view();
    out += sequence;
    out += unicode ? std::string(shown) : to_ascii(shown);
    if (!sequence.empty()) out += "\x1b[0m";
  }
  if (cut && columns_max > 0) out += unicode ? "…" : ">";
  return out;
}

std::string sparkline(const std::vector<double>& values, double top, bool unicode) {
  static constexpr std::array<std::string_view, 8> kBars = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  static constexpr std::string_view kAscii = "_.-=+*%#";
  if (top <= 0) {
    for (const double value : values) top = std::fmax(top, value);
  }
  std::string out;
  for (const double value : values) {
    if (!std::isfinite(value)) {
      out += ' ';
      continue;
    }
    const double share = top > 0 ? std::clamp(value / top, 0.0, 1.0) : 0;
    const auto step = std::min<std::size_t>(7, static_cast<std::size_t>(std::ceil(share * 7)));
    if (unicode) {
      out += kBars[step];
    } else {
      out += kAscii[step];
    }
  }
  return out;
}

}  // namespace nodetune
