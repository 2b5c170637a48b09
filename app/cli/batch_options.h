// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "engine/node/managed_batches.h"

namespace nodetune::cli {

// --durability, --batch-mode, --commit-limit, --batch-size: remembered in the directory.
class BatchOptions {
 public:
  void add_to(CLI::App& command);
  BatchSettings settings() const;

 private:
  bool no_wal_ = false;
  std::string durability_;
  std::string mode_;
  std::string commit_limit_;
  int size_ = 0;
};

}  // namespace nodetune::cli
