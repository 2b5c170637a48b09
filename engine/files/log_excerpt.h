// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "engine/base/clock.h"

namespace nodetune {

struct LogExcerptLimits {
  std::size_t lines_max = 400;        // the nearest to the moment are kept
  std::size_t record_lines_max = 12;  // of one record: a statistics dump has hundreds
  std::size_t line_bytes_max = 2'000;
};

// What a database's LOG files say around one moment, as it stands there.
struct LogExcerpt {
  std::vector<std::string> lines;
  std::vector<std::string> files;  // names of those that the lines are from, oldest first
  bool zone_known = false;         // else the moment was taken for the node's local time
  std::size_t lines_dropped = 0;   // for lack of room
};

// From `span` before `moment` (UTC) to `span` after. Finds the place by bisection: a LOG of many
// gigabytes costs a few reads. A directory without a LOG, or one that cannot be read, gives
// nothing; with `db_log_dir` it is looked for there. Thread: any; reads files. Nothing is written,
// no lock is taken.
LogExcerpt read_log_excerpt(const std::string& directory, TimePoint moment, Duration span,
                            const LogExcerptLimits& limits = {});

}  // namespace nodetune
