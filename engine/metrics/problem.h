// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <cstdint>
#include <string>

namespace nodetune {

enum class ProblemKind : std::uint8_t {
  absent,      // never written: some figures are missing, nothing is wrong
  unreadable,  // there is more to know, but not from here
  damaged      // the node fails when it reads this, or has lost it
};

// What keeps a database, or the view of it, from being whole.
struct Problem {
  ProblemKind kind = ProblemKind::unreadable;
  std::string text;  // one sentence

  bool operator==(const Problem&) const = default;
};

}  // namespace nodetune
