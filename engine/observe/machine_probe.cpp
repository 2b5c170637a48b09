// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/observe/machine_probe.h"

#include <fmt/format.h>
#include <sched.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <map>
#include <sstream>
#include <string_view>
#include <utility>

#include "engine/observe/process_look.h"

namespace nodetune {
namespace {

constexpr std::string_view kGroupsFolder = "/fs/cgroup";
constexpr auto kOpenFilesPeriod = std::chrono::seconds(10);

std::optional<std::string> read_text(const std::string& path) {
  std::ifstream file(path);
  if (!file) return std::nullopt;
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::optional<double> read_number(const std::string& path) {
  const auto text = read_text(path);
  if (!text) return std::nullopt;
  try {
    return std::stod(*text);  // "max" has no number
  } catch (const std::exception&) {
    return std::nullopt;
  }
}

// "key value" lines, with or without a colon behind the key: /proc/meminfo, memory.stat.
std::map<std::string, double> read_pairs(const std::string& path) {
  std::map<std::string, double> pairs;
  std::ifstream file(path);
  std::string line;
  while (std::getline(file, line)) {
    std::istringstream words(line);
    std::string key;
    double value = 0;
    if (!(words >> key >> value)) continue;
    if (key.back() == ':') key.pop_back();
    pairs[key] = value;
  }
  return pairs;
}

double allowed_cores() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof set, &set) == 0) return CPU_COUNT(&set);
  return static_cast<double>(sysconf(_SC_NPROCESSORS_ONLN));
}

}  // namespace

std::optional<DiskSpace> disk_space(const std::string& directory) {
  struct statvfs space {};
  if (statvfs(directory.c_str(), &space) != 0 || space.f_blocks == 0) return std::nullopt;
  const auto unit = static_cast<double>(space.f_frsize);
  return DiskSpace{
      .free_bytes = static_cast<double>(space.f_bavail) * unit,
      .usable_bytes = static_cast<double>(space.f_blocks - space.f_bfree + space.f_bavail) * unit};
}

MachineProbe::MachineProbe(std::string directory, std::optional<std::int64_t> process, Clock& clock)
    : MachineProbe(std::move(directory), process, clock, Paths{}) {}

MachineProbe::MachineProbe(std::string directory, std::optional<std::int64_t> process, Clock& clock,
                           Paths paths)
    : directory_(std::move(directory)),
      process_(process),
      clock_(clock),
      paths_(std::move(paths)) {}

void MachineProbe::fill(Snapshot& snapshot) {
  fill_cpu(snapshot);
  fill_memory(snapshot);
  fill_space(snapshot);
  fill_disk(snapshot);
  fill_pressure(snapshot);
  fill_process(snapshot);
}

// The unified control group of the process that is looked at, else of this one; empty when there is
// none (or only version 1). Its limits are what holds a foreign node back, not ours.
std::string MachineProbe::cgroup_folder() const {
  std::ifstream file(paths_.proc + process_folder() + "/cgroup");
  std::string line;
  while (std::getline(file, line)) {
    if (line.rfind("0::", 0) == 0) {
      return paths_.sys + std::string(kGroupsFolder) + line.substr(3);
    }
  }
  return {};
}

std::optional<double> MachineProbe::busy_seconds(double* cores) const {
  *cores = allowed_cores();
  if (const auto folder = cgroup_folder(); !folder.empty()) {
    std::istringstream quota(read_text(folder + "/cpu.max").value_or(""));
    double limit_us = 0;
    double period_us = 0;
    const auto stat = read_pairs(folder + "/cpu.stat");
    const auto usage = stat.find("usage_usec");
    if (quota >> limit_us >> period_us && period_us > 0 && usage != stat.end()) {
      *cores = std::min(*cores, limit_us / period_us);
      return usage->second / 1e6;
    }
  }
  std::ifstream file(paths_.proc + "/stat");
  std::string name;
  double user = 0, nice = 0, system = 0, idle = 0, iowait = 0, irq = 0, softirq = 0, steal = 0;
  if (!(file >> name >> user >> nice >> system >> idle >> iowait >> irq >> softirq >> steal)) {
    return std::nullopt;
  }
  // The whole machine's line: all its cores share the load.
  *cores = static_cast<double>(sysconf(_SC_NPROCESSORS_ONLN));
  const auto ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
  return (user + nice + system + irq + softirq + steal) / ticks;
}

void MachineProbe::fill_cpu(Snapshot& snapshot) {
  double cores = 1;
  const auto busy = busy_seconds(&cores);
  const auto now = clock_.steady_now();
  if (!busy) return;
  if (cpu_before_ && now > cpu_before_->at) {
    const double elapsed = to_seconds(now - cpu_before_->at);
    const double ratio = (*busy - cpu_before_->busy_seconds) / (elapsed * cores);
    // The kernel counts in ticks, so that a full interval can come out a little above 1.
    snapshot.set(Metric::system_cpu_ratio, std::clamp(ratio, 0.0, 1.0));
  }
  cpu_before_ = CpuTimes{*busy, now};
}

void MachineProbe::fill_memory(Snapshot& snapshot) {
  const auto kills_in = [](const std::string& group) -> std::optional<std::int64_t> {
    const auto events = read_pairs(group + "/memory.events");
    const auto kills = events.find("oom_kill");
    if (kills == events.end()) return std::nullopt;
    return static_cast<std::int64_t>(kills->second);
  };
  memory_limit_ = {};
  for (auto folder = cgroup_folder(); folder.size() > paths_.sys.size() + kGroupsFolder.size();) {
    const auto limit = read_number(folder + "/memory.max");
    const auto current = read_number(folder + "/memory.current");
    if (limit && current && *limit > 0) {
      const auto stat = read_pairs(folder + "/memory.stat");
      const auto inactive = stat.find("inactive_file");
      const double used = *current - (inactive == stat.end() ? 0 : inactive->second);
      snapshot.set(Metric::system_memory_used_bytes, used);
      snapshot.set(Metric::system_memory_limit_bytes, *limit);
      snapshot.set(Metric::system_memory_ratio, used / *limit);
      memory_limit_ = {folder.substr(paths_.sys.size() + kGroupsFolder.size()), kills_in(folder)};
      return;
    }
    folder.resize(folder.find_last_of('/'));  // a parent's limit holds as well
  }
  if (const auto own = cgroup_folder(); !own.empty()) memory_limit_.kills = kills_in(own);
  const auto memory = read_pairs(paths_.proc + "/meminfo");
  const auto total = memory.find("MemTotal");
  const auto available = memory.find("MemAvailable");
  if (total == memory.end() || available == memory.end() || total->second <= 0) return;
  constexpr double kKilobyte = 1024;  // meminfo's "kB"
  snapshot.set(Metric::system_memory_used_bytes, (total->second - available->second) * kKilobyte);
  snapshot.set(Metric::system_memory_limit_bytes, total->second * kKilobyte);
  snapshot.set(Metric::system_memory_ratio, 1 - available->second / total->second);
}

void MachineProbe::fill_space(Snapshot& snapshot) const {
  const auto space = disk_space(directory_);
  if (!space) return;
  snapshot.set(Metric::disk_free_bytes, space->free_bytes);
  snapshot.set(Metric::disk_total_bytes, space->usable_bytes);
  snapshot.set(Metric::disk_free_ratio,
               space->usable_bytes > 0 ? space->free_bytes / space->usable_bytes : kMissing);
}

std::optional<MachineProbe::DiskTimes> MachineProbe::disk_times() const {
  struct stat info {};
  if (stat(directory_.c_str(), &info) != 0) return std::nullopt;
  const auto path =
      fmt::format("{}/dev/block/{}:{}/stat", paths_.sys, major(info.st_dev), minor(info.st_dev));
  std::ifstream file(path);
  // https://docs.kernel.org/block/stat.html; sectors are 512 bytes, times milliseconds.
  double reads = 0, reads_merged = 0, read_sectors = 0, read_ms = 0;
  double writes = 0, writes_merged = 0, write_sectors = 0, write_ms = 0;
  double in_flight = 0, busy_ms = 0, queue_ms = 0;
  if (!(file >> reads >> reads_merged >> read_sectors >> read_ms >> writes >> writes_merged >>
        write_sectors >> write_ms >> in_flight >> busy_ms >> queue_ms)) {
    return std::nullopt;
  }
  constexpr double kSector = 512;
  return DiskTimes{reads,
                   read_ms / 1e3,
                   writes,
                   write_ms / 1e3,
                   busy_ms / 1e3,
                   read_sectors * kSector,
                   write_sectors * kSector,
                   queue_ms / 1e3,
                   clock_.steady_now()};
}

void MachineProbe::fill_disk(Snapshot& snapshot) {
  const auto now = disk_times();
  if (!now) return;
  snapshot.set(Metric::disk_read_bytes_total, now->read_bytes);
  snapshot.set(Metric::disk_write_bytes_total, now->write_bytes);
  if (disk_before_ && now->at > disk_before_->at) {
    const auto& before = *disk_before_;
    const double elapsed = to_seconds(now->at - before.at);
    // No read in the interval: no latency, which is not the same as a latency of zero.
    if (now->reads > before.reads) {
      snapshot.set(Metric::disk_read_latency_seconds,
                   (now->read_seconds - before.read_seconds) / (now->reads - before.reads));
    }
    if (now->writes > before.writes) {
      snapshot.set(Metric::disk_write_latency_seconds,
                   (now->write_seconds - before.write_seconds) / (now->writes - before.writes));
    }
    snapshot.set(Metric::disk_utilisation_ratio,
                 std::clamp((now->busy_seconds - before.busy_seconds) / elapsed, 0.0, 1.0));
    snapshot.set(Metric::disk_queue_length,
                 std::max(0.0, now->queue_seconds - before.queue_seconds) / elapsed);
  }
  disk_before_ = now;
}

void MachineProbe::fill_pressure(Snapshot& snapshot) const {
  const auto pressure = look_at_pressure(paths_.proc);
  const auto set = [&](Metric metric, std::optional<double> ratio) {
    snapshot.set(metric, ratio.value_or(kMissing));
  };
  set(Metric::pressure_disk_some_ratio, pressure.disk_some_ratio);
  set(Metric::pressure_disk_full_ratio, pressure.disk_full_ratio);
  set(Metric::pressure_memory_some_ratio, pressure.memory_some_ratio);
  set(Metric::pressure_memory_full_ratio, pressure.memory_full_ratio);
  set(Metric::pressure_cpu_some_ratio, pressure.cpu_some_ratio);
}

std::string MachineProbe::process_folder() const {
  const auto process = process_.value_or(0);
  return process == 0 ? "/self" : fmt::format("/{}", process);
}

void MachineProbe::set_process(std::optional<std::int64_t> process) {
  if (process == process_) return;
  process_ = process;
  open_files_at_.reset();
  cpu_before_.reset();
}

void MachineProbe::fill_process_use(const std::string& folder, Snapshot& snapshot) {
  const auto now = clock_.steady_now();
  if (!open_files_at_ || now - *open_files_at_ >= kOpenFilesPeriod) {
    open_files_ = count_open_files(folder);
    open_files_at_ = now;
  }
  const auto look = look_at_process(folder);
  const auto set = [&](Metric metric, const auto& value) {
    if (value) snapshot.set(metric, static_cast<double>(*value));
  };
  set(Metric::process_open_files, open_files_);
  set(Metric::process_open_files_limit, look.open_files_max);
  set(Metric::process_disk_read_bytes_total, look.disk_read_bytes);
  set(Metric::process_disk_write_bytes_total, look.disk_written_bytes);
  set(Metric::process_anonymous_bytes, look.anonymous_bytes);
  set(Metric::process_file_backed_bytes, look.file_backed_bytes);
  set(Metric::process_swap_bytes, look.swap_bytes);
}

void MachineProbe::fill_process(Snapshot& snapshot) {
  if (!process_) return;
  const auto folder = paths_.proc + process_folder();
  fill_process_use(folder, snapshot);
  double pages = 0;
  double resident = 0;
  std::istringstream statm(read_text(folder + "/statm").value_or(""));
  if (statm >> pages >> resident) {
    snapshot.set(Metric::process_resident_bytes,
                 resident * static_cast<double>(sysconf(_SC_PAGESIZE)));
  }
  const auto stat = read_text(folder + "/stat").value_or("");
  const auto name_end = stat.rfind(')');  // the name may hold spaces and brackets
  if (name_end == std::string::npos) return;
  std::istringstream fields(stat.substr(name_end + 1));
  std::string skipped;
  constexpr int kFieldsBeforeUserTime = 11;
  for (int i = 0; i < kFieldsBeforeUserTime; ++i) fields >> skipped;
  double user = 0;
  double system = 0;
  if (fields >> user >> system) {
    snapshot.set(Metric::process_cpu_seconds_total,
                 (user + system) / static_cast<double>(sysconf(_SC_CLK_TCK)));
  }
}

}  // namespace nodetune
