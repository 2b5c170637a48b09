// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <CLI/CLI.hpp>
#include <optional>
#include <string>

#include "engine/batch/write_path.h"
#include "engine/node/managed_batches.h"

namespace nodetune::cli {

// --durability, --batch-mode, --commit-limit, --batch-size: remembered in the directory.
// --write-path: for this run.
class BatchOptions {
 public:
  void add_to(CLI::App& command);
  BatchSettings settings() const;
  std::optional<WritePath> write_path() const { return write_path_of(path_); }

 private:
  bool no_wal_ = false;
  std::string durability_;
  std::string mode_;
  std::string commit_limit_;
  std::string path_;
  int size_ = 0;
};

}  // namespace nodetune::cli
