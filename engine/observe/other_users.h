// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace nodetune {

// A process that has files of a directory open.
struct FileUser {
  std::int64_t pid = 0;
  std::string name;        // its command, printable
  std::int64_t files = 0;  // open below the directory
  bool writes = false;     // one of them is open for writing, as far as was looked
  bool operator==(const FileUser&) const = default;
};

struct FileUsers {
  std::vector<FileUser> users;  // most files first; this process is left out
  std::int64_t hidden = 0;      // processes that this user may not look into
  bool complete = true;         // false: there were too many files to look at all
};

// Who else uses a directory: looks through /proc/*/fd. Costs some microseconds for each open file
// of the machine: ask seldom.
FileUsers look_for_users(const std::string& directory, const std::string& proc = "/proc");

}  // namespace nodetune
