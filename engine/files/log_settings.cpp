// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/files/log_settings.h"

#include <algorithm>
#include <cctype>
#include <utility>

namespace nodetune {
namespace {

constexpr int kLinesMax = 300;          // of one call
constexpr std::size_t kInputsMax = 64;  // of one call
constexpr std::size_t kNameBytesMax = 128;
constexpr std::size_t kValueBytesMax = 256;
constexpr std::size_t kFamilyBytesMax = 1024;

bool is_option_name(std::string_view text) {
  return !text.empty() && text.size() <= kNameBytesMax &&
         std::all_of(text.begin(), text.end(), [](unsigned char c) {
           return std::isalnum(c) != 0 || c == '_' || c == '.' || c == '[' || c == ']';
         });
}

}  // namespace

std::vector<LoggedSetting> SettingsInLog::take(TimePoint time, std::string_view message) {
  // Asked of every message of a LOG: nearly all end here.
  if (!listens_ && !message.starts_with("Set")) return {};
  if (begin(message) || !listens_) return {};
  if (message.find("succeeded") != std::string_view::npos) {
    listens_ = false;
    return std::exchange(inputs_, {});
  }
  const bool failed = message.find("failed") != std::string_view::npos;
  if (failed || --lines_left_ <= 0) {
    listens_ = false;
    inputs_.clear();
    return {};
  }
  add(time, message);
  return {};
}

// "SetOptions() on column family [x], inputs:", "Set options on column family [x] (0/1), inputs:"
// since 11.0, "SetDBOptions(), inputs:".
bool SettingsInLog::begin(std::string_view message) {
  constexpr std::string_view kFamily = " on column family [";
  constexpr std::string_view kInputs = "inputs:";
  if (!message.starts_with("Set") || message.find(kInputs) == std::string_view::npos) return false;
  const auto at = message.find(kFamily);
  const auto end = message.rfind(']');
  if (message.starts_with("SetDBOptions()")) {
    family_.reset();
  } else if (at != std::string_view::npos && end != std::string_view::npos &&
             end >= at + kFamily.size()) {
    const auto from = at + kFamily.size();
    family_ = std::string(message.substr(from, std::min(end - from, kFamilyBytesMax)));
  } else {
    return false;
  }
  listens_ = true;
  lines_left_ = kLinesMax;
  inputs_.clear();
  return true;
}

void SettingsInLog::add(TimePoint time, std::string_view message) {
  const auto colon = message.find(": ");
  if (colon == std::string_view::npos || inputs_.size() >= kInputsMax) return;
  const auto name = message.substr(0, colon);
  if (!is_option_name(name)) return;
  auto value = message.substr(colon + 2);
  value = value.substr(0, value.find('\n'));
  inputs_.push_back(
      {time, family_, std::string(name), std::string(value.substr(0, kValueBytesMax))});
}

}  // namespace nodetune
