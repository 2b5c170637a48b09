// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/clock.h"
#include "engine/base/status.h"
#include "engine/observe/log_head.h"
#include "engine/observe/observation.h"

namespace nodetune {

// LOG files without their database: a colleague's, an issue's attachment. They may have any name.
struct LogsAlone {
  struct File {
    std::string path;
    std::int64_t bytes = 0;
    TimePoint first{};  // of the first and the last record, as if the node's local time were UTC
    TimePoint last{};
    LogHead head;
  };
  std::string path;          // of the folder, or of the one file that was given
  std::vector<File> files;   // of one database, oldest first
  std::int64_t bytes = 0;    // of these
  std::vector<File> others;  // the first file of each other database whose LOG lies there too
  bool truncated = false;    // there were more files than the limit
};

struct LogsAloneLimits {
  std::size_t entries_max = 10'000;  // names in the folder
  std::size_t files_max = 1'000;     // of them looked into
};

// Nothing where `path` is a database, holds some, is something else, or missing: other readers say
// what it is. Files of several databases are told apart by the directory that wrote them, and by
// their times; the database with the most bytes is the one that is meant.
std::optional<LogsAlone> find_logs_alone(const std::string& path,
                                         const LogsAloneLimits& limits = {});

// The LOG files of a database that is whole: what a recording of it is filled back from.
LogsAlone logs_of_database(const std::string& path);

// What an observer would have found, as far as these files tell: options (of an OPTIONS file beside
// them, else of the LOG's own list), client, who wrote them.
Observation observe_logs(const LogsAlone& logs);
// "2 LOG files without their database: shown as what they recorded".
std::string what_it_is(const LogsAlone& logs);

}  // namespace nodetune
