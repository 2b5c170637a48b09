// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <optional>
#include <string>

namespace nodetune {

// Who holds the lock of a database directory.
struct LockHolder {
  int pid = 0;       // 0: somebody whom this process cannot see (another container)
  std::string name;  // its command; empty when unknown

  // "besu (pid 4711)".
  std::string describe() const;
};

// Nothing: the directory has no LOCK file, or nobody holds it.
//
// Writes nothing. LOCK is never opened in this process: closing it would drop a lock that this
// process holds. /proc/locks is asked first, then F_GETLK in a forked child.
std::optional<LockHolder> lock_holder(const std::string& directory);

}  // namespace nodetune
