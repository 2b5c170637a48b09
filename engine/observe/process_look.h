// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace nodetune {

// What /proc tells of a process. Parts that need its owner's rights are missing without them.
// Before Linux 6.2 its open files are counted one by one: ask for them seldom.
struct ProcessLook {
  std::optional<std::int64_t> open_files_max;  // its own soft limit
  std::optional<double> disk_read_bytes;       // since it started, from the disk itself
  std::optional<double> disk_written_bytes;
  std::optional<double> anonymous_bytes;    // resident, and no file backs it: heap, caches
  std::optional<double> file_backed_bytes;  // resident, mapped files and shared memory
  std::optional<double> swap_bytes;
};
ProcessLook look_at_process(const std::string& folder);  // "/proc/4711"
// Of its open files alone.
std::optional<std::int64_t> count_open_files(const std::string& folder);

// The share of the last ten seconds, 0 to 1, in which some task, or all that had work, waited for
// it: Linux's pressure stall information, of the whole machine. Missing where the kernel was built
// or started without.
struct Pressure {
  std::optional<double> disk_some_ratio;
  std::optional<double> disk_full_ratio;
  std::optional<double> memory_some_ratio;
  std::optional<double> memory_full_ratio;
  std::optional<double> cpu_some_ratio;
};
Pressure look_at_pressure(const std::string& proc = "/proc");

}  // namespace nodetune
