// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/store/knob_safety.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/base/format.h"

namespace nodetune {
namespace {

constexpr std::int64_t kPage = 4 * kKiB;
constexpr std::int64_t kArenaBlockMax = kMiB;  // RocksDB's own ceiling
constexpr int kSlowdownTrigger = 20;           // RocksDB's defaults
constexpr int kStopTrigger = 36;
constexpr std::int64_t kMemtableBytesMax = 64 * kGiB;  // of one family: size × number

// The one table of hard limits.
//
// write_buffer_size: 0 and 1024 abort, -1 becomes 2^64-1; RocksDB itself clips an opening value
//   to 64 KiB … 64 GiB, so that another one would not be read back after a reopen.
// max_write_buffer_number: 0 and less stop writes for ever; 1 becomes 2 when opened.
// target_file_size_base: 0 is accepted and makes a file of every key.
// level0_file_num_compaction_trigger: 0 and less are accepted and never settle.
// max_background_jobs: less than 1 is quietly taken for 1; threads are never given back.
// compression: an index into kCompressions; kDisableCompressionOption aborts.
// block_cache_size: below zero it is taken as 2^64 minus that.
// bloom_bits_per_key: RocksDB clips above 100; 0 is no filter.
constexpr std::array<KnobLimits, kKnobCount> kLimits = {{
    {64 * kKiB, 64 * kGiB},
    {2, 128},
    {64 * kKiB, 64 * kGiB},
    {1, 1'000},
    {1, 128},
    {0, static_cast<std::int64_t>(kCompressions.size()) - 1},
    {64 * kKiB, 1'024 * kGiB},
    {0, 100},
}};

}  // namespace

KnobLimits safe_limits(Knob knob) {
  return kLimits[index_of(knob)];
}

Status check_safe(Knob knob, std::int64_t value) {
  const auto limits = safe_limits(knob);
  if (value >= limits.min && value <= limits.max) return Status::ok();
  if (knob == Knob::compression) {
    return {StatusCode::invalid_argument,
            fmt::format("compression: {} is none of none, snappy, zlib, lz4, zstd", value)};
  }
  return {
      StatusCode::invalid_argument,
      fmt::format("{}: {} is outside of what RocksDB survives; choose {} to {}", to_string(knob),
                  value, format_knob(knob, limits.min), format_knob(knob, limits.max))};
}

Status check_safe(const KnobValues& after) {
  for (const auto knob : kKnobs) {
    if (auto status = check_safe(knob, after[knob]); !status) return status;
  }
  // Both factors are in their limits: no overflow.
  const auto memtables = after[Knob::write_buffer_size] * after[Knob::max_write_buffer_number];
  if (memtables > kMemtableBytesMax) {
    return {StatusCode::invalid_argument,
            fmt::format("write_buffer_size × max_write_buffer_number: {} for one column family; "
                        "at most {} together",
                        format_bytes(static_cast<double>(memtables)),
                        format_bytes(static_cast<double>(kMemtableBytesMax)))};
  }
  return Status::ok();
}

std::int64_t arena_block_bytes(std::int64_t write_buffer_size) {
  const auto eighth = (write_buffer_size / 8 + kPage - 1) / kPage * kPage;
  return std::clamp(eighth, kPage, kArenaBlockMax);
}

L0Triggers l0_triggers(std::int64_t compaction_trigger) {
  const auto trigger = static_cast<int>(compaction_trigger);  // checked: at most 1,000
  return {std::max(kSlowdownTrigger, 2 * trigger), std::max(kStopTrigger, 3 * trigger)};
}

}  // namespace nodetune
