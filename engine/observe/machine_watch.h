// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/clock.h"
#include "engine/metrics/snapshot.h"
#include "engine/observe/drive_look.h"
#include "engine/observe/machine_probe.h"
#include "engine/observe/other_users.h"
#include "engine/observe/own_use.h"

namespace nodetune {

// The machine's figures for several directories: those on one disk, of one process, are read once
// a round, however many ask. And what this process does in these directories, looked at every few
// seconds (observer_writable_files, observer_locks).
//
// Thread: one at a time.
class MachineWatch {
 public:
  explicit MachineWatch(Clock& clock) : clock_(clock) {}

  void begin_round() { ++round_; }
  // As MachineProbe fills them, of this round. `process`: who holds the directory; nothing: nobody.
  void fill(const std::string& directory, std::optional<std::int64_t> process, Snapshot& snapshot);

  // Of the same process, as of the last fill() for the two.
  MemoryLimit memory_limit(const std::string& directory, std::optional<std::int64_t> process) const;

  // Looked at once a minute.
  const std::vector<DriveLook>& drives(const std::string& directory);
  const FileUsers& users(const std::string& directory);

 private:
  struct Watched {
    MachineProbe probe;
    Snapshot figures;
    std::uint64_t round = 0;
  };
  template <typename Value>
  struct Seldom {
    Value value;
    std::optional<SteadyTime> at;
  };
  using Key = std::pair<std::uint64_t, std::int64_t>;  // device and process

  void fill_own_use(const std::string& directory, Snapshot& snapshot);

  Clock& clock_;
  std::uint64_t round_ = 1;
  std::map<Key, Watched> watched_;
  std::map<std::uint64_t, Seldom<std::vector<DriveLook>>> drives_;  // by device
  std::map<std::string, Seldom<FileUsers>> users_;                  // by directory
  std::optional<std::vector<OwnFile>> own_files_;
  std::optional<SteadyTime> own_files_at_;
};

}  // namespace nodetune
