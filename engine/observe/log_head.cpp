// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/observe/log_head.h"

#include "engine/files/file_reader.h"
#include "engine/files/log_summariser.h"

namespace nodetune {
namespace {

constexpr std::size_t kHeadBytes = 64 * 1024;  // the list of SST files can be a long line

// "SST files in /data/database dir, Total Num: …"
std::string directory_in(std::string_view head) {
  constexpr std::string_view kBefore = "SST files in ";
  constexpr std::string_view kAfter = " dir, Total Num";
  const auto from = head.find(kBefore);
  if (from == std::string_view::npos) return {};
  const auto rest = head.substr(from + kBefore.size());
  const auto to = rest.find(kAfter);
  if (to == std::string_view::npos || rest.substr(0, to).find('\n') != std::string_view::npos) {
    return {};
  }
  return std::string(rest.substr(0, to));
}

}  // namespace

LogHead read_log_head(const std::string& path) {
  const auto head = read_head(path, kHeadBytes, SymbolicLinks::refuse);
  if (!head) return {};
  LogSummariser summariser;
  summariser.feed(*head);
  summariser.end_file();
  return {summariser.summary().version, directory_in(*head)};
}

}  // namespace nodetune
