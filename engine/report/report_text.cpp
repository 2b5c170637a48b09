// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/report/report_text.h"

#include <fmt/format.h>

#include <cmath>

#include "engine/base/format.h"
#include "engine/tuner/recommendation.h"

namespace nodetune {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD

struct Decoded {
  char32_t code = 0;
  std::size_t bytes = 0;  // 0: not UTF-8
};

Decoded decode(std::string_view text) {
  const auto first = static_cast<unsigned char>(text[0]);
  if (first < 0x80) return {first, 1};
  std::size_t length = 0;
  char32_t code = 0;
  char32_t smallest = 0;  // anything below is an overlong form
  if ((first & 0xE0) == 0xC0) {
    length = 2, code = first & 0x1F, smallest = 0x80;
  } else if ((first & 0xF0) == 0xE0) {
    length = 3, code = first & 0x0F, smallest = 0x800;
  } else if ((first & 0xF8) == 0xF0) {
    length = 4, code = first & 0x07, smallest = 0x10000;
  }
  if (length == 0 || text.size() < length) return {};
  for (std::size_t i = 1; i < length; ++i) {
    const auto next = static_cast<unsigned char>(text[i]);
    if ((next & 0xC0) != 0x80) return {};
    code = (code << 6) | (next & 0x3F);
  }
  if (code < smallest || code > 0x10FFFF) return {};
  return {code, length};
}

bool is_harmless(char32_t code) {
  if (code == '\t' || code == '\n' || code == '\r') return true;
  if (code < 0x20 || (code >= 0x7F && code < 0xA0)) return false;
  if (code >= 0xD800 && code <= 0xDFFF) return false;  // surrogates
  if (code == 0x200E || code == 0x200F) return false;  // direction marks
  if (code >= 0x2028 && code <= 0x202E) return false;  // line ends, overrides
  if (code >= 0x2066 && code <= 0x2069) return false;  // isolates
  return (code & 0xFFFE) != 0xFFFE && code != 0xFEFF;  // no characters, BOM
}

}  // namespace

std::string clean_text(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const auto [code, bytes] = decode(text);
    if (bytes > 0 && is_harmless(code)) {
      out += text.substr(0, bytes);
    } else {
      out += kReplacement;
    }
    text.remove_prefix(bytes > 0 ? bytes : 1);
  }
  return out;
}

std::string xml_escape(std::string_view text) {
  std::string out;
  for (const char c : clean_text(text)) {
    switch (c) {
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '&':
        out += "&amp;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out.push_back(c);
    }
  }
  return out;
}

std::string csv_field(std::string_view text) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(text);
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"') out.push_back('"');
    out.push_back(c);
  }
  out.push_back('"');
  return out;
}

std::string markdown_escape(std::string_view text) {
  static constexpr std::string_view kMarkup = "\\`*_[]#|~";
  static constexpr std::string_view kNoSpace = "\xE2\x80\x8B";  // ends a mention, shows nothing
  std::string out;
  for (const char c : clean_text(text)) {
    if (c == '\n' || c == '\r' || c == '\t') {
      out.push_back(' ');
    } else if (c == '<') {
      out += "&lt;";
    } else if (c == '>') {
      out += "&gt;";
    } else if (c == '&') {
      out += "&amp;";
    } else if (c == '@') {
      out += c;
      out += kNoSpace;
    } else {
      if (kMarkup.find(c) != std::string_view::npos) out.push_back('\\');
      out.push_back(c);
    }
  }
  return out;
}

std::string utc_text(TimePoint time) {
  auto text = format_time_utc(time);  // 2026-11-22T16:28:36Z
  if (const auto at = text.find('T'); at != std::string::npos) text[at] = ' ';
  if (text.ends_with('Z')) text.replace(text.size() - 1, 1, " UTC");
  return text;
}

std::string figure_text(double value, Unit unit, bool per_second) {
  if (!std::isfinite(value)) return std::string(kNoFigure);
  const auto text = format_figure(value, unit);
  return per_second ? text + "/s" : text;
}

std::string unit_text(Unit unit, bool per_second) {
  std::string text(to_string(unit));
  return per_second ? text + "/s" : text;
}

std::string whole_text(std::uint64_t value) {
  auto digits = fmt::format("{}", value);
  for (auto at = static_cast<std::ptrdiff_t>(digits.size()) - 3; at > 0; at -= 3) {
    digits.insert(static_cast<std::size_t>(at), 1, ',');
  }
  return digits;
}

std::string plain_text(double value, int decimals) {
  if (!std::isfinite(value)) return std::string(kNoFigure);
  return fmt::format("{:.{}f}", value, decimals);
}

}  // namespace nodetune
