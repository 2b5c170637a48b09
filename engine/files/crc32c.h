// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <cstdint>
#include <string_view>

namespace nodetune {

// CRC-32C (Castagnoli), the checksum in RocksDB's record logs. `crc` continues an earlier one.
std::uint32_t crc32c(std::string_view bytes, std::uint32_t crc = 0);

// RocksDB stores checksums masked, lest a checksum of bytes that hold checksums go weak.
// Source: RocksDB's util/crc32c.h.
constexpr std::uint32_t mask_crc32c(std::uint32_t crc) {
  return ((crc >> 15) | (crc << 17)) + 0xa282ead8U;
}

}  // namespace nodetune
