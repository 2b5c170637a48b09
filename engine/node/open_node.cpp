// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/node/open_node.h"

#include <fmt/format.h>

#include <filesystem>
#include <system_error>
#include <utility>

#include "engine/node/managed_node.h"
#include "engine/node/observed_node.h"
#include "engine/node/recorded_node.h"
#include "engine/node/remote_address.h"
#include "engine/node/remote_node.h"
#include "engine/observe/logs_alone.h"
#include "engine/recording/recording_format.h"
#include "engine/store/lock_holder.h"

namespace nodetune {
namespace {

Result<std::unique_ptr<Node>> open_managed(const std::string& path, const OpenOptions& options,
                                           Clock& clock) {
  auto node = ManagedNode::open(path, options, clock);
  if (!node) return node.status();
  return std::unique_ptr<Node>(std::move(*node));
}

// Missing, or a directory without entries: what create_if_missing may fill.
bool is_free(const std::string& path) {
  std::error_code error;
  if (!std::filesystem::exists(path, error)) return true;
  return std::filesystem::is_directory(path, error) && std::filesystem::is_empty(path, error) &&
         !error;
}

}  // namespace

Result<std::unique_ptr<Node>> open_node(const std::string& path, const OpenOptions& options,
                                        Clock& clock) {
  if (is_ssh_url(path)) {
    if (options.create_if_missing || options.start_workload) {
      return Status(
          StatusCode::invalid_argument,
          fmt::format("{} is on another machine: a workload needs a directory here", path));
    }
    return open_remote(path, clock, options.tuner);
  }
  if (Database::is_managed(path)) {
    const auto holder = lock_holder(path);
    if (!holder) return open_managed(path, options, clock);
    if (options.start_workload) {
      return Status(StatusCode::locked,
                    fmt::format("{} is in use by {}: stop that program to run a workload here, or "
                                "open the directory without one to watch it",
                                path, holder->describe()));
    }
    return open_observed(path, fmt::format("in use by {}", holder->describe()), clock,
                         options.tuner, options.metrics_url);
  }
  if (options.create_if_missing && is_free(path)) {
    // A wrong file name should not leave an empty database behind.
    const auto* import =
        options.workload ? std::get_if<ImportConfig>(&options.workload->what) : nullptr;
    if (import != nullptr) {
      if (auto status = check_import(*import); !status) return status;
    }
    return open_managed(path, options, clock);
  }
  if (is_recording(path)) return open_recording(path, clock, options.tuner);
  if (const auto logs = find_logs_alone(path)) return open_recorded(*logs, options.tuner);
  return open_observed(path, "not NodeTune's own directory: it belongs to the node that wrote it",
                       clock, options.tuner, options.metrics_url);
}

}  // namespace nodetune
