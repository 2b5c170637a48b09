// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
//
// Eight characters looked at in one step, as a word: for what is asked of every line of files that
// have millions.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace nodetune {

constexpr std::ptrdiff_t kWordBytes = sizeof(std::uint64_t);

constexpr std::uint64_t eight_of(unsigned char c) {
  return 0x0101010101010101U * c;
}

// The character at the lowest address is the lowest byte, whatever the machine.
inline std::uint64_t load_eight(const char* from) {
  std::uint64_t word = 0;
  std::memcpy(&word, from, sizeof word);
  return std::endian::native == std::endian::little ? word : __builtin_bswap64(word);
}

// The first `c` of [at, end), or `end`. For what is short: where it is far, memchr is quicker.
inline const char* find_near(const char* at, const char* end, char c) {
  const auto wanted = static_cast<unsigned char>(c);
  for (; end - at >= kWordBytes; at += kWordBytes) {
    const auto word = load_eight(at) ^ eight_of(wanted);
    // The lowest set bit is that of the first byte that is zero now.
    const auto zeros = (word - eight_of(1)) & ~word & eight_of(0x80);
    if (zeros != 0) return at + std::countr_zero(zeros) / 8;
  }
  while (at != end && *at != c) ++at;
  return at;
}

// Whether each byte is a digit's value, 0 to 9, once '0' was taken away from all eight. The lowest
// byte that is none shows itself, whatever was borrowed from those above it.
constexpr bool are_digit_values(std::uint64_t values) {
  return ((values | (values + eight_of(0x7f - 9))) & eight_of(0x80)) == 0;
}

// The number whose digits have these values, the highest first.
constexpr std::uint64_t number_of_values(std::uint64_t values) {
  // Neighbours become pairs, then fours, then all eight: the higher digit is the lower byte.
  const auto pairs = (values * 10 + (values >> 8)) & 0x00ff00ff00ff00ffU;
  const auto fours = (pairs * 100 + (pairs >> 16)) & 0x0000ffff0000ffffU;
  return (fours * 10'000 + (fours >> 32)) & 0xffffffffU;
}

}  // namespace nodetune
