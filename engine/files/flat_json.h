// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

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

    std::optional<std::int64_t> integer() const;  // nothing: it is none, or does not fit
  };

  // `text` begins with "{". Of what stands from the member `last` on, nothing is looked at.
  explicit FlatJson(std::string_view text, std::string_view last = {});

  // False: the object has ended, or it is damaged.
  bool next(Member& member);
  bool is_whole() const { return state_ == State::ended; }  // after next() gave none

 private:
  enum class State { first, within, ended, damaged };

  bool take_value(const char* at, Member& member);

  const char* at_;
  const char* end_;
  std::string_view last_;
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

}  // namespace nodetune
