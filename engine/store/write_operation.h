// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "engine/store/family.h"

namespace nodetune {

enum class OperationType : std::uint8_t { put, erase, single_delete, delete_range, merge };

inline constexpr std::size_t kOperationTypeCount = 5;
inline constexpr std::array kOperationTypes = {OperationType::put, OperationType::erase,
                                               OperationType::single_delete,
                                               OperationType::delete_range, OperationType::merge};
constexpr std::size_t index_of(OperationType type) {
  return static_cast<std::size_t>(type);
}

// "put", "delete", "single_delete", "delete_range", "merge": the metric's label.
std::string_view to_string(OperationType type);

// One change to one family.
//
// A merge adds: its value is a little-endian u64 (RocksDB's uint64add), as is what it adds to.
struct WriteOperation {
  OperationType type = OperationType::put;
  Family family = Family::own;
  std::string key;    // of a range: its first key
  std::string value;  // of a range: the key behind its last; of a merge: eight bytes; else empty

  static WriteOperation put(Family family, std::string key, std::string value) {
    return {OperationType::put, family, std::move(key), std::move(value)};
  }
  static WriteOperation erase(Family family, std::string key) {
    return {OperationType::erase, family, std::move(key), {}};
  }
  // Only for keys that were put once, and never merged, since they were last deleted; and whose
  // deletions are all of this kind, or ranges.
  static WriteOperation single_delete(Family family, std::string key) {
    return {OperationType::single_delete, family, std::move(key), {}};
  }
  static WriteOperation delete_range(Family family, std::string begin, std::string end) {
    return {OperationType::delete_range, family, std::move(begin), std::move(end)};
  }
  static WriteOperation merge_add(Family family, std::string key, std::uint64_t addend);

  std::size_t bytes() const { return key.size() + value.size(); }
};

std::string encode_counter(std::uint64_t value);
// RocksDB's uint64add reads a value of another length as 0; so does this.
std::uint64_t decode_counter(std::string_view value);

}  // namespace nodetune
