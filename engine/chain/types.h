// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <algorithm>
#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "engine/base/format.h"

namespace nodetune {

using Address = std::array<std::uint8_t, 20>;  // of an account
using Hash256 = std::array<std::uint8_t, 32>;  // Keccak-256

// A 256-bit big-endian integer: a slot's number, its value, a balance in wei. Not a Hash256, so
// that a raw slot cannot be passed where its hash is meant. Compares as the number does.
struct Word256 {
  std::array<std::uint8_t, 32> bytes{};

  auto operator<=>(const Word256&) const = default;
  bool is_zero() const { return *this == Word256{}; }
};

// The bytes themselves; valid as long as the array is.
template <std::size_t N>
std::string_view as_view(const std::array<std::uint8_t, N>& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), N};
}
inline std::string_view as_view(const Word256& word) {
  return as_view(word.bytes);
}

// Exactly the size of `Bytes` (Address, Hash256), or nothing.
template <typename Bytes>
std::optional<Bytes> bytes_from(std::string_view raw) {
  Bytes bytes;
  if (raw.size() != bytes.size()) return std::nullopt;
  std::copy(raw.begin(), raw.end(), bytes.begin());
  return bytes;
}

// At most 32 bytes, padded on the left, or nothing.
inline std::optional<Word256> word_from(std::string_view raw) {
  Word256 word;
  if (raw.size() > word.bytes.size()) return std::nullopt;
  std::copy_backward(raw.begin(), raw.end(), word.bytes.end());
  return word;
}

// As RLP and geth store numbers: nothing for 0.
inline std::string without_leading_zeroes(const Word256& word) {
  const auto bytes = as_view(word);
  return std::string(bytes.substr(std::min(bytes.find_first_not_of('\0'), bytes.size())));
}

// "0x" and two digits a byte, as block explorers write it.
template <typename Bytes>
std::string to_hex_0x(const Bytes& bytes) {
  return "0x" + to_hex(as_view(bytes));
}

// For unordered containers. Hashes all bytes: slots are often small numbers, and addresses are
// chosen by strangers, so that no part of them can be trusted to differ.
struct BytesHash {
  template <typename Bytes>
  std::size_t operator()(const Bytes& bytes) const {
    return std::hash<std::string_view>{}(as_view(bytes));
  }
};

}  // namespace nodetune
