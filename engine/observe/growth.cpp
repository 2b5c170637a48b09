// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/observe/growth.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace nodetune {
namespace {

constexpr double kWindowSecondsMin = 600;
constexpr std::int64_t kFilesOfOneCompaction = 25;  // RocksDB's default: max_compaction_bytes = 0
constexpr std::int64_t kTargetFileSizeDefault = 64 << 20;
constexpr std::int64_t kBackgroundJobsDefault = 2;
constexpr std::string_view kUniversal = "kCompactionStyleUniversal";

std::int64_t option_or(const OptionMap& options, std::string_view name, std::int64_t otherwise) {
  const auto value = find_option_integer(options, name);
  return value && *value > 0 ? *value : otherwise;
}

std::int64_t largest_level_of(const ManifestColumnFamily& family) {
  std::int64_t largest = 0;
  for (const auto& level : family.levels()) largest = std::max(largest, level.bytes);
  return largest;
}

std::int64_t family_bytes(const ManifestColumnFamily& family) {
  std::int64_t bytes = 0;
  for (const auto& level : family.levels()) bytes += level.bytes;
  return bytes;
}

// Of this family, when as much as may run at once does.
std::int64_t headroom_of(const ManifestColumnFamily& family, const OptionsFile* options) {
  const auto* own = options == nullptr ? nullptr : options->find_column_family(family.name);
  if (own == nullptr) return largest_level_of(family);
  if (find_option(own->options, "compaction_style").value_or("") == kUniversal) {
    return family_bytes(family);
  }
  const auto file = option_or(own->options, "target_file_size_base", kTargetFileSizeDefault);
  const auto one = option_or(own->options, "max_compaction_bytes", file * kFilesOfOneCompaction);
  const auto jobs = option_or(options->db_options, "max_background_jobs", kBackgroundJobsDefault);
  const auto largest = largest_level_of(family);
  return one > largest / jobs ? largest : one * jobs;
}

}  // namespace

void GrowthWatch::add(TimePoint time, double bytes) {
  if (std::isnan(bytes)) return;
  if (!oldest_ || time < oldest_->time) oldest_ = Size{time, bytes};
  if (!newest_ || time >= newest_->time) newest_ = Size{time, bytes};
}

std::optional<GrowthWatch::Growth> GrowthWatch::growth() const {
  if (!oldest_) return std::nullopt;
  const double window = to_seconds(newest_->time - oldest_->time);
  if (window < kWindowSecondsMin) return std::nullopt;
  return Growth{(newest_->bytes - oldest_->bytes) / window, window};
}

double compaction_headroom_bytes(const Observation& seen, double pending_compaction_bytes) {
  if (!seen.manifest) return kMissing;
  const auto* options = seen.options ? &seen.options->file : nullptr;
  std::int64_t most = 0;
  std::int64_t largest_level = 0;
  for (const auto& [id, family] : seen.manifest->column_families) {
    most = std::max(most, headroom_of(family, options));
    largest_level = std::max(largest_level, largest_level_of(family));
  }
  const auto room = static_cast<double>(most);
  if (!(pending_compaction_bytes > room)) return room;
  return std::max(room, std::min(pending_compaction_bytes, static_cast<double>(largest_level)));
}

void fill_growth(double growth_bytes_per_second, double headroom_bytes, Snapshot& snapshot) {
  snapshot.set(Metric::disk_headroom_bytes, headroom_bytes);
  snapshot.set(Metric::disk_growth_bytes_per_second, growth_bytes_per_second);
  const double left = snapshot.value(Metric::disk_free_bytes) - headroom_bytes;
  if (!(growth_bytes_per_second > 0) || std::isnan(left)) return;
  snapshot.set(Metric::disk_seconds_until_full, std::max(0.0, left) / growth_bytes_per_second);
}

}  // namespace nodetune
