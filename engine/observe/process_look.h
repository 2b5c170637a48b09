// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace nodetune {

// What /proc tells of a process. Parts that need its owner's rights are missing without them.
struct ProcessLook {
  std::optional<std::int64_t> open_files;
  std::optional<std::int64_t> open_files_max;  // its own soft limit
  std::optional<double> disk_read_bytes;       // since it started, from the disk itself
  std::optional<double> disk_written_bytes;
};
ProcessLook look_at_process(std::int64_t pid, const std::string& proc = "/proc");

// The share of the last ten seconds, 0 to 1, in which somebody waited for it: Linux's pressure
// stall information. Missing where the kernel was built or started without.
struct Pressure {
  std::optional<double> disk_ratio;
  std::optional<double> cpu_ratio;
  std::optional<double> memory_ratio;
};
Pressure look_at_pressure(const std::string& proc = "/proc");

// For people: "412 of 1,024 open files, …"; empty where nothing is known.
std::string to_text(const ProcessLook& process);
std::string to_text(const Pressure& pressure);

}  // namespace nodetune
