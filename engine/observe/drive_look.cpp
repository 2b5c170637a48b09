// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/observe/drive_look.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/nvme_ioctl.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string_view>
#include <system_error>

#include "engine/base/format.h"

namespace nodetune {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kDrivesMax = 16;
constexpr std::size_t kWordBytesMax = 256;

// The first line, without what stands around it; empty where it cannot be read.
std::string read_word(const fs::path& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  if (line.size() > kWordBytesMax) line.resize(kWordBytesMax);
  const auto last = line.find_last_not_of(" \t\r");
  line.resize(last == std::string::npos ? 0 : last + 1);
  return line;
}

std::optional<long> read_whole(const fs::path& path, int base = 10) {
  const auto word = read_word(path);
  char* end = nullptr;
  errno = 0;
  const long value = std::strtol(word.c_str(), &end, base);
  if (word.empty() || end == word.c_str() || errno != 0) return std::nullopt;
  return value;
}

// Whole drives: a partition's, and what a mapped or striped volume lies on.
void collect_drives(const fs::path& block, std::vector<fs::path>& drives, int depth = 0) {
  constexpr int kDepthMax = 8;
  if (depth > kDepthMax || drives.size() >= kDrivesMax) return;
  std::error_code error;
  if (fs::exists(block / "partition", error)) {
    return collect_drives(block.parent_path(), drives, depth + 1);
  }
  bool lies_on_others = false;
  for (const auto& slave : fs::directory_iterator(block / "slaves", error)) {
    lies_on_others = true;
    std::error_code gone;
    if (const auto real = fs::canonical(slave.path(), gone); !gone) {
      collect_drives(real, drives, depth + 1);
    }
  }
  if (lies_on_others || std::find(drives.begin(), drives.end(), block) != drives.end()) return;
  drives.push_back(block);
}

// hwmon directories lie below the device, or, of an NVMe, below its controller.
void read_temperature(const fs::path& device, DriveLook& drive) {
  std::error_code error;
  for (const auto& folder : {device, device / "hwmon"}) {
    for (const auto& entry : fs::directory_iterator(folder, error)) {
      if (!entry.path().filename().string().starts_with("hwmon")) continue;
      const auto file = entry.path() / "temp1_input";
      if (const auto millis = read_whole(file)) {
        drive.celsius = static_cast<double>(*millis) / 1000;
        drive.celsius_origin = "/sys, " + drive.name + " temp1_input";
        return;
      }
    }
  }
}

// "0x03 0x01": steps of ten percent, for two kinds of memory; the worse counts.
void read_card_life(const fs::path& device, DriveLook& drive) {
  std::istringstream words(read_word(device / "life_time"));
  double worst = 0;
  for (std::string word; words >> word;) {
    worst = std::max(worst, std::strtod(word.c_str(), nullptr));  // reads 0x03, too
  }
  if (worst <= 0) return;
  constexpr double kStep = 0.1;
  drive.wear_ratio = worst * kStep;
  drive.wear_origin = "/sys, " + drive.name + " life_time, in steps of 10 %";
}

bool is_nvme(const DriveLook& drive) {
  return drive.name.starts_with("nvme");
}

// "nvme0" of "nvme0n1".
std::string controller_of(const std::string& name) {
  return name.substr(0, name.find('n', std::string_view("nvme").size()));
}

void read_nvme_health(const std::string& dev, DriveLook& drive) {
  constexpr unsigned char kGetLogPage = 0x02;
  constexpr unsigned kHealthPage = 0x02;
  constexpr unsigned kWords = kNvmeHealthLogBytes / 4 - 1;  // counted from nought
  const auto path = dev + "/" + controller_of(drive.name);
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  std::array<unsigned char, kNvmeHealthLogBytes> log{};
  nvme_admin_cmd command{};
  command.opcode = kGetLogPage;
  command.nsid = 0xffffffff;
  command.addr = reinterpret_cast<std::uintptr_t>(log.data());
  command.data_len = static_cast<std::uint32_t>(log.size());
  command.cdw10 = kHealthPage | kWords << 16;
  const bool answered = file >= 0 && ::ioctl(file, NVME_IOCTL_ADMIN_CMD, &command) == 0;
  if (file >= 0) ::close(file);
  if (!answered) {
    drive.why_no_wear = fmt::format(
        "its wear is told to root alone: sudo nvme smart-log {}, or run nodetune-cli there", path);
    return;
  }
  const auto health = parse_nvme_health(log);
  drive.wear_ratio = health.wear_ratio;
  drive.wear_origin = "SMART log of " + path;
  drive.written_bytes = health.written_bytes;
  if (!drive.celsius) {
    drive.celsius = health.celsius;
    drive.celsius_origin = drive.wear_origin;
  }
}

DriveLook look_at_drive(const fs::path& block, const std::string& dev) {
  DriveLook drive;
  drive.name = block.filename().string();
  const auto device = block / "device";
  drive.model = escape_name(read_word(device / "model"));
  if (drive.model.empty()) drive.model = escape_name(read_word(device / "name"));
  drive.rotates = read_whole(block / "queue" / "rotational").value_or(0) == 1;
  read_temperature(device, drive);
  read_card_life(device, drive);
  if (is_nvme(drive)) read_nvme_health(dev, drive);
  if (!drive.wear_ratio && drive.why_no_wear.empty() && !drive.rotates) {
    drive.why_no_wear =
        fmt::format("its wear is not told by the kernel: sudo smartctl -a {}/{}", dev, drive.name);
  }
  return drive;
}

}  // namespace

NvmeHealth parse_nvme_health(std::span<const unsigned char, kNvmeHealthLogBytes> log) {
  constexpr double kKelvin = 273.15;
  constexpr double kUnitBytes = 512'000;  // "thousands of 512 byte units"
  constexpr std::size_t kWritten = 48;    // 16 bytes, little-endian
  NvmeHealth health;
  health.celsius = log[1] + 256.0 * log[2] - kKelvin;
  health.wear_ratio = log[5] / 100.0;
  double units = 0;
  for (std::size_t i = 16; i-- > 0;) units = units * 256 + log[kWritten + i];
  health.written_bytes = units * kUnitBytes;
  return health;
}

std::vector<DriveLook> look_at_drives(const std::string& directory, const std::string& sys,
                                      const std::string& dev) {
  struct stat info {};
  if (::stat(directory.c_str(), &info) != 0) return {};
  std::error_code error;
  const auto block = fs::canonical(
      fmt::format("{}/dev/block/{}:{}", sys, major(info.st_dev), minor(info.st_dev)), error);
  if (error) return {};
  std::vector<fs::path> blocks;
  collect_drives(block, blocks);
  std::vector<DriveLook> drives;
  for (const auto& each : blocks) drives.push_back(look_at_drive(each, dev));
  return drives;
}

}  // namespace nodetune
