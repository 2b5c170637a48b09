// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/files/log_line.h"

#include <array>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <utility>

#include "engine/files/digits.h"
#include "engine/files/eight_bytes.h"

namespace nodetune {
namespace {

constexpr std::string_view kTimeShape = "dddd/dd/dd-dd:dd:dd.dddddd";
constexpr auto kZoneStep = std::chrono::minutes(15);
constexpr auto kZoneMax = std::chrono::hours(14);
constexpr auto kZoneSlack = std::chrono::minutes(1);  // between an event and its line

constexpr auto kIsHex = [] {
  std::array<bool, 256> is_hex{};
  for (const char c : std::string_view("0123456789abcdefABCDEF")) {
    is_hex[static_cast<unsigned char>(c)] = true;
  }
  return is_hex;
}();
bool is_hex(char c) {
  return kIsHex[static_cast<unsigned char>(c)];
}

// Of eight characters of kTimeShape from `at` on, the lowest byte first.
constexpr std::uint64_t expected(std::size_t at, unsigned char digit, unsigned char separator) {
  std::uint64_t word = 0;
  for (std::size_t i = 8; i-- > 0;) {
    const auto c = static_cast<unsigned char>(kTimeShape[at + i]);
    word = word << 8 | (c == 'd' ? digit : separator == 0 ? c : separator);
  }
  return word;
}

// The eight characters from kAt on as values, a separator's 0; nothing where the shape is another.
template <std::size_t kAt>
std::optional<std::uint64_t> take_eight(const char* text) {
  // What lifts a byte to 0x80 that is above 9 where a digit stands, above 0 elsewhere.
  constexpr auto kLift = expected(kAt, 0x7f - 9, 0x7f);
  constexpr auto kShape = expected(kAt, '0', 0);
  const auto values = load_eight(text + kAt) ^ kShape;
  // A byte of 0x80 or more may carry into the next one: it is refused itself.
  if ((((values + kLift) | values) & eight_of(0x80)) != 0) return std::nullopt;
  return values;
}

// Two digits, or four, from the byte `at` on.
unsigned number(std::uint64_t values, unsigned at, unsigned digits) {
  unsigned value = 0;
  for (unsigned i = at; i < at + digits; ++i) {
    value = value * 10 + static_cast<unsigned>(values >> (8 * i) & 0xff);
  }
  return value;
}

std::optional<TimePoint> parse_minute(const char* text) {
  using namespace std::chrono;
  const auto date_values = take_eight<0>(text);  // "dddd/dd/"
  const auto time_values = take_eight<8>(text);  // "dd-dd:dd"
  if (!date_values || !time_values) return std::nullopt;
  const year_month_day date{year(static_cast<int>(number(*date_values, 0, 4))),
                            month(number(*date_values, 5, 2)), day(number(*time_values, 0, 2))};
  const auto hour = number(*time_values, 3, 2);
  const auto minute = number(*time_values, 6, 2);
  if (!date.ok() || hour > 23 || minute > 59) return std::nullopt;
  return TimePoint(sys_days(date)) + hours(hour) + minutes(minute);
}

// What stands behind the minute; false where no minute has so many seconds.
bool parse_seconds(const char* text, Duration& time) {
  constexpr std::uint64_t kSecond = 10'000'000;  // since its point counts as a digit
  const auto front = take_eight<16>(text);       // ":dd.dddd"
  const auto back = take_eight<18>(text);        // "d.dddddd"
  if (!front || !back) return false;
  const auto behind_tens = number_of_values(*back);
  const auto seconds = number(*front, 1, 1) * 10 + behind_tens / kSecond;
  time = std::chrono::seconds(seconds) + Duration(behind_tens % kSecond);
  return seconds <= 60;
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
  if (text.size() < 2 || text[1] < 'A' || text[1] > 'Z') return false;  // files are not so named
  for (const auto& [word, meaning] : kLevels) {
    if (text[1] != word[1] || !same_bytes(text.substr(0, word.size()), word)) continue;
    level = meaning;
    text.remove_prefix(word.size());
    return true;
  }
  return false;
}

bool take_original_time(std::string_view& text, TimePoint& original) {
  constexpr std::string_view kOpen = "(Original Log Time ";
  if (text[0] != '(' || !text.starts_with(kOpen)) return false;
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
  auto file = text.substr(1, close - 1);
  while (!file.empty() && is_digit(file.back())) file.remove_suffix(1);
  if (file.size() == close - 1 || !file.ends_with(':')) return false;
  file.remove_suffix(1);
  if (!file.ends_with(".cc") && !file.ends_with(".h")) return false;
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
  TimePoint time;
  if (!LogTimeReader().read(line, time)) return std::nullopt;
  return time;
}

bool LogTimeReader::read(std::string_view line, TimePoint& time) {
  if (line.size() < kTimeShape.size()) return false;
  const char* text = line.data();
  const std::array minute_text{load_eight(text), load_eight(text + kWordBytes)};
  if (minute_text != minute_text_) {
    const auto minute = parse_minute(text);
    if (!minute) return false;
    minute_ = *minute;
    minute_text_ = minute_text;
  }
  Duration seconds;
  if (!parse_seconds(text, seconds)) return false;
  time = minute_ + seconds;
  return true;
}

bool LogTimeReader::read_record(std::string_view line, TimePoint& time) {
  return has_thread(line) && read(line, time);
}

bool starts_log_record(std::string_view line) {
  if (!has_thread(line)) return false;
  const char* text = line.data();
  return take_eight<0>(text) && take_eight<8>(text) && take_eight<16>(text) && take_eight<18>(text);
}

std::optional<LogRecord> parse_log_record(std::string_view text) {
  if (!has_thread(text)) return std::nullopt;
  const auto time = parse_log_time(text);
  if (!time) return std::nullopt;
  return parse_log_record(text, *time);
}

LogRecord parse_log_record(std::string_view text, TimePoint time) {
  LogRecord record;
  record.time = time;
  record.original_time = time;
  const char* at = text.data() + kTimeShape.size() + 1;
  const char* end = text.data() + text.size();
  while (at != end && is_hex(*at)) ++at;
  for (bool located = false;;) {
    const char* from = at;
    if (from != end && *from == ' ') ++from;
    if (from == end || (*from != '[' && *from != '(')) break;
    std::string_view rest(from, static_cast<std::size_t>(end - from));
    if (!take_level(rest, record.level) && !take_original_time(rest, record.original_time)) {
      if (located || !take_location(rest)) break;
      located = true;
    }
    at = rest.data();
  }
  text.remove_prefix(static_cast<std::size_t>(at - text.data()));
  if (text.starts_with(' ')) text.remove_prefix(1);
  if (text.ends_with('\r')) text.remove_suffix(1);
  record.message = text;
  return record;
}

}  // namespace nodetune
