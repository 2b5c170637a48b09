// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/clock.h"

namespace nodetune {

// An option that a program changed while its database was open.
struct LoggedSetting {
  TimePoint time;
  std::optional<std::string> column_family;  // raw bytes; nothing: of the whole database
  std::string name;
  std::string value;
};

// Finds what SetOptions and SetDBOptions write into a LOG: "SetOptions() on column family [x],
// inputs:", a line for each option, and whether it succeeded.
//
// Memory is bounded whatever comes in. Thread: its owner's.
class SettingsInLog {
 public:
  // The next message, by its time. What was set, once the LOG says that it succeeded.
  std::vector<LoggedSetting> take(TimePoint time, std::string_view message);

 private:
  bool begin(std::string_view message);
  void add(TimePoint time, std::string_view message);

  bool listens_ = false;
  int lines_left_ = 0;  // that may still belong to it: other threads write between them
  std::optional<std::string> family_;
  std::vector<LoggedSetting> inputs_;
};

}  // namespace nodetune
