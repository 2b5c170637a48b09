// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/store/write_operation.h"

namespace nodetune {

std::string_view to_string(Family family) {
  static constexpr std::array<std::string_view, kFamilyCount> kNames = {
      "blocks",  "headers",      "state_nodes", "accounts",
      "storage", "transactions", "receipts",    "nodetune"};
  return kNames[index_of(family)];
}

std::string_view to_string(OperationType type) {
  static constexpr std::array<std::string_view, kOperationTypeCount> kNames = {
      "put", "delete", "single_delete", "delete_range", "merge"};
  return kNames[index_of(type)];
}

WriteOperation WriteOperation::merge_add(Family family, std::string key, std::uint64_t addend) {
  return {OperationType::merge, family, std::move(key), encode_counter(addend)};
}

std::string encode_counter(std::uint64_t value) {
  std::string bytes(sizeof value, '\0');
  for (auto& byte : bytes) {
    byte = static_cast<char>(value & 0xff);
    value >>= 8;
  }
  return bytes;
}

std::uint64_t decode_counter(std::string_view value) {
  std::uint64_t number = 0;
  if (value.size() != sizeof number) return number;
  for (auto byte = value.rbegin(); byte != value.rend(); ++byte) {
    number = number << 8 | static_cast<unsigned char>(*byte);
  }
  return number;
}

}  // namespace nodetune
