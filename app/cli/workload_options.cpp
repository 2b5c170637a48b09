// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "app/cli/workload_options.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <system_error>

#include "app/cli/support.h"

namespace nodetune::cli {
namespace {

// Whoever gives one of these wants a workload of this kind, not what the directory had before.
constexpr std::array<const char*, 7> kShaping = {
    "--blocks", "--seed", "--rate", "--prefill", "--prune-above", "--stop-below-free", "--hints"};

// It is remembered in the directory, which may be opened from somewhere else.
std::string absolute(const std::string& path) {
  std::error_code error;
  const auto found = std::filesystem::absolute(path, error);
  return error ? path : found.lexically_normal().string();
}

}  // namespace

void WorkloadOptions::add_to(CLI::App& command) {
  command_ = &command;
  auto* const lists = command.add_option("--access-lists", access_lists_,
                                         "Replay EIP-7928 block access lists from this folder");
  auto* const import =
      command
          .add_option(
              "--import", import_,
              "Import blocks from this file or folder: RLP block exports (also .gz) or era1 "
              "archives; may be given several times")
          ->allow_extra_args(false)
          ->excludes(lists);
  command.add_flag("--synthetic", synthetic_, "An endless synthetic chain (the default)")
      ->excludes(lists)
      ->excludes(import);
  command.add_option("--from", from_, "Import from this block number on")->needs(import);
  command.add_option("--to", to_, "Import up to this block number")->needs(import);
  command.add_option("--blocks", blocks_, "Stop after so many blocks")
      ->check(CLI::PositiveNumber)
      ->excludes(lists)
      ->excludes(import);
  command.add_option("--seed", seed_, "Same seed, same chain")
      ->capture_default_str()
      ->excludes(import);
  command
      .add_option("--rate", blocks_per_second_,
                  "Blocks per second; as fast as possible if not given")
      ->check(CLI::PositiveNumber);
  command.add_option("--prefill", prefill_, "State stored before the first block, such as 1GiB")
      ->check(check_size)
      ->excludes(lists)
      ->excludes(import);
  command.add_option("--prune-above", prune_above_, "Keep the data set near this size")
      ->check(check_size)
      ->excludes(lists)
      ->excludes(import);
  command
      .add_flag("--hints", hints_,
                "Fetch what a block will read, by its access list, while the one before runs")
      ->excludes(import);
  command
      .add_option("--stop-below-free", stop_below_free_,
                  "Stop when less than this share of the disk is free")
      ->check(check_percent)
      ->capture_default_str();
}

std::optional<WorkloadSpec> WorkloadOptions::spec() const {
  const bool shaped = std::any_of(kShaping.begin(), kShaping.end(), [this](const char* option) {
    return command_->count(option) > 0;
  });
  if (access_lists_.empty() && import_.empty() && !synthetic_ && !shaped) return std::nullopt;
  WorkloadSpec spec;
  if (!import_.empty()) {
    ImportConfig config;
    for (const auto& path : import_) config.paths.push_back(absolute(path));
    config.from = from_;
    config.to = to_;
    spec.what = config;
  } else if (!access_lists_.empty()) {
    AccessListConfig config;
    config.path = access_lists_;
    config.seed = seed_;
    config.hints = hints_;
    spec.what = config;
  } else {
    SyntheticConfig config;
    config.seed = seed_;
    config.blocks = blocks_;
    config.hints = hints_;
    config.prefill_bytes = size_of(prefill_);
    config.prune_above_bytes = size_of(prune_above_);
    spec.what = config;
  }
  spec.blocks_per_second = blocks_per_second_;
  spec.stop_below_free_ratio = ratio_of_percent(stop_below_free_);
  return spec;
}

}  // namespace nodetune::cli
