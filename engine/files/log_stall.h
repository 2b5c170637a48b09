// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "engine/files/log_summary.h"

namespace nodetune {

// Reads "[default] Stalling writes because we have 20 level-0 files rate 16777216", without its
// time. A family's name may hold brackets and newlines.
//
// A node that is held up says so again and again: what stands around the figures is compared with
// the line before, not parsed. Invariant: what a line tells does not depend on that one. Thread:
// its owner's.
class LogStallReader {
 public:
  // Null where the message is no such line. Good until the next call; `time` is the caller's.
  LoggedStall* read(std::string_view message);
  // Whether the last one was written as the one before: then it is of the same family, cause and
  // action.
  bool is_again() const { return again_; }

 private:
  bool read_again(std::string_view message);

  std::optional<LoggedStall> stall_;
  bool again_ = false;
  std::string front_;   // of the last one's message, up to its amount
  std::string behind_;  // what follows the amount, up to the rate or the end
};

}  // namespace nodetune
