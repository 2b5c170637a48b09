// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/files/flat_json.h"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <utility>

#include "engine/files/eight_bytes.h"

namespace nodetune {
namespace {

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

// Behind a word, or a number that is more than digits; `end`: the text ends in it.
const char* bare_end(const char* at, const char* end) {
  while (at != end && *at != ',' && *at != '}' && !is_blank(*at)) ++at;
  return at;
}

}  // namespace

std::optional<std::int64_t> parse_integer(std::string_view text) {
  std::int64_t value = 0;
  const auto* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || stop != end) return std::nullopt;
  return value;
}

std::optional<std::int64_t> FlatJson::Member::other_integer() const {
  return is_string ? std::nullopt : parse_integer(value);
}

bool FlatJson::next(Member& member) {
  if (state_ == State::ended || state_ == State::damaged) return false;
  const char* front = at_;
  const bool first = std::exchange(state_, State::damaged) == State::first;  // until all is whole
  const char* key = key_at(at_, first);
  if (key == nullptr) return false;
  const char* closing = string_end(key, end_);
  if (closing == end_) return false;
  member.key = between(key, closing);
  if (!last_.empty() && same_bytes(member.key, last_)) {
    state_ = State::ended;
    return false;
  }
  const char* at = behind_blanks(closing + 1, end_);
  if (at == end_ || *at != ':') return false;
  at = behind_blanks(at + 1, end_);
  front_ = between(front, at);
  return take_value(at, member);
}

// Behind the quote that opens the next member's key; null where there is none, and then it has
// been found out why.
const char* FlatJson::key_at(const char* at, bool first) {
  at = behind_blanks(at, end_);
  if (at == end_) return nullptr;
  if (*at == '}') {
    state_ = State::ended;
    return nullptr;
  }
  if (!first) {
    if (*at != ',') return nullptr;
    at = behind_blanks(at + 1, end_);
  }
  return at != end_ && *at == '"' ? at + 1 : nullptr;
}

// What is no plain string and no plain number.
bool FlatJson::take_other_value(const char* at, Member& member) {
  state_ = State::damaged;  // until what follows is whole
  member.has_number = false;
  if (at == end_) return false;
  if (member.is_string) {
    const char* closing = string_end(at + 1, end_);
    if (closing == end_) return false;
    member.value = between(at + 1, closing);
    at_ = closing + 1;
  } else {
    const bool nested = *at == '{' || *at == '[';
    at_ = nested ? nested_end(at, end_) : bare_end(at, end_);
    if (at_ == at || (!nested && at_ == end_)) return false;
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
