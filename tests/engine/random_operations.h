// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <fmt/format.h>

#include <array>
#include <cstdint>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "engine/store/write_operation.h"

namespace nodetune::testing {

// Operations that collide as often as possible: few keys, some a prefix of others, many ranges.
class RandomOperations {
 public:
  explicit RandomOperations(std::uint64_t seed) : random_(seed) {}

  int number(int below) { return std::uniform_int_distribution<int>(0, below - 1)(random_); }

  static const std::vector<std::string>& keys() {
    static const std::vector<std::string> kKeys = {
        "a", std::string("a\0", 2), "ab", "abcdefgh", "abcdefgh1", "abcdefgh2", "b", "\xff", ""};
    return kKeys;
  }

  std::string key() {
    return keys()[static_cast<std::size_t>(number(static_cast<int>(keys().size())))];
  }

  WriteOperation next(bool single_deletes = true) {
    static constexpr std::array kSome = {Family::accounts, Family::storage, Family::own};
    const auto family = kSome[static_cast<std::size_t>(number(3))];
    const auto serial = ++serial_;
    switch (number(single_deletes ? 12 : 11)) {
      case 0:
      case 1:
        return WriteOperation::erase(family, key());
      case 2: {
        auto begin = key();
        auto end = key();
        if (end < begin) std::swap(begin, end);
        return WriteOperation::delete_range(family, begin, end);
      }
      case 3:
      case 4:
      case 5:
        return WriteOperation::merge_add(family, key(), serial);
      case 11:
        return WriteOperation::single_delete(family, key());
    }
    // Half of the values are counters, so that merges have something to add to.
    if (serial % 2 == 0) return WriteOperation::put(family, key(), encode_counter(serial * 1000));
    return WriteOperation::put(family, key(), fmt::format("value {}", serial));
  }

  std::vector<WriteOperation> some(int count, bool single_deletes = true) {
    std::vector<WriteOperation> operations;
    for (int i = 0; i < count; ++i) operations.push_back(next(single_deletes));
    return operations;
  }

 private:
  std::mt19937_64 random_;
  std::uint64_t serial_ = 0;
};

}  // namespace nodetune::testing
