// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <spdlog/logger.h>

#include <memory>
#include <string>

namespace nodetune {

// The program's own log, by spdlog: to standard error, and to a rotating file where one is set.
//
// Thread: any. It is there from the first call to the end of the process.
spdlog::logger& log();

// From now on also writes to `path` (5 MiB, 3 files kept).
void log_to_file(const std::string& path);

// Standard error carries warnings and worse from the start; then all of it, or nothing: a command
// line says by itself, and once, what went wrong.
void set_log_verbose(bool verbose);

}  // namespace nodetune
