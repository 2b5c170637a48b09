// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/observe/process_look.h"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <system_error>

#include "engine/base/format.h"

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

// "some avg10=1.53 avg60=0.87 avg300=0.20 total=58761"
std::optional<double> waited_ratio(const std::string& path) {
  const auto percent = number_behind<double>(path, "some avg10=");
  if (!percent) return std::nullopt;
  return *percent / 100;
}

void add_part(std::string& text, const std::string& part) {
  if (!text.empty()) text += ", ";
  text += part;
}

}  // namespace

ProcessLook look_at_process(std::int64_t pid, const std::string& proc) {
  const auto folder = fmt::format("{}/{}", proc, pid);
  ProcessLook look;
  look.open_files = count_entries(folder + "/fd");
  look.open_files_max = number_behind<std::int64_t>(folder + "/limits", "Max open files");
  look.disk_read_bytes = number_behind<double>(folder + "/io", "read_bytes:");
  look.disk_written_bytes = number_behind<double>(folder + "/io", "write_bytes:");
  return look;
}

Pressure look_at_pressure(const std::string& proc) {
  return {waited_ratio(proc + "/pressure/io"), waited_ratio(proc + "/pressure/cpu"),
          waited_ratio(proc + "/pressure/memory")};
}

std::string to_text(const ProcessLook& process) {
  std::string text;
  if (process.open_files && process.open_files_max) {
    add_part(text,
             fmt::format("{} of {} open files", *process.open_files, *process.open_files_max));
  } else if (process.open_files_max) {
    add_part(text, fmt::format("at most {} open files", *process.open_files_max));
  }
  if (process.disk_read_bytes && process.disk_written_bytes) {
    add_part(text, fmt::format("{} read from and {} written to disk since it started",
                               format_bytes(*process.disk_read_bytes),
                               format_bytes(*process.disk_written_bytes)));
  }
  return text;
}

std::string to_text(const Pressure& pressure) {
  std::string text;
  const auto add = [&text](const char* name, std::optional<double> ratio) {
    if (ratio) add_part(text, fmt::format("{} {:.1f} %", name, *ratio * 100));
  };
  add("disk", pressure.disk_ratio);
  add("CPU", pressure.cpu_ratio);
  add("memory", pressure.memory_ratio);
  return text;
}

}  // namespace nodetune
