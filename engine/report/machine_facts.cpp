// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/report/machine_facts.h"

#include <fmt/format.h>
#include <sched.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <cstdlib>
#include <fstream>
#include <limits>
#include <memory>
#include <sstream>

#include "engine/base/format.h"

namespace nodetune {
namespace {

constexpr std::size_t kLinesMax = 100'000;   // of one file of /proc
constexpr double kSectorBytes = 512;         // what /sys counts in, whatever the disk's own is
constexpr double kNoLimitBytes = 1LL << 60;  // a control group's way to say "none"

std::string trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r\n\"");
  if (first == std::string_view::npos) return {};
  const auto last = text.find_last_not_of(" \t\r\n\"");
  return std::string(text.substr(first, last - first + 1));
}

// The first line, or nothing.
std::string first_line(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return trimmed(line);
}

// What stands behind `key` and the separator, in the first such line.
std::string value_of(const std::string& path, std::string_view key, char separator) {
  std::ifstream file(path);
  std::string line;
  for (std::size_t i = 0; i < kLinesMax && std::getline(file, line); ++i) {
    const auto at = line.find(separator);
    if (at == std::string::npos) continue;
    if (trimmed(std::string_view(line).substr(0, at)) == key) {
      return trimmed(std::string_view(line).substr(at + 1));
    }
  }
  return {};
}

double number_of(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() ? value : std::numeric_limits<double>::quiet_NaN();
}

class Facts {
 public:
  explicit Facts(std::string root) : root_(std::move(root)) {}

  void add(std::string name, std::string value, std::string origin) {
    if (!value.empty()) {
      facts_.push_back({std::move(name), std::move(value), std::move(origin)});
    }
  }

  void add_processor() {
    const std::string info = root_ + "/proc/cpuinfo";
    auto model = value_of(info, "model name", ':');
    if (model.empty()) model = value_of(info, "Model", ':');  // ARM boards
    add("Processor", model, "/proc/cpuinfo");
    cpu_set_t allowed;
    CPU_ZERO(&allowed);
    const long online = ::sysconf(_SC_NPROCESSORS_ONLN);
    std::string cores = online > 0 ? fmt::format("{}", online) : "";
    if (::sched_getaffinity(0, sizeof allowed, &allowed) == 0 && CPU_COUNT(&allowed) != online) {
      cores += fmt::format(", of which this process may use {}", CPU_COUNT(&allowed));
    }
    add("Hardware threads", cores, "kernel");
    const auto quota = first_line(root_ + "/sys/fs/cgroup/cpu.max");
    if (!quota.empty() && !quota.starts_with("max")) {
      std::istringstream parts(quota);
      double used = 0;
      double period = 0;
      if (parts >> used >> period && period > 0) {
        add("CPU limit of the control group", fmt::format("{:.3g} cores", used / period),
            "/sys/fs/cgroup/cpu.max");
      }
    }
  }

  void add_memory() {
    const double kib = number_of(value_of(root_ + "/proc/meminfo", "MemTotal", ':'));
    if (kib > 0) add("Memory", format_bytes(kib * double(kKiB)), "/proc/meminfo");
    const double swap = number_of(value_of(root_ + "/proc/meminfo", "SwapTotal", ':'));
    if (swap >= 0) {
      add("Swap", swap > 0 ? format_bytes(swap * double(kKiB)) : "none", "/proc/meminfo");
    }
    const double limit = number_of(first_line(root_ + "/sys/fs/cgroup/memory.max"));
    if (limit > 0 && limit < kNoLimitBytes) {
      add("Memory limit of the control group", format_bytes(limit), "/sys/fs/cgroup/memory.max");
    }
  }

  void add_system() {
    add("Kernel", first_line(root_ + "/proc/sys/kernel/osrelease"), "/proc/sys/kernel/osrelease");
    add("Distribution", value_of(root_ + "/etc/os-release", "PRETTY_NAME", '='), "/etc/os-release");
  }

  void add_disk(const std::string& directory) {
    struct stat there {};
    if (directory.empty() || ::stat(directory.c_str(), &there) != 0) return;
    add_file_system(fmt::format("{}:{}", major(there.st_dev), minor(there.st_dev)));
    add_device(root_ +
               fmt::format("/sys/dev/block/{}:{}", major(there.st_dev), minor(there.st_dev)));
  }

  std::vector<Fact> take() { return std::move(facts_); }

 private:
  // mountinfo: "36 35 98:0 /root /mount options ... - type source superoptions"
  void add_file_system(const std::string& device) {
    std::ifstream file(root_ + "/proc/self/mountinfo");
    std::string line;
    for (std::size_t i = 0; i < kLinesMax && std::getline(file, line); ++i) {
      std::istringstream fields(line);
      std::string id, parent, number, inside, mount, options, word;
      if (!(fields >> id >> parent >> number >> inside >> mount >> options)) continue;
      if (number != device) continue;
      while (fields >> word && word != "-") {
      }
      if (!(fields >> word)) continue;
      add("File system", fmt::format("{} ({})", word, options), "/proc/self/mountinfo");
      return;
    }
  }

  void add_device(const std::string& link) {
    char* resolved = ::realpath(link.c_str(), nullptr);
    if (resolved == nullptr) return;  // overlay, tmpfs, NFS: no block device
    std::string folder(resolved);
    std::free(resolved);
    if (!first_line(folder + "/partition").empty()) folder = folder.substr(0, folder.rfind('/'));
    add("Disk", first_line(folder + "/device/model"), "/sys/block");
    const auto rotational = first_line(folder + "/queue/rotational");
    if (!rotational.empty()) {
      add("Disk type", rotational == "0" ? "solid state (not rotational)" : "rotational",
          "/sys/block");
    }
    add("Disk scheduler", first_line(folder + "/queue/scheduler"), "/sys/block");
    const double sectors = number_of(first_line(folder + "/size"));
    if (sectors > 0) add("Disk capacity", format_bytes(sectors * kSectorBytes), "/sys/block");
  }

  const std::string root_;
  std::vector<Fact> facts_;
};

}  // namespace

std::vector<Fact> machine_facts(const std::string& directory, const std::string& root) {
  Facts facts(root);
  facts.add_processor();
  facts.add_memory();
  facts.add_disk(directory);
  facts.add_system();
  return facts.take();
}

}  // namespace nodetune
