// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <cstddef>
#include <cstdint>

namespace nodetune {

// The first byte of an RLP item's header. Source: the Ethereum yellow paper, appendix B.
inline constexpr std::uint8_t kRlpString = 0x80;      // + length, of at most kRlpShortMax bytes
inline constexpr std::uint8_t kRlpLongString = 0xb7;  // + the number of length bytes that follow
inline constexpr std::uint8_t kRlpList = 0xc0;
inline constexpr std::uint8_t kRlpLongList = 0xf7;
inline constexpr std::size_t kRlpShortMax = 55;

}  // namespace nodetune
