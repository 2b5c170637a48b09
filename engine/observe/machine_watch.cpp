// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/observe/machine_watch.h"

#include <sys/stat.h>

#include <cmath>

namespace nodetune {
namespace {

constexpr std::uint64_t kRoundsKept = 60;  // of a process that is gone
constexpr std::int64_t kNobody = -1;
constexpr auto kOwnFilesPeriod = std::chrono::seconds(5);
constexpr auto kSeldomPeriod = std::chrono::minutes(1);

std::uint64_t device_of(const std::string& directory) {
  struct stat info {};
  return ::stat(directory.c_str(), &info) == 0 ? info.st_dev : 0;
}

}  // namespace

void MachineWatch::fill(const std::string& directory, std::optional<std::int64_t> process,
                        Snapshot& snapshot) {
  const Key key{device_of(directory), process.value_or(kNobody)};
  auto found = watched_.find(key);
  if (found == watched_.end()) {
    found = watched_.emplace(key, Watched{MachineProbe(directory, process, clock_), {}, 0}).first;
  }
  auto& watched = found->second;
  if (watched.round != round_) {
    watched.round = round_;
    watched.figures = {};
    watched.probe.fill(watched.figures);
    std::erase_if(watched_,
                  [&](const auto& each) { return each.second.round + kRoundsKept < round_; });
  }
  for (std::size_t index = 0; index < kMetricCount; ++index) {
    const double value = watched.figures.values[index];
    if (!std::isnan(value)) snapshot.values[index] = value;
  }
  fill_own_use(directory, snapshot);
}

MemoryLimit MachineWatch::memory_limit(const std::string& directory,
                                       std::optional<std::int64_t> process) const {
  const auto found = watched_.find({device_of(directory), process.value_or(kNobody)});
  return found == watched_.end() ? MemoryLimit{} : found->second.probe.memory_limit();
}

const std::vector<DriveLook>& MachineWatch::drives(const std::string& directory) {
  auto& [value, at] = drives_[device_of(directory)];
  const auto now = clock_.steady_now();
  if (!at || now - *at >= kSeldomPeriod) {
    value = look_at_drives(directory);
    at = now;
  }
  return value;
}

const FileUsers& MachineWatch::users(const std::string& directory) {
  auto& [value, at] = users_[directory];
  const auto now = clock_.steady_now();
  if (!at || now - *at >= kSeldomPeriod) {
    value = look_for_users(directory);
    at = now;
  }
  return value;
}

void MachineWatch::fill_own_use(const std::string& directory, Snapshot& snapshot) {
  const auto now = clock_.steady_now();
  if (!own_files_at_ || now - *own_files_at_ >= kOwnFilesPeriod) {
    own_files_ = look_at_own_files();
    own_files_at_ = now;
  }
  if (!own_files_) return;
  const auto use = use_below(*own_files_, directory);
  snapshot.set(Metric::observer_writable_files, static_cast<double>(use.writable_files));
  snapshot.set(Metric::observer_locks, static_cast<double>(use.locks));
}

}  // namespace nodetune
