// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace nodetune {

// What a write that has returned survives. Under each of them what is found after a crash is a
// prefix of what was written.
enum class Durability : std::uint8_t {
  none,           // no write-ahead log: a clean close; a crash loses what was not flushed
  log,            // write-ahead log: the end of the process; a power failure may lose the last part
  log_and_fsync,  // write-ahead log, and a wait for the disk each time: a power failure
};

inline constexpr std::size_t kDurabilityCount = 3;
inline constexpr std::array kDurabilities = {Durability::none, Durability::log,
                                             Durability::log_and_fsync};
constexpr std::size_t index_of(Durability durability) {
  return static_cast<std::size_t>(durability);
}

// "none", "log", "log_and_fsync": as in settings.
std::string_view to_string(Durability durability);
std::optional<Durability> durability_of(std::string_view name);

}  // namespace nodetune
