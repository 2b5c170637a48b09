// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace nodetune {

// One file that this process has open.
struct OwnFile {
  std::string path;        // as the kernel names it, links resolved
  bool writable = false;   // opened for writing, too or alone
  std::int64_t locks = 0;  // of ours, on it
};

// All of them, as /proc/self tells; nothing where it cannot be read.
std::optional<std::vector<OwnFile>> look_at_own_files(const std::string& process = "/proc/self");

// What this process does to files below a directory. Nothing could be written while no file is open
// for writing, and no lock can be held on a file that is not open.
struct OwnUse {
  std::int64_t files = 0;
  std::int64_t writable_files = 0;
  std::int64_t locks = 0;
};
OwnUse use_below(const std::vector<OwnFile>& files, const std::string& directory);

}  // namespace nodetune
