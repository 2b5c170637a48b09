// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace nodetune {

// What the drive below a directory says of itself, as far as this user may ask. A volume over
// several drives has several.
struct DriveLook {
  std::string name;   // "nvme0n1"
  std::string model;  // printable; empty: it does not say
  bool rotates = false;
  std::optional<double> celsius;
  std::string celsius_origin;        // "/sys/…/temp1_input", "SMART log"
  std::optional<double> wear_ratio;  // used of its rated life; above 1 it goes on without promise
  std::string wear_origin;
  std::optional<double> written_bytes;  // by everybody, in its whole life
  std::string why_no_wear;              // and what would tell; empty: it is known
};

// The drives that hold `directory`; empty where the kernel names none (overlay, tmpfs, network).
//
// Reads /sys; of an NVMe drive its health log too (admin command 0x02, page 0x02, which changes
// nothing), where this user may. Takes below a millisecond; ask seldom all the same.
std::vector<DriveLook> look_at_drives(const std::string& directory, const std::string& sys = "/sys",
                                      const std::string& dev = "/dev");

inline constexpr std::size_t kNvmeHealthLogBytes = 512;
// What the log of NVMe's page 0x02 holds. Source: NVM Express base specification 2.0, figure 207.
struct NvmeHealth {
  double celsius = 0;
  double wear_ratio = 0;
  double written_bytes = 0;
};
NvmeHealth parse_nvme_health(std::span<const unsigned char, kNvmeHealthLogBytes> log);

}  // namespace nodetune
