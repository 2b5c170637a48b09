// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/batch/path_costs.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>

namespace nodetune {
namespace {

// What is stored under which name.
constexpr std::array<std::pair<const char*, double PathCosts::*>, 8> kFields = {{
    {"seconds_per_operation_plain", &PathCosts::seconds_per_operation_plain},
    {"seconds_per_operation_sorted", &PathCosts::seconds_per_operation_sorted},
    {"seconds_per_operation_ingested", &PathCosts::seconds_per_operation_ingested},
    {"seconds_per_operation_flushed", &PathCosts::seconds_per_operation_flushed},
    {"seconds_per_commit", &PathCosts::seconds_per_commit},
    {"seconds_per_ingestion", &PathCosts::seconds_per_ingestion},
    {"seconds_per_ingested_file", &PathCosts::seconds_per_ingested_file},
    {"seconds_per_fsync", &PathCosts::seconds_per_fsync},
}};

// Files of a commit of so many families, with NodeTune's own, which carries the commit sequence.
std::uint64_t files_of(const CommitShape& shape) {
  return std::max(std::popcount(shape.families), 1);
}

}  // namespace

std::string PathCosts::encode() const {
  nlohmann::json json;
  for (const auto& [name, field] : kFields) json[name] = this->*field;
  json["device"] = device;
  json["calibrated_at"] = calibrated_at.time_since_epoch().count();
  return json.dump();
}

Result<PathCosts> PathCosts::decode(std::string_view text) {
  try {
    const auto json = nlohmann::json::parse(text);
    PathCosts costs;
    for (const auto& [name, field] : kFields) {
      const double seconds = json.at(name).get<double>();
      if (!(seconds >= 0) || !std::isfinite(seconds)) {
        return Status(StatusCode::corrupt, std::string("the measured path costs: ") + name +
                                               " is no time; they are measured anew");
      }
      costs.*field = seconds;
    }
    costs.device = json.at("device").get<std::string>();
    costs.calibrated_at = TimePoint(Duration(json.at("calibrated_at").get<std::int64_t>()));
    return costs;
  } catch (const nlohmann::json::exception& error) {
    return Status(StatusCode::corrupt, std::string("the measured path costs cannot be read (") +
                                           error.what() + "); they are measured anew");
  }
}

double PathChooser::expected_seconds(const CommitShape& shape, WritePath path) const {
  const auto operations = static_cast<double>(shape.operations);
  const double fsync =
      shape.durability == Durability::log_and_fsync ? costs_.seconds_per_fsync : 0.0;
  const double later = shape.bulk ? costs_.seconds_per_operation_flushed : 0.0;
  const double batch = costs_.seconds_per_commit + fsync + later * operations;
  switch (path) {
    case WritePath::as_given:
      return batch + costs_.seconds_per_operation_plain * operations;
    case WritePath::sorted:
      return batch + costs_.seconds_per_operation_sorted * operations;
    case WritePath::ingested:
      return costs_.seconds_per_ingestion +
             costs_.seconds_per_ingested_file * static_cast<double>(files_of(shape)) +
             costs_.seconds_per_operation_ingested * operations;
  }
  return 0;
}

WritePath PathChooser::choose(const CommitShape& shape) const {
  auto best = WritePath::as_given;
  if (shape.operations >= limits_.sorted_operations_min) {
    best = expected_seconds(shape, WritePath::sorted) <= expected_seconds(shape, best)
               ? WritePath::sorted
               : best;
  }
  const bool worth_files = shape.bytes / files_of(shape) >= limits_.ingested_file_bytes_min;
  if (worth_files && expected_seconds(shape, WritePath::ingested) < expected_seconds(shape, best)) {
    best = WritePath::ingested;
  }
  return best;
}

std::optional<std::uint64_t> PathChooser::threshold(WritePath path, std::size_t families,
                                                    double bytes_per_operation,
                                                    Durability durability, bool bulk) const {
  constexpr std::uint64_t kOperationsMax = 1ULL << 40;
  const auto taken = [&](std::uint64_t operations) {
    const double bytes = bytes_per_operation * static_cast<double>(operations);
    return choose({operations, static_cast<std::uint64_t>(bytes), (1U << families) - 1, durability,
                   bulk}) >= path;
  };
  // A path once taken by a commit is taken by a larger one, or a better one is.
  if (!taken(kOperationsMax)) return std::nullopt;
  std::uint64_t below = 0;
  std::uint64_t above = kOperationsMax;
  if (taken(below)) return below;
  while (above - below > 1) {
    const auto middle = below + (above - below) / 2;
    (taken(middle) ? above : below) = middle;
  }
  return above;
}

}  // namespace nodetune
