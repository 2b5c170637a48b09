// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/files/flat_json.h"

#include <algorithm>
#include <charconv>
#include <cstddef>

#include "engine/files/digits.h"
#include "engine/files/eight_bytes.h"

namespace nodetune {
namespace {

constexpr std::size_t kDigitsThatFit = 18;  // into 64 bits, whatever they are

// The first comparison settles nearly every character.
bool is_blank(char c) {
  return static_cast<unsigned char>(c) <= ' ' && (c == ' ' || c == '\n' || c == '\t' || c == '\r');
}

std::string_view between(const char* from, const char* to) {
  return {from, static_cast<std::size_t>(to - from)};
}

const char* behind_blanks(const char* at, const char* end) {
  while (at != end && is_blank(*at)) ++at;
  return at;
}

// Of the string behind an opening quote: its closing one; `end`: there is none.
inline const char* string_end(const char* from, const char* end) {
  for (const char* at = from;; ++at) {
    at = find_near(at, end, '"');
    if (at == end || at == from || at[-1] != '\\') return at;
    std::ptrdiff_t backslashes = 1;
    while (at - backslashes > from && at[-1 - backslashes] == '\\') ++backslashes;
    if (backslashes % 2 == 0) return at;
  }
}

// Behind the bracket that closes the one at `from`; `from`: there is none.
const char* nested_end(const char* from, const char* end) {
  std::size_t depth = 0;
  for (const char* at = from; at != end; ++at) {
    const char c = *at;
    if (c == '"') {
      at = string_end(at + 1, end);
      if (at == end) return from;
    } else if (c == '{' || c == '[') {
      ++depth;
    } else if ((c == '}' || c == ']') && --depth == 0) {
      return at + 1;
    }
  }
  return from;
}

// Behind a number or a word; `from`: there is none, or the text ends in it.
const char* bare_end(const char* from, const char* end) {
  const char* at = from;
  while (at != end && is_digit(*at)) ++at;  // nearly all are digits alone
  while (at != end && *at != ',' && *at != '}' && !is_blank(*at)) ++at;
  return at == end ? from : at;
}

}  // namespace

std::optional<std::int64_t> parse_integer(std::string_view text) {
  std::int64_t value = 0;
  const auto* at = text.data();
  const auto* end = at + text.size();
  if (text.size() <= kDigitsThatFit) {  // nearly all; this is asked of every figure
    while (end - at >= kWordBytes) {
      const auto values = load_eight(at) - eight_of('0');
      if (!are_digit_values(values)) break;
      value = value * 100'000'000 + static_cast<std::int64_t>(number_of_values(values));
      at += kWordBytes;
    }
    while (at != end && is_digit(*at)) value = value * 10 + (*at++ - '0');
    if (at == end && !text.empty()) return value;
  }
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || stop != end) return std::nullopt;
  return value;
}

std::optional<std::int64_t> FlatJson::Member::integer() const {
  return is_string ? std::nullopt : parse_integer(value);
}

FlatJson::FlatJson(std::string_view text, std::string_view last)
    : end_(text.data() + text.size()), last_(last) {
  at_ = behind_blanks(text.data(), end_);
  if (at_ == end_ || *at_++ != '{') state_ = State::damaged;
}

bool FlatJson::next(Member& member) {
  if (state_ == State::ended || state_ == State::damaged) return false;
  const bool first = state_ == State::first;
  state_ = State::damaged;  // until what follows is whole
  const char* at = behind_blanks(at_, end_);
  if (at == end_) return false;
  if (*at == '}') {
    state_ = State::ended;
    return false;
  }
  if (!first) {
    if (*at != ',') return false;
    at = behind_blanks(at + 1, end_);
    if (at == end_) return false;
  }
  if (*at != '"') return false;
  const char* closing = string_end(at + 1, end_);
  if (closing == end_) return false;
  member.key = between(at + 1, closing);
  if (member.key.size() == last_.size() && member.key == last_ && !last_.empty()) {
    state_ = State::ended;
    return false;
  }
  at = behind_blanks(closing + 1, end_);
  if (at == end_ || *at != ':') return false;
  return take_value(behind_blanks(at + 1, end_), member);
}

bool FlatJson::take_value(const char* at, Member& member) {
  if (at == end_) return false;
  member.is_string = *at == '"';
  if (member.is_string) {
    const char* closing = string_end(at + 1, end_);
    if (closing == end_) return false;
    member.value = between(at + 1, closing);
    at_ = closing + 1;
  } else {
    at_ = *at == '{' || *at == '[' ? nested_end(at, end_) : bare_end(at, end_);
    if (at_ == at) return false;
    member.value = between(at, at_);
  }
  state_ = State::within;
  return true;
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
