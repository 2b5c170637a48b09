// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/base/format.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>
#include <ctime>
#include <span>
#include <utility>

namespace nodetune {
namespace {

// Three significant digits without an exponent: 9.53, 81.3, 812.
std::string three_digits(double value) {
  const double magnitude = std::fabs(value);
  if (magnitude == std::floor(magnitude) && magnitude < 10'000) return fmt::format("{:.0f}", value);
  if (magnitude < 10) return fmt::format("{:.2f}", value);
  if (magnitude < 100) return fmt::format("{:.1f}", value);
  return fmt::format("{:.0f}", value);
}

std::string scaled(double value, double step, std::string_view first_suffix,
                   std::span<const std::string_view> suffixes) {
  if (!std::isfinite(value)) return "–";
  std::size_t index = 0;
  double rest = value;
  std::string_view suffix = first_suffix;
  // What would be shown as a whole step belongs to the next unit: 1 MiB, not 1024 KiB.
  while (std::fabs(rest) >= step - 0.5 && index < suffixes.size()) {
    rest /= step;
    suffix = suffixes[index++];
  }
  return suffix.empty() ? three_digits(rest) : fmt::format("{} {}", three_digits(rest), suffix);
}

Status bad_number(std::string_view text, std::string_view example) {
  return {StatusCode::invalid_argument,
          fmt::format("'{}' is not a {}", escape_name(text), example)};
}

// Splits "1.5GiB" into 1.5 and "GiB".
Result<std::pair<double, std::string_view>> split_number(std::string_view text,
                                                         std::string_view example) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || !std::isfinite(number) || number < 0)
    return bad_number(text, example);
  auto unit = text.substr(static_cast<std::size_t>(end - text.data()));
  while (!unit.empty() && unit.front() == ' ') unit.remove_prefix(1);
  return std::pair{number, unit};
}

}  // namespace

std::string format_bytes(double bytes) {
  static constexpr std::array<std::string_view, 5> kUnits = {"KiB", "MiB", "GiB", "TiB", "PiB"};
  return scaled(bytes, 1024, "B", kUnits);
}

std::string format_count(double count) {
  static constexpr std::array<std::string_view, 4> kUnits = {"k", "M", "G", "T"};
  return scaled(count, 1000, "", kUnits);
}

std::string format_whole(std::uint64_t count) {
  auto digits = fmt::format("{}", count);
  for (auto at = static_cast<std::ptrdiff_t>(digits.size()) - 3; at > 0; at -= 3) {
    digits.insert(static_cast<std::size_t>(at), 1, ',');
  }
  return digits;
}

std::string format_seconds(double seconds) {
  if (!std::isfinite(seconds)) return "–";
  const double magnitude = std::fabs(seconds);
  if (magnitude == 0) return "0 s";
  constexpr double kRounded = 0.9995;  // what three digits would show as 1000 is the next unit's 1
  if (magnitude < kRounded * 1e-6) return fmt::format("{} ns", three_digits(seconds * 1e9));
  if (magnitude < kRounded * 1e-3) return fmt::format("{} µs", three_digits(seconds * 1e6));
  if (magnitude < kRounded) return fmt::format("{} ms", three_digits(seconds * 1e3));
  if (magnitude < 120) return fmt::format("{} s", three_digits(seconds));
  const auto whole = static_cast<std::int64_t>(std::llround(seconds));
  if (magnitude < 7200) return fmt::format("{} min {} s", whole / 60, whole % 60);
  if (magnitude < 172'800) return fmt::format("{} h {} min", whole / 3600, whole / 60 % 60);
  return fmt::format("{} d {} h", whole / 86'400, whole / 3600 % 24);
}

std::string format_ratio(double ratio) {
  if (!std::isfinite(ratio)) return "–";
  return fmt::format("{:.1f} %", ratio * 100);
}

std::string format_time_utc(TimePoint time) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
  std::tm parts{};
  const std::time_t whole = seconds;
  gmtime_r(&whole, &parts);
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", parts);
}

Result<std::int64_t> parse_bytes(std::string_view text) {
  constexpr std::string_view kExample = "size; write it like 64MiB, 2G or 67108864";
  const auto parts = split_number(text, kExample);
  if (!parts) return parts.status();
  auto [number, unit] = *parts;
  double factor = 1;
  if (!unit.empty() && unit != "B") {
    constexpr std::string_view kLetters = "KMGT";
    const auto step = kLetters.find(static_cast<char>(std::toupper(unit.front())));
    const auto tail = unit.substr(1);
    if (step == std::string_view::npos || !(tail.empty() || tail == "B" || tail == "iB")) {
      return bad_number(text, kExample);
    }
    factor = std::pow(1024.0, static_cast<double>(step + 1));
  }
  constexpr double kLargest = 9.0e18;  // below 2^63
  if (number * factor > kLargest) return bad_number(text, kExample);
  return static_cast<std::int64_t>(number * factor);
}

Result<double> parse_seconds(std::string_view text) {
  constexpr std::string_view kExample = "time span; write it like 90s, 15m, 2h or 1d";
  const auto parts = split_number(text, kExample);
  if (!parts) return parts.status();
  const auto [number, unit] = *parts;
  if (unit.empty() || unit == "s") return number;
  if (unit == "ms") return number / 1000;
  if (unit == "m" || unit == "min") return number * 60;
  if (unit == "h") return number * 3600;
  if (unit == "d") return number * 86'400;
  return bad_number(text, kExample);
}

std::string escape_name(std::string_view name) {
  std::string out;
  out.reserve(name.size());
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte < 0x7f) {
      out.push_back(c);
    } else {
      out += fmt::format("\\x{:02x}", byte);
    }
  }
  return out;
}

std::string to_hex(std::string_view bytes) {
  static constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out;
  out.reserve(bytes.size() * 2);
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    out.push_back(kDigits[byte >> 4]);
    out.push_back(kDigits[byte & 15]);
  }
  return out;
}

}  // namespace nodetune
