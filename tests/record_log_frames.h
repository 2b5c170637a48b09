// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "engine/files/crc32c.h"

// Writes a MANIFEST's frames, to make small ones by hand.
namespace nodetune::testing {

inline std::string log_fragment(int type, std::string_view payload) {
  const auto typed = static_cast<char>(type) + std::string(payload);
  const auto crc = mask_crc32c(crc32c(typed));
  std::string frame;
  for (int i = 0; i < 4; ++i) frame += static_cast<char>(crc >> (8 * i));
  frame += static_cast<char>(payload.size());
  frame += static_cast<char>(payload.size() >> 8);
  return frame + typed;
}

// Frames records as RocksDB does: cut at blocks of 32 KiB, filled with zeros where no header fits.
inline std::string frame_records(const std::vector<std::string>& records) {
  constexpr std::size_t kBlock = 32768;
  std::string file;
  for (const auto& record : records) {
    std::string_view rest = record;
    bool first = true;
    do {
      auto room = kBlock - file.size() % kBlock;
      if (room < 7) {
        file += std::string(room, '\0');
        room = kBlock;
      }
      const auto part = rest.substr(0, room - 7);
      rest.remove_prefix(part.size());
      const int type = first ? (rest.empty() ? 1 : 2) : (rest.empty() ? 4 : 3);
      file += log_fragment(type, part);
      first = false;
    } while (!rest.empty());
  }
  return file;
}

}  // namespace nodetune::testing
