// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "engine/base/clock.h"
#include "engine/metrics/snapshot.h"

namespace nodetune {

// As df counts: the blocks kept for root belong to neither side.
struct DiskSpace {
  double free_bytes = 0;
  double usable_bytes = 0;
};
// Of the file system that holds the directory, now. Nothing: the kernel does not tell.
std::optional<DiskSpace> disk_space(const std::string& directory);

// What bounds the memory of the process that is looked at.
struct MemoryLimit {
  // "/system.slice/besu.service": the control group whose limit it is; empty: none has one, it is
  // the machine's memory.
  std::string group;
  // Processes of that group, or else of the process's own, that the kernel killed for want of
  // memory since the group was made. Nothing: it does not tell.
  std::optional<std::int64_t> kills;
};

// Reads /proc and /sys for one directory's disk, this process's limits, and one process.
//
// Fills the system_*, disk_*, pressure_* and process_* metrics (but those of growth). What the
// kernel does not tell stays missing: latencies need a block device with statistics (not overlay,
// tmpfs or NFS).
//
// CPU ratio: busy time ÷ time of the cores that the process may use (its control group's quota
// where there is one, else this one's affinity). Memory ratio: (memory.current − inactive_file) ÷
// limit of the nearest control group that has one, else 1 − MemAvailable ÷ MemTotal.
//
// Thread: one at a time. Lifetime: none held; every fill opens, reads and closes.
class MachineProbe {
 public:
  struct Paths {
    std::string proc = "/proc";
    std::string sys = "/sys";
  };

  // `directory`: whose disk. `process`: whose memory and CPU; 0 is this process; nothing: nobody's.
  MachineProbe(std::string directory, std::optional<std::int64_t> process, Clock& clock);
  MachineProbe(std::string directory, std::optional<std::int64_t> process, Clock& clock,
               Paths paths);

  void set_process(std::optional<std::int64_t> process);
  void fill(Snapshot& snapshot);
  const MemoryLimit& memory_limit() const { return memory_limit_; }  // as of the last fill

 private:
  struct CpuTimes {
    double busy_seconds = 0;
    SteadyTime at{};
  };
  struct DiskTimes {
    double reads = 0;
    double read_seconds = 0;
    double writes = 0;
    double write_seconds = 0;
    double busy_seconds = 0;
    double read_bytes = 0;
    double write_bytes = 0;
    double queue_seconds = 0;  // each request's waiting and service, added up
    SteadyTime at{};
  };

  void fill_cpu(Snapshot& snapshot);
  void fill_memory(Snapshot& snapshot);
  void fill_space(Snapshot& snapshot) const;
  void fill_disk(Snapshot& snapshot);
  void fill_pressure(Snapshot& snapshot) const;
  void fill_process(Snapshot& snapshot);
  void fill_process_use(const std::string& folder, Snapshot& snapshot);
  std::optional<double> busy_seconds(double* cores) const;
  std::string process_folder() const;  // "/4711" below /proc
  std::string cgroup_folder() const;
  std::optional<DiskTimes> disk_times() const;

  std::string directory_;
  std::optional<std::int64_t> process_;
  Clock& clock_;
  Paths paths_;
  MemoryLimit memory_limit_;
  std::optional<CpuTimes> cpu_before_;
  std::optional<DiskTimes> disk_before_;
  std::optional<std::int64_t> open_files_;  // counted seldom: a node has thousands
  std::optional<SteadyTime> open_files_at_;
};

}  // namespace nodetune
