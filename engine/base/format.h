// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/base/clock.h"
#include "engine/base/status.h"

namespace nodetune {

constexpr std::int64_t kKiB = 1024;
constexpr std::int64_t kMiB = 1024 * kKiB;
constexpr std::int64_t kGiB = 1024 * kMiB;

// For people: "64 MiB", "1.5 GiB", "812 B"; three significant digits, binary units.
std::string format_bytes(double bytes);
// "12.4 k", "3.1 M": three significant digits, decimal steps.
std::string format_count(double count);
// "1,840": exact.
std::string format_whole(std::uint64_t count);
// "85 µs", "12.4 ms", "3.2 s", "4 min 10 s", "2 h 5 min".
std::string format_seconds(double seconds);
// "81.3 %".
std::string format_ratio(double ratio);
// "2024-08-27T09:14:03Z".
std::string format_time_utc(TimePoint time);

// "64MiB", "64M", "64MB", "67108864": bytes. K, M, G and T are powers of 1024.
Result<std::int64_t> parse_bytes(std::string_view text);
// "90", "90s", "15m", "2h", "1d": seconds.
Result<double> parse_seconds(std::string_view text);

// Control bytes and anything that is not printable ASCII as \\xNN: for foreign names on a screen.
std::string escape_name(std::string_view name);
std::string to_hex(std::string_view bytes);

}  // namespace nodetune
