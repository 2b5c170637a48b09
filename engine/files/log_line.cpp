// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/files/log_line.h"

#include <array>
#include <chrono>
#include <utility>

namespace nodetune {
namespace {

constexpr std::string_view kTimeShape = "dddd/dd/dd-dd:dd:dd.dddddd";
constexpr auto kZoneStep = std::chrono::minutes(15);
constexpr auto kZoneMax = std::chrono::hours(14);
constexpr auto kZoneSlack = std::chrono::minutes(1);  // between an event and its line

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_hex(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

bool has_time_shape(std::string_view line) {
  if (line.size() < kTimeShape.size()) return false;
  for (std::size_t i = 0; i < kTimeShape.size(); ++i) {
    if (kTimeShape[i] == 'd' ? !is_digit(line[i]) : line[i] != kTimeShape[i]) return false;
  }
  return true;
}

int number(std::string_view line, std::size_t at, std::size_t digits) {
  int value = 0;
  for (std::size_t i = at; i < at + digits; ++i) value = value * 10 + (line[i] - '0');
  return value;
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
  for (const auto& [word, meaning] : kLevels) {
    if (!text.starts_with(word)) continue;
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
  using namespace std::chrono;
  if (!has_time_shape(line)) return std::nullopt;
  const year_month_day date{year(number(line, 0, 4)),
                            month(static_cast<unsigned>(number(line, 5, 2))),
                            day(static_cast<unsigned>(number(line, 8, 2)))};
  const int hour = number(line, 11, 2);
  const int minute = number(line, 14, 2);
  const int second = number(line, 17, 2);
  if (!date.ok() || hour > 23 || minute > 59 || second > 60) return std::nullopt;
  return TimePoint(sys_days(date)) + hours(hour) + minutes(minute) + seconds(second) +
         microseconds(number(line, 20, 6));
}

bool starts_log_record(std::string_view line) {
  // Then a space and the thread's id, which some versions write in hexadecimal.
  const auto at = kTimeShape.size();
  return line.size() > at + 1 && line[at] == ' ' && is_hex(line[at + 1]) && has_time_shape(line);
}

std::optional<LogRecord> parse_log_record(std::string_view text) {
  if (!starts_log_record(text)) return std::nullopt;
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
