// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/node/open_node.h"

namespace nodetune::cli {

// --access-lists, --synthetic, --import and what goes with them.
class WorkloadOptions {
 public:
  void add_to(CLI::App& command);
  // Nothing when none of them was given: the directory's own, or the default.
  std::optional<WorkloadSpec> spec() const;

 private:
  const CLI::App* command_ = nullptr;
  std::string access_lists_;
  std::vector<std::string> import_;
  std::optional<std::uint64_t> from_;
  std::optional<std::uint64_t> to_;
  bool synthetic_ = false;
  std::optional<std::uint64_t> blocks_;
  std::uint64_t seed_ = 1;
  std::optional<double> blocks_per_second_;
  std::string prefill_ = "0";
  std::string prune_above_ = "0";
  bool hints_ = false;
  std::string stop_below_free_ = "10%";
};

}  // namespace nodetune::cli
