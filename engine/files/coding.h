// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace nodetune {

// Takes RocksDB's encodings off the front of a byte string: little-endian integers, varints,
// length-prefixed strings. Every take_ returns nothing where the bytes do not suffice or are no
// such thing; what is left is then unspecified. Thread: its owner's. Lifetime: the bytes' own.
class Decoder {
 public:
  explicit Decoder(std::string_view bytes) : rest_(bytes) {}

  bool empty() const { return rest_.empty(); }
  std::string_view rest() const { return rest_; }

  std::optional<std::string_view> take_bytes(std::size_t count) {
    if (count > rest_.size()) return std::nullopt;
    const auto taken = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return taken;
  }

  template <typename Integer>
  std::optional<Integer> take_fixed() {
    const auto bytes = take_bytes(sizeof(Integer));
    if (!bytes) return std::nullopt;
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < sizeof(Integer); ++i) {
      value |= std::uint64_t{static_cast<unsigned char>((*bytes)[i])} << (8 * i);
    }
    return static_cast<Integer>(value);
  }

  std::optional<std::uint64_t> take_varint64() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      if (rest_.empty()) return std::nullopt;
      const auto byte = static_cast<unsigned char>(rest_.front());
      rest_.remove_prefix(1);
      value |= std::uint64_t{byte & 0x7FU} << shift;
      if (byte < 0x80) return value;
    }
    return std::nullopt;
  }

  std::optional<std::uint32_t> take_varint32() {
    const auto value = take_varint64();
    if (!value || *value > UINT32_MAX) return std::nullopt;
    return static_cast<std::uint32_t>(*value);
  }

  std::optional<std::string_view> take_string() {
    const auto length = take_varint32();
    if (!length) return std::nullopt;
    return take_bytes(*length);
  }

 private:
  std::string_view rest_;
};

}  // namespace nodetune
