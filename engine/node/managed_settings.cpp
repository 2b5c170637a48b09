// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/node/managed_settings.h"

#include <fmt/format.h>

#include <array>
#include <utility>
#include <vector>

#include "engine/base/format.h"

namespace nodetune {
namespace {

std::string setting_key(std::string_view name) {
  return fmt::format("setting/{}", name);
}

std::vector<Target> all_targets() {
  std::vector<Target> targets;
  for (const auto kind : kObjectKinds) targets.push_back(Target::object_cache(kind));
  targets.push_back(Target::batch_threshold());
  return targets;
}

}  // namespace

Result<std::optional<std::string>> SettingsTable::load(std::string_view name) {
  return store_.get(Family::own, setting_key(name));
}

Status SettingsTable::save(std::string_view name, std::string_view value) {
  const std::array operations = {
      WriteOperation::put(Family::own, setting_key(name), std::string(value))};
  return store_.write(operations, Durability::log_and_fsync);
}

ManagedTargets::ManagedTargets(SettingsTable& settings, ObjectStore& objects,
                               const BatchConfig& batches, const Limits& limits)
    : settings_(settings), objects_(objects), batches_(batches), limits_(limits) {}

Result<std::int64_t> ManagedTargets::value(const Target& target) {
  switch (target.kind) {
    case Target::Kind::object_cache:
      return static_cast<std::int64_t>(
          objects_.caches().counters(target.object_kind).capacity_bytes);
    case Target::Kind::batch_threshold:
      return std::int64_t{objects_.batches().figures().auto_commit_threshold};
    case Target::Kind::knob:
      break;
  }
  return Status(StatusCode::invalid_argument, "knobs are the database's own");
}

Status ManagedTargets::check(const Target& target, std::int64_t value) const {
  std::int64_t low = batches_.min_batch_size;
  std::int64_t high = batches_.max_batch_size;
  if (target.kind == Target::Kind::object_cache) {
    low = limits_.cache_bytes_min;
    high = limits_.cache_bytes_max;
  }
  if (value >= low && value <= high) return Status::ok();
  return {StatusCode::invalid_argument,
          fmt::format("{}: {} is out of range; choose {} to {}", title(target),
                      format_value(target, value), format_value(target, low),
                      format_value(target, high))};
}

Status ManagedTargets::put_in_force(const Target& target, std::int64_t value) {
  if (target.kind == Target::Kind::object_cache) {
    objects_.caches().resize(target.object_kind, static_cast<std::size_t>(value));
    return Status::ok();
  }
  return objects_.batches().set_auto_commit_threshold(static_cast<int>(value));
}

Status ManagedTargets::set(const Target& target, std::int64_t value) {
  if (auto status = check(target, value); !status) return status;
  if (auto status = put_in_force(target, value); !status) return status;
  return settings_.save(to_string(target), value_text(target, value));
}

Status ManagedTargets::restore() {
  std::string refused;
  for (const auto& target : all_targets()) {
    const auto saved = settings_.load(to_string(target));
    if (!saved) return saved.status();
    if (!saved->has_value()) continue;
    const auto value = parse_value(target, **saved);
    auto status = value ? check(target, *value) : value.status();
    if (status) status = put_in_force(target, *value);
    if (!status) refused += (refused.empty() ? "" : "; ") + status.message();
  }
  if (refused.empty()) return Status::ok();
  return {StatusCode::invalid_argument, "saved settings left out: " + refused};
}

}  // namespace nodetune
