// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/files/flat_json.h"

#include <algorithm>
#include <charconv>
#include <cstring>

namespace nodetune {
namespace {

bool is_blank(char c) {
  return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

// Where the string that begins at `text` ends: at its closing quote.
std::size_t string_end(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const auto* quote =
        static_cast<const char*>(std::memchr(text.data() + at, '"', text.size() - at));
    if (quote == nullptr) return std::string_view::npos;
    const auto end = static_cast<std::size_t>(quote - text.data());
    std::size_t backslashes = 0;
    while (end > backslashes && text[end - 1 - backslashes] == '\\') ++backslashes;
    if (backslashes % 2 == 0) return end;
    at = end + 1;
  }
  return std::string_view::npos;
}

}  // namespace

std::optional<std::int64_t> parse_integer(std::string_view text) {
  std::int64_t value = 0;
  const auto* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || stop != end || text.empty()) return std::nullopt;
  return value;
}

std::optional<std::int64_t> FlatJson::Member::integer() const {
  return is_string ? std::nullopt : parse_integer(value);
}

FlatJson::FlatJson(std::string_view text, std::string_view last) : rest_(text), last_(last) {
  skip_blanks();
  if (!take('{')) state_ = State::damaged;
}

void FlatJson::skip_blanks() {
  while (!rest_.empty() && is_blank(rest_.front())) rest_.remove_prefix(1);
}

bool FlatJson::take(char c) {
  if (!rest_.starts_with(c)) return false;
  rest_.remove_prefix(1);
  return true;
}

std::optional<FlatJson::Member> FlatJson::fail() {
  state_ = State::damaged;
  return std::nullopt;
}

std::optional<std::string_view> FlatJson::take_string() {
  if (!take('"')) return std::nullopt;
  const auto end = string_end(rest_);
  if (end == std::string_view::npos) return std::nullopt;
  const auto taken = rest_.substr(0, end);
  rest_.remove_prefix(end + 1);
  return taken;
}

// Up to the bracket that closes the one at the front.
std::optional<std::string_view> FlatJson::take_nested() {
  std::size_t depth = 0;
  for (std::size_t at = 0; at < rest_.size(); ++at) {
    const char c = rest_[at];
    if (c == '"') {
      const auto end = string_end(rest_.substr(at + 1));
      if (end == std::string_view::npos) return std::nullopt;
      at += end + 1;
    } else if (c == '{' || c == '[') {
      ++depth;
    } else if ((c == '}' || c == ']') && --depth == 0) {
      const auto taken = rest_.substr(0, at + 1);
      rest_.remove_prefix(at + 1);
      return taken;
    }
  }
  return std::nullopt;
}

std::optional<FlatJson::Member> FlatJson::next() {
  if (state_ == State::ended || state_ == State::damaged) return std::nullopt;
  skip_blanks();
  if (take('}')) {
    state_ = State::ended;
    return std::nullopt;
  }
  if (state_ == State::within && !take(',')) return fail();
  state_ = State::within;
  skip_blanks();
  Member member;
  const auto key = take_string();
  if (!key) return fail();
  if (*key == last_ && !last_.empty()) {
    state_ = State::ended;
    return std::nullopt;
  }
  member.key = *key;
  skip_blanks();
  if (!take(':')) return fail();
  skip_blanks();
  if (rest_.empty()) return fail();
  const char first = rest_.front();
  if (first == '"' || first == '{' || first == '[') {
    member.is_string = first == '"';
    const auto value = member.is_string ? take_string() : take_nested();
    if (!value) return fail();
    member.value = *value;
    return member;
  }
  std::size_t end = 0;
  while (end < rest_.size() && rest_[end] != ',' && rest_[end] != '}' && !is_blank(rest_[end]))
    ++end;
  if (end == 0 || end == rest_.size()) return fail();
  member.value = rest_.substr(0, end);
  rest_.remove_prefix(end);
  return member;
}

FlatList::FlatList(std::string_view text) {
  if (text.size() < 2 || text.front() != '[' || text.back() != ']') return;
  rest_ = text.substr(1, text.size() - 2);
}

std::string_view FlatList::next() {
  const auto end = std::min(rest_.find(','), rest_.size());
  auto element = rest_.substr(0, end);
  rest_.remove_prefix(std::min(end + 1, rest_.size()));
  while (!element.empty() && is_blank(element.front())) element.remove_prefix(1);
  while (!element.empty() && is_blank(element.back())) element.remove_suffix(1);
  return element;
}

}  // namespace nodetune
