// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/files/log_stall.h"

#include <algorithm>
#include <utility>

#include "engine/files/digits.h"
#include "engine/files/flat_json.h"

namespace nodetune {
namespace {

constexpr std::string_view kWrites = "writes because ";
constexpr std::pair<std::string_view, StallAction> kActions[] = {
    {"] Stopping ", StallAction::stop},
    {"] Stalling ", StallAction::delay},
};
struct Reason {
  std::string_view before;  // the amount
  std::string_view behind;
  StallCause cause;
};
constexpr Reason kReasons[] = {
    {"we have ", " level-0 files", StallCause::level0_files},
    {"we have ", " immutable memtables", StallCause::memtables},
    {"of estimated pending compaction bytes ", "", StallCause::pending_compaction_bytes},
};

std::optional<LoggedStall> parse_reason(std::string_view text) {
  for (const auto& [before, behind, cause] : kReasons) {
    if (!text.starts_with(before)) continue;
    const auto rest = text.substr(before.size());
    const auto digits = static_cast<std::size_t>(
        std::find_if_not(rest.begin(), rest.end(), is_digit) - rest.begin());
    if (!rest.substr(digits).starts_with(behind)) continue;
    LoggedStall stall;
    stall.cause = cause;
    stall.amount = parse_integer(rest.substr(0, digits));
    stall.rate_bytes_per_second = number_after(rest.substr(digits + behind.size()), " rate ");
    return stall;
  }
  return std::nullopt;
}

}  // namespace

std::optional<LoggedStall> parse_stall(std::string_view message) {
  if (!message.starts_with('[')) return std::nullopt;
  for (auto at = message.find(kWrites); at != std::string_view::npos;
       at = message.find(kWrites, at + 1)) {
    const auto front = message.substr(0, at);
    for (const auto& [words, action] : kActions) {
      if (!front.ends_with(words)) continue;
      auto stall = parse_reason(message.substr(at + kWrites.size()));
      if (!stall) break;  // it may be a name that reads so
      stall->action = action;
      stall->column_family = front.substr(1, front.size() - words.size() - 1);
      return stall;
    }
  }
  return std::nullopt;
}

}  // namespace nodetune
