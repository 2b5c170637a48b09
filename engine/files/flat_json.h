// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "engine/files/eight_bytes.h"

namespace nodetune {

// Walks over one JSON object's members without building a tree: a LOG holds millions of them.
//
// As RocksDB writes them: strings stand unescaped, control bytes and all, so that nothing in them
// is decoded; a backslash merely keeps the quote behind it from ending the string. What is nested
// is handed over whole and checked for its brackets alone.
// Lifetime: views into the text. Thread: its owner's.
class FlatJson {
 public:
  struct Member {
    std::string_view key;
    std::string_view value;  // as written, a string without its quotes
    bool is_string = false;
    bool has_number = false;  // all digits, and few enough to fit
    std::int64_t number = 0;  // then what they mean

    // Nothing: it is none, or does not fit.
    std::optional<std::int64_t> integer() const { return has_number ? number : other_integer(); }

   private:
    std::optional<std::int64_t> other_integer() const;
  };

  // `text` begins with "{". Of what stands from the member `last` on, nothing is looked at.
  explicit FlatJson(std::string_view text, std::string_view last = {})
      : at_(text.data()), end_(text.data() + text.size()), last_(last) {
    if (at_ == end_ || *at_++ != '{') state_ = State::damaged;
  }

  // False: the object has ended, or it is damaged.
  bool next(Member& member);
  bool is_whole() const { return state_ == State::ended; }  // after next() gave none

  // What stands in front of the last member's value, from the end of the value before it on:
  // comma, key and colon. Where the same stands in front of the next value, next_behind() gives
  // that member, all but its key, at a fraction of the cost. It may give none all the same: then
  // next() is to be called. The front of a first member, which has no comma, is for a first one.
  std::string_view front() const { return front_; }
  bool next_behind(const ShortText& front, Member& member);

 private:
  enum class State { first, within, ended, damaged };

  const char* key_at(const char* at, bool first);
  bool take_value(const char* at, Member& member);
  bool take_other_value(const char* at, Member& member);

  static constexpr std::ptrdiff_t kDigitsThatFit = 18;  // into 64 bits, whatever they are

  const char* at_;
  const char* end_;
  std::string_view last_;
  std::string_view front_;
  State state_ = State::first;
};

// Hands over the elements of "[1, 2, 3]"; an empty view at its end, and where it is no such list.
class FlatList {
 public:
  explicit FlatList(std::string_view text);
  std::string_view next();  // without blanks around it

 private:
  std::string_view rest_;  // without brackets
};

// All of `text` as an integer.
std::optional<std::int64_t> parse_integer(std::string_view text);

// Inline: they are most of what reading a LOG costs.

[[gnu::always_inline]] inline bool FlatJson::take_value(const char* at, Member& member) {
  const char* stop = at;
  std::uint64_t number = 0;
  member.is_string = at != end_ && *at == '"';
  if (member.is_string) {
    stop = find_near(++at, end_, '"');
    if (stop == end_ || stop[-1] == '\\') return take_other_value(at - 1, member);
    at_ = stop + 1;
    member.has_number = false;
  } else {
    at_ = stop = take_digits(at, end_, number);
    const auto digits = stop - at;
    // Behind the last value stands a brace, behind the others a comma.
    const bool is_number =
        stop != end_ && digits > 0 && digits <= kDigitsThatFit && (*stop == ',' || *stop == '}');
    if (!is_number) return take_other_value(at, member);
    member.has_number = true;
    member.number = static_cast<std::int64_t>(number);
  }
  member.value = {at, static_cast<std::size_t>(stop - at)};
  state_ = State::within;
  return true;
}

[[gnu::always_inline]] inline bool FlatJson::next_behind(const ShortText& front, Member& member) {
  const bool stands = end_ - at_ > ShortText::kBytesMax && state_ < State::ended &&
                      !front.empty() && front.stands_at(at_);
  // A blank would be taken for the value.
  if (!stands || at_[front.size()] <= ' ') return false;
  return take_value(at_ + front.size(), member);
}

}  // namespace nodetune
