// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/files/log_tail.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

namespace nodetune {
namespace {

constexpr std::string_view kStatistics = "** DB Stats **";
constexpr std::int64_t kSearchBytes = 1 << 20;
constexpr std::int64_t kBeforeStatistics = 4096;  // the record's own line stands above them

std::optional<std::int64_t> last_in(std::string_view text) {
  std::optional<std::int64_t> last;
  for (auto at = text.find(kStatistics); at != std::string_view::npos;
       at = text.find(kStatistics, at + 1)) {
    last = static_cast<std::int64_t>(at);
  }
  return last;
}

}  // namespace

LogTail find_log_tail(const FileReader& file, std::int64_t bytes, std::int64_t search_bytes) {
  const auto size = std::max<std::int64_t>(0, file.size_at_open());
  const auto wanted = std::max<std::int64_t>(0, size - bytes);
  const auto furthest = std::max<std::int64_t>(0, size - std::max(bytes, search_bytes));
  std::string block;
  for (auto end = size; end > furthest;) {
    const auto begin = std::max(furthest, end - kSearchBytes);
    // What lies across two blocks belongs to the one that it begins in.
    const auto length = static_cast<std::size_t>(end - begin) + kStatistics.size() - 1;
    if (!file.read_into(begin, length, block)) break;
    if (const auto at = last_in(block)) {
      const auto record = std::max<std::int64_t>(0, begin + *at - kBeforeStatistics);
      return {std::min(wanted, record), true};
    }
    end = begin;
  }
  return {wanted, false};
}

}  // namespace nodetune
