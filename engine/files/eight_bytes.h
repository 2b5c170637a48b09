// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
//
// Eight characters looked at in one step, as a word: for what is asked of every line of files that
// have millions.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

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

// What is no digit shows itself by a high bit, once each byte was taken ^ '0': the lowest such bit
// is that of the first one, whatever it carries into those above it.
constexpr std::uint64_t no_digits(std::uint64_t values) {
  return (values | (values + eight_of(0x7f - 9))) & eight_of(0x80);
}

// The number whose digits have these values, the highest first.
constexpr std::uint64_t number_of_values(std::uint64_t values) {
  // Neighbours become pairs, then fours, then all eight: the higher digit is the lower byte.
  const auto pairs = (values * 10 + (values >> 8)) & 0x00ff00ff00ff00ffU;
  const auto fours = (pairs * 100 + (pairs >> 16)) & 0x0000ffff0000ffffU;
  return (fours * 10'000 + (fours >> 32)) & 0xffffffffU;
}

constexpr std::array<std::uint64_t, 8> kPowersOfTen{1,      10,      100,       1'000,
                                                    10'000, 100'000, 1'000'000, 10'000'000};

// Behind the digits at `at`. `value` is taken up and goes on with them, modulo 2^64.
inline const char* take_digits(const char* at, const char* end, std::uint64_t& value) {
  for (; end - at >= kWordBytes; at += kWordBytes) {
    const auto values = load_eight(at) ^ eight_of('0');
    const auto others = no_digits(values);
    if (others != 0) {
      const auto digits = static_cast<unsigned>(std::countr_zero(others)) / 8;
      if (digits == 0) return at;
      // Zeros in front, and what is no digit falls out at the top.
      value = value * kPowersOfTen[digits] + number_of_values(values << (64 - 8 * digits));
      return at + digits;
    }
    value = value * 100'000'000 + number_of_values(values);
  }
  for (; at != end && *at >= '0' && *at <= '9'; ++at) {
    value = value * 10 + static_cast<unsigned char>(*at - '0');
  }
  return at;
}

// Whether the two are equal, for short ones: a call of memcmp costs more than they do.
inline bool same_bytes(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  const auto size = static_cast<std::ptrdiff_t>(a.size());
  if (size < kWordBytes) {
    for (std::ptrdiff_t i = 0; i < size; ++i) {
      if (a.data()[i] != b.data()[i]) return false;
    }
    return true;
  }
  const auto differ = [&](std::ptrdiff_t at) {
    return load_eight(a.data() + at) != load_eight(b.data() + at);
  };
  for (std::ptrdiff_t at = 0; at < size - kWordBytes; at += kWordBytes) {
    if (differ(at)) return false;
  }
  return !differ(size - kWordBytes);  // it may overlap the one before
}

// A text of at most 32 bytes that many others are compared with, without a branch for each word.
class ShortText {
 public:
  static constexpr std::ptrdiff_t kBytesMax = 4 * kWordBytes;

  ShortText() = default;
  explicit ShortText(std::string_view text) : size_(text.size()) {
    assert(size_ <= kBytesMax);
    char bytes[kBytesMax] = {};
    char masks[kBytesMax] = {};
    std::copy(text.begin(), text.end(), bytes);
    std::fill_n(masks, size_, '\xff');
    for (std::size_t i = 0; i < words_.size(); ++i) {
      words_[i] = load_eight(bytes + i * kWordBytes);
      masks_[i] = load_eight(masks + i * kWordBytes);
    }
  }

  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  // Whether the text stands at `at`, where kBytesMax bytes can be read.
  bool stands_at(const char* at) const {
    std::uint64_t differ = 0;
    for (std::size_t i = 0; i < words_.size(); ++i) {
      differ |= (load_eight(at + i * kWordBytes) ^ words_[i]) & masks_[i];
    }
    return differ == 0;
  }

 private:
  std::array<std::uint64_t, 4> words_{};
  std::array<std::uint64_t, 4> masks_{};
  std::size_t size_ = 0;
};

// Whether `text` begins with these words, whose length is known when this is compiled.
template <std::size_t kSize>
bool begins_with(std::string_view text, const char (&words)[kSize]) {
  return text.size() >= kSize - 1 && std::memcmp(text.data(), words, kSize - 1) == 0;
}

}  // namespace nodetune
