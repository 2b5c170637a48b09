// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <string>
#include <string_view>

namespace nodetune {

// Where a database's LOG files lie, and how their names begin.
struct LogPlace {
  std::string directory;
  std::string prefix;  // "srv_node_db_" of "srv_node_db_LOG.old.17"; empty: the plain "LOG"

  std::string newest() const { return directory + "/" + prefix + "LOG"; }
};

// What RocksDB puts in front of LOG in a directory that several databases may share: the path
// without its first slash, other signs than letters, digits, '-', '.' and '_' turned to '_'.
// Source: GetInfoLogPrefix in RocksDB's file/filename.cc.
std::string info_log_prefix(std::string_view absolute_path);

// With the `db_log_dir` of the newest OPTIONS; in the database itself where there is none, or where
// it cannot be found (a path of another machine, or of a container). There the files of a database
// whose path was another one are found by its last part, if only one fits.
LogPlace find_log_place(const std::string& database, std::string_view db_log_dir);
// The same, reading OPTIONS first.
LogPlace find_log_place(const std::string& database);

}  // namespace nodetune
