// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/files/log_line.h"

#include <array>
#include <bit>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <utility>

#include "engine/files/digits.h"

namespace nodetune {
namespace {

constexpr std::string_view kTimeShape = "dddd/dd/dd-dd:dd:dd.dddddd";
constexpr auto kZoneStep = std::chrono::minutes(15);
constexpr auto kZoneMax = std::chrono::hours(14);
constexpr auto kZoneSlack = std::chrono::minutes(1);  // between an event and its line

bool is_hex(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

// Eight characters of kTimeShape from `at` on, taken from each of `text`'s: a digit becomes its
// value, a separator 0. Nothing where the shape is another. All eight at once, since this is asked
// of every line of files that have millions.
constexpr std::array<char, 8> expected(std::size_t at, char digit, char separator) {
  std::array<char, 8> bytes{};
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const char c = kTimeShape[at + i];
    bytes[i] = c == 'd' ? digit : separator == 0 ? c : separator;
  }
  return bytes;
}
template <std::size_t kAt>
bool take_eight(const char* text, std::array<char, 8>& values) {
  constexpr auto kShape = std::bit_cast<std::uint64_t>(expected(kAt, '0', 0));
  // What lifts a byte to 0x80 that is above 9 where a digit stands, above 0 elsewhere.
  constexpr auto kLift = std::bit_cast<std::uint64_t>(expected(kAt, 0x7f - 9, 0x7f));
  constexpr auto kHigh = 0x8080808080808080U;
  std::uint64_t word = 0;
  std::memcpy(&word, text + kAt, sizeof word);
  word ^= kShape;
  // A byte of 0x80 or more may carry into the next one: it is refused itself.
  if ((((word + kLift) | word) & kHigh) != 0) return false;
  values = std::bit_cast<std::array<char, 8>>(word);
  return true;
}

// The characters of a time at the front of a line, as values.
struct TimeDigits {
  std::array<std::array<char, 8>, 4> eights;  // from 0, 8, 16 and 18

  int number(std::size_t at, std::size_t digits) const {
    int value = 0;
    for (std::size_t i = at; i < at + digits; ++i) {
      value = value * 10 + (i < 24 ? eights[i / 8][i % 8] : eights[3][i - 18]);
    }
    return value;
  }
};

bool take_digits(std::string_view line, TimeDigits& digits) {
  if (line.size() < kTimeShape.size()) return false;
  const char* text = line.data();
  return take_eight<0>(text, digits.eights[0]) && take_eight<8>(text, digits.eights[1]) &&
         take_eight<16>(text, digits.eights[2]) && take_eight<18>(text, digits.eights[3]);
}

std::optional<TimePoint> time_of(const TimeDigits& digits) {
  using namespace std::chrono;
  const year_month_day date{year(digits.number(0, 4)),
                            month(static_cast<unsigned>(digits.number(5, 2))),
                            day(static_cast<unsigned>(digits.number(8, 2)))};
  const int hour = digits.number(11, 2);
  const int minute = digits.number(14, 2);
  const int second = digits.number(17, 2);
  if (!date.ok() || hour > 23 || minute > 59 || second > 60) return std::nullopt;
  return TimePoint(sys_days(date)) + hours(hour) + minutes(minute) + seconds(second) +
         microseconds(digits.number(20, 6));
}

// Behind the time: a space and the thread's id, which some versions write in hexadecimal.
bool has_thread(std::string_view line) {
  const auto at = kTimeShape.size();
  return line.size() > at + 1 && line[at] == ' ' && is_hex(line[at + 1]);
}

// "[WARN] ": the levels that RocksDB names; information has none.
bool take_level(std::string_view& text, LogLevel& level) {
  static constexpr std::array<std::pair<std::string_view, LogLevel>, 6> kLevels = {{
      {"[WARN]", LogLevel::warn},
      {"[ERROR]", LogLevel::error},
      {"[FATAL]", LogLevel::fatal},
      {"[DEBUG]", LogLevel::debug},
      {"[INFO]", LogLevel::info},
      {"[HEADER]", LogLevel::info},
  }};
  if (text.size() < 2) return false;
  for (const auto& [word, meaning] : kLevels) {
    if (text[1] != word[1] || !text.starts_with(word)) continue;
    level = meaning;
    text.remove_prefix(word.size());
    return true;
  }
  return false;
}

bool take_original_time(std::string_view& text, TimePoint& original) {
  constexpr std::string_view kOpen = "(Original Log Time ";
  if (!text.starts_with(kOpen)) return false;
  const auto inside = text.substr(kOpen.size());
  const auto time = parse_log_time(inside);
  if (!time || inside.size() <= kTimeShape.size() || inside[kTimeShape.size()] != ')') return false;
  original = *time;
  text = inside.substr(kTimeShape.size() + 1);
  return true;
}

// "[db/db_impl.cc:1091]": told from a column family's name by its ".cc:" or ".h:" and digits.
bool take_location(std::string_view& text) {
  if (!text.starts_with('[')) return false;
  const auto close = text.find(']');
  if (close == std::string_view::npos) return false;
  const auto inside = text.substr(1, close - 1);
  const auto colon = inside.rfind(':');
  if (colon == std::string_view::npos || colon + 1 == inside.size()) return false;
  const auto file = inside.substr(0, colon);
  if (!file.ends_with(".cc") && !file.ends_with(".h")) return false;
  for (const char c : inside.substr(colon + 1)) {
    if (!is_digit(c)) return false;
  }
  text.remove_prefix(close + 1);
  return true;
}

}  // namespace

std::optional<Duration> zone_offset(TimePoint local, TimePoint utc) {
  const Duration difference = local - utc;
  const auto shifted = difference + kZoneStep / 2;
  const auto steps = shifted / kZoneStep - (shifted < Duration::zero() ? 1 : 0);
  const Duration offset = steps * kZoneStep;
  if (std::chrono::abs(difference - offset) > kZoneSlack) return std::nullopt;
  if (std::chrono::abs(offset) > kZoneMax) return std::nullopt;
  return offset;
}

std::optional<TimePoint> parse_log_time(std::string_view line) {
  TimeDigits digits;
  return take_digits(line, digits) ? time_of(digits) : std::nullopt;
}

bool starts_log_record(std::string_view line) {
  TimeDigits digits;
  return has_thread(line) && take_digits(line, digits);
}

std::optional<LogRecord> parse_log_record(std::string_view text) {
  if (!has_thread(text)) return std::nullopt;
  const auto time = parse_log_time(text);
  if (!time) return std::nullopt;
  LogRecord record;
  record.time = *time;
  record.original_time = *time;
  text.remove_prefix(kTimeShape.size() + 1);
  while (!text.empty() && is_hex(text.front())) text.remove_prefix(1);
  bool located = false;
  for (;;) {
    auto rest = text;
    if (rest.starts_with(' ')) rest.remove_prefix(1);
    if (!rest.starts_with('[') && !rest.starts_with('(')) break;
    if (!take_level(rest, record.level) && !take_original_time(rest, record.original_time)) {
      if (located || !take_location(rest)) break;
      located = true;
    }
    text = rest;
  }
  if (text.starts_with(' ')) text.remove_prefix(1);
  if (text.ends_with('\r')) text.remove_suffix(1);
  record.message = text;
  return record;
}

std::optional<std::string_view> column_family_before(std::string_view message,
                                                     std::string_view marker) {
  if (!message.starts_with('[')) return std::nullopt;
  for (auto at = message.find(marker); at != std::string_view::npos;
       at = message.find(marker, at + 1)) {
    if (at >= 3 && message[at - 1] == ' ' && message[at - 2] == ']') {
      return message.substr(1, at - 3);
    }
  }
  return std::nullopt;
}

}  // namespace nodetune
