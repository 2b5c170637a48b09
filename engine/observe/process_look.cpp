// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/observe/process_look.h"

#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <system_error>

namespace nodetune {
namespace {

// Beyond this the directory is not counted on: a look must stay cheap.
constexpr std::int64_t kOpenFilesCountedMax = 200'000;

std::optional<std::int64_t> count_entries(const std::string& folder) {
  std::error_code error;
  std::filesystem::directory_iterator entry(folder, error);
  if (error) return std::nullopt;
  std::int64_t count = 0;
  for (const std::filesystem::directory_iterator end; entry != end;) {
    if (++count > kOpenFilesCountedMax) return std::nullopt;
    entry.increment(error);
    if (error) return std::nullopt;
  }
  return count;
}

// The number behind `key`, in a file of such lines.
template <typename Number>
std::optional<Number> number_behind(const std::string& path, const std::string& key) {
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with(key)) continue;
    std::istringstream rest(line.substr(key.size()));
    Number value{};
    if (rest >> value) return value;  // "unlimited" is none
  }
  return std::nullopt;
}

// "RssAnon:      2360 kB", in one pass over a file that the kernel writes at every read.
void read_memory(const std::string& path, ProcessLook& look) {
  constexpr double kKilobyte = 1024;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line);
    std::string key;
    double kilobytes = 0;
    if (!line.starts_with("Rss") && !line.starts_with("VmSwap")) continue;
    if (!(words >> key >> kilobytes) || !(kilobytes >= 0)) continue;
    const double bytes = kilobytes * kKilobyte;
    if (key == "RssAnon:") look.anonymous_bytes = bytes;
    if (key == "VmSwap:") look.swap_bytes = bytes;
    if (key == "RssFile:" || key == "RssShmem:") {
      look.file_backed_bytes = look.file_backed_bytes.value_or(0) + bytes;
    }
  }
}

// "some avg10=1.53 avg60=0.87 avg300=0.20 total=58761"
std::optional<double> waited_ratio(const std::string& path, const std::string& who) {
  const auto percent = number_behind<double>(path, who + " avg10=");
  if (!percent) return std::nullopt;
  return *percent / 100;
}

}  // namespace

ProcessLook look_at_process(const std::string& folder) {
  ProcessLook look;
  look.open_files_max = number_behind<std::int64_t>(folder + "/limits", "Max open files");
  look.disk_read_bytes = number_behind<double>(folder + "/io", "read_bytes:");
  look.disk_written_bytes = number_behind<double>(folder + "/io", "write_bytes:");
  read_memory(folder + "/status", look);
  return look;
}

std::optional<std::int64_t> count_open_files(const std::string& folder) {
  const auto descriptors = folder + "/fd";
  struct stat info {};
  struct statfs system {};
  const bool is_proc =
      ::statfs(descriptors.c_str(), &system) == 0 && system.f_type == PROC_SUPER_MAGIC;
  if (is_proc && ::stat(descriptors.c_str(), &info) == 0 && info.st_size > 0 &&
      ::access(descriptors.c_str(), R_OK) == 0) {
    return info.st_size;  // since Linux 6.2
  }
  return count_entries(descriptors);
}

Pressure look_at_pressure(const std::string& proc) {
  const auto disk = proc + "/pressure/io";
  const auto memory = proc + "/pressure/memory";
  return {waited_ratio(disk, "some"), waited_ratio(disk, "full"), waited_ratio(memory, "some"),
          waited_ratio(memory, "full"), waited_ratio(proc + "/pressure/cpu", "some")};
}

}  // namespace nodetune
