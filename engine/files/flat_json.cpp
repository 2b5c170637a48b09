// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/files/flat_json.h"

#include <algorithm>
#include <charconv>
#include <cstring>

#include "engine/files/digits.h"

namespace nodetune {
namespace {

constexpr std::size_t kDigitsThatFit = 18;  // into 64 bits, whatever they are

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
  if (text.size() <= kDigitsThatFit) {  // nearly all; this is asked of every figure
    for (const auto* at = text.data(); at != end && is_digit(*at); ++at) {
      value = value * 10 + (*at - '0');
      if (at + 1 == end) return value;
    }
    value = 0;
  }
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

bool FlatJson::take_string(std::string_view& taken) {
  if (!take('"')) return false;
  const auto end = string_end(rest_);
  if (end == std::string_view::npos) return false;
  taken = rest_.substr(0, end);
  rest_.remove_prefix(end + 1);
  return true;
}

// Up to the bracket that closes the one at the front.
bool FlatJson::take_nested(std::string_view& taken) {
  std::size_t depth = 0;
  for (std::size_t at = 0; at < rest_.size(); ++at) {
    const char c = rest_[at];
    if (c == '"') {
      const auto end = string_end(rest_.substr(at + 1));
      if (end == std::string_view::npos) return false;
      at += end + 1;
    } else if (c == '{' || c == '[') {
      ++depth;
    } else if ((c == '}' || c == ']') && --depth == 0) {
      taken = rest_.substr(0, at + 1);
      rest_.remove_prefix(at + 1);
      return true;
    }
  }
  return false;
}

// A number, or a word.
bool FlatJson::take_bare(std::string_view& taken) {
  std::size_t end = 0;
  while (end < rest_.size() && rest_[end] != ',' && rest_[end] != '}' && !is_blank(rest_[end])) {
    ++end;
  }
  if (end == 0 || end == rest_.size()) return false;
  taken = rest_.substr(0, end);
  rest_.remove_prefix(end);
  return true;
}

bool FlatJson::take_member(Member& member) {
  skip_blanks();
  if (!take_string(member.key)) return false;
  if (member.key == last_ && !last_.empty()) {
    state_ = State::ended;
    return false;
  }
  skip_blanks();
  if (!take(':')) return false;
  skip_blanks();
  if (rest_.empty()) return false;
  const char first = rest_.front();
  member.is_string = first == '"';
  if (member.is_string) return take_string(member.value);
  if (first == '{' || first == '[') return take_nested(member.value);
  return take_bare(member.value);
}

bool FlatJson::next(Member& member) {
  if (state_ == State::ended || state_ == State::damaged) return false;
  skip_blanks();
  if (take('}')) {
    state_ = State::ended;
    return false;
  }
  const bool follows = state_ == State::first || take(',');
  state_ = State::within;
  if (follows && take_member(member)) return true;
  if (state_ != State::ended) state_ = State::damaged;
  return false;
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
