// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/files/log_stall.h"

#include <algorithm>
#include <utility>

#include "engine/files/digits.h"
#include "engine/files/eight_bytes.h"
#include "engine/files/flat_json.h"

namespace nodetune {
namespace {

constexpr std::string_view kActionFront = "] St";  // what both begin with, and little else does
constexpr std::pair<std::string_view, StallAction> kActions[] = {
    {"] Stopping writes because ", StallAction::stop},
    {"] Stalling writes because ", StallAction::delay},
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

constexpr std::string_view kRate = " rate ";
constexpr std::size_t kDigitsThatFit = 18;  // into 64 bits, whatever they are

// What a message consists of.
struct Parts {
  std::string_view family;
  StallAction action = StallAction::delay;
  StallCause cause = StallCause::memtables;
  std::string_view amount;  // digits
  std::string_view behind;  // the amount
};

std::string_view take_digits(std::string_view& text, std::uint64_t& number) {
  const char* end = nodetune::take_digits(text.data(), text.data() + text.size(), number);
  const auto digits = text.substr(0, static_cast<std::size_t>(end - text.data()));
  text.remove_prefix(digits.size());
  return digits;
}

bool take_words(std::string_view& text, std::string_view words) {
  if (!same_bytes(text.substr(0, words.size()), words)) return false;
  text.remove_prefix(words.size());
  return true;
}

// Whether `text` begins with a reason that is known; then `parts` has it.
bool read_reason(std::string_view text, Parts& parts) {
  for (const auto& [before, behind, cause] : kReasons) {
    auto rest = text;
    std::uint64_t number = 0;
    if (!take_words(rest, before)) continue;
    parts.amount = take_digits(rest, number);
    parts.behind = rest;
    if (!take_words(rest, behind)) continue;
    parts.cause = cause;
    return true;
  }
  return false;
}

std::optional<Parts> take_apart(std::string_view message) {
  if (!message.starts_with('[')) return std::nullopt;
  for (auto at = message.find(kActionFront); at != std::string_view::npos;
       at = message.find(kActionFront, at + 1)) {
    for (const auto& [words, action] : kActions) {
      Parts parts;
      auto rest = message.substr(at);
      if (!take_words(rest, words)) continue;
      if (!read_reason(rest, parts)) break;  // it may be a name that reads so
      parts.action = action;
      parts.family = message.substr(1, at - 1);
      return parts;
    }
  }
  return std::nullopt;
}

}  // namespace

LoggedStall* LogStallReader::read(std::string_view message) {
  again_ = read_again(message);
  if (again_) return &*stall_;
  const auto parts = take_apart(message);
  if (!parts) return nullptr;
  if (!stall_) stall_.emplace();
  auto& stall = *stall_;
  stall.column_family = parts->family;
  stall.action = parts->action;
  stall.cause = parts->cause;
  stall.amount = parse_integer(parts->amount);
  stall.rate_bytes_per_second.reset();
  front_ = message.substr(0, static_cast<std::size_t>(parts->amount.data() - message.data()));
  behind_ = parts->behind;
  if (const auto rate = behind_.find(kRate); rate != std::string::npos) {
    stall.rate_bytes_per_second = number_after(parts->behind.substr(rate), kRate);
    behind_.resize(rate + kRate.size());
  }
  return &stall;
}

// Figures as they should be, between the same words; whatever differs is taken apart anew.
bool LogStallReader::read_again(std::string_view message) {
  if (!stall_ || !take_words(message, front_)) return false;
  const auto fit = [](std::string_view digits) {
    return !digits.empty() && digits.size() <= kDigitsThatFit;
  };
  std::uint64_t amount = 0;
  std::uint64_t rate = 0;
  if (!fit(take_digits(message, amount)) || !take_words(message, behind_)) return false;
  const bool has_rate = stall_->rate_bytes_per_second.has_value();
  if (has_rate && !fit(take_digits(message, rate))) return false;
  if (!message.empty()) return false;
  stall_->amount = static_cast<std::int64_t>(amount);
  if (has_rate) stall_->rate_bytes_per_second = static_cast<std::int64_t>(rate);
  return true;
}

}  // namespace nodetune
