// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/node/managed_batches.h"

#include <fmt/format.h>

#include <charconv>
#include <string>
#include <string_view>

#include "engine/batch/path_calibration.h"

namespace nodetune {
namespace {

constexpr std::string_view kBatchSizeMode = "batch_size_mode";
constexpr std::string_view kLimit = "batch_commit_microseconds_max";
constexpr std::string_view kDurability = "durability";

std::optional<double> seconds_from(const std::string& microseconds) {
  std::int64_t value = 0;
  const auto* const end = microseconds.data() + microseconds.size();
  const auto [stop, error] = std::from_chars(microseconds.data(), end, value);
  if (error != std::errc() || stop != end) return std::nullopt;
  return to_seconds(Duration(value));
}

Status left_out(std::string_view name, const std::string& value) {
  return {StatusCode::invalid_argument,
          fmt::format("saved settings left out: {} \"{}\" is not known", name, value)};
}

}  // namespace

Status ManagedBatches::apply(const BatchSettings& asked) {
  if (asked.durability) {
    if (auto status = set_durability(*asked.durability); !status) return status;
  }
  if (asked.size) {
    if (auto status = batches_.set_auto_commit_threshold(*asked.size); !status) return status;
    if (auto status = remember_fixed(); !status) return status;
  }
  if (asked.mode || asked.commit_seconds_max) {
    const auto now = batches_.figures();
    // A limit without a mode asks for the mode that has one.
    const auto mode = asked.mode.value_or(asked.size ? now.size_mode : BatchSizeMode::adaptive);
    const auto limit = asked.commit_seconds_max.value_or(now.commit_seconds_max);
    if (auto status = set_size_mode(mode, limit); !status) return status;
  }
  return Status::ok();
}

Status ManagedBatches::calibrate(Database& database, Clock& clock) {
  const auto costs = calibrated_path_costs(database, clock);
  if (!costs) return costs.status();
  batches_.set_path_chooser(PathChooser(*costs));
  return Status::ok();
}

Status ManagedBatches::restore() {
  const auto durability = settings_.load(kDurability);
  if (!durability) return durability.status();
  const auto mode = settings_.load(kBatchSizeMode);
  if (!mode) return mode.status();
  const auto limit = settings_.load(kLimit);
  if (!limit) return limit.status();
  Status result;
  if (durability->has_value()) {
    if (const auto known = durability_of(**durability)) {
      batches_.set_durability(*known);
    } else {
      result = left_out(kDurability, **durability);
    }
  }
  const auto now = batches_.figures();
  auto wanted_mode = now.size_mode;
  auto wanted_limit = now.commit_seconds_max;
  if (mode->has_value()) {
    const auto known = batch_size_mode_of(**mode);
    if (!known) result = left_out(kBatchSizeMode, **mode);
    wanted_mode = known.value_or(wanted_mode);
  }
  if (limit->has_value()) {
    const auto known = seconds_from(**limit);
    if (!known) result = left_out(kLimit, **limit);
    wanted_limit = known.value_or(wanted_limit);
  }
  if (auto status = batches_.set_size_mode(wanted_mode, wanted_limit); !status) {
    result = left_out(kLimit, limit->value_or(""));
  }
  return result;
}

Status ManagedBatches::set_size_mode(BatchSizeMode mode, double commit_seconds_max) {
  if (auto status = batches_.set_size_mode(mode, commit_seconds_max); !status) return status;
  if (auto status = settings_.save(kBatchSizeMode, to_string(mode)); !status) return status;
  return settings_.save(kLimit, fmt::format("{}", from_seconds(commit_seconds_max).count()));
}

Status ManagedBatches::set_durability(Durability durability) {
  batches_.set_durability(durability);
  return settings_.save(kDurability, to_string(durability));
}

Status ManagedBatches::remember_fixed() {
  return settings_.save(kBatchSizeMode, to_string(batches_.figures().size_mode));
}

}  // namespace nodetune
