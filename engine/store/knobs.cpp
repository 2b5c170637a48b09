// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/store/knobs.h"

#include <fmt/format.h>

#include <charconv>

#include "engine/base/format.h"

namespace nodetune {
namespace {

constexpr std::array<std::string_view, kKnobCount> kKnobNames = {
    "write_buffer_size",     "max_write_buffer_number",
    "target_file_size_base", "level0_file_num_compaction_trigger",
    "max_background_jobs",   "compression",
    "block_cache_size",      "bloom_bits_per_key"};

constexpr std::array<std::string_view, kCompressions.size()> kCompressionNames = {
    "none", "snappy", "zlib", "lz4", "zstd"};

bool is_bytes(Knob knob) {
  return knob == Knob::write_buffer_size || knob == Knob::target_file_size_base ||
         knob == Knob::block_cache_size;
}

bool is_valid(Compression compression) {
  return static_cast<std::size_t>(compression) < kCompressionNames.size();
}

}  // namespace

std::string_view to_string(Knob knob) {
  return kKnobNames[index_of(knob)];
}

std::optional<Knob> knob_from(std::string_view name) {
  for (const auto knob : kKnobs) {
    if (to_string(knob) == name) return knob;
  }
  return std::nullopt;
}

std::string_view to_string(Compression compression) {
  return is_valid(compression) ? kCompressionNames[static_cast<std::size_t>(compression)]
                               : std::string_view("unknown");
}

std::optional<Compression> compression_from(std::string_view name) {
  for (const auto compression : kCompressions) {
    if (to_string(compression) == name) return compression;
  }
  return std::nullopt;
}

KnobValues KnobValues::defaults() {
  KnobValues values;
  // RocksDB's own defaults, but for max_write_buffer_number (one more memtable, so that a flush
  // need not stop writes), the block cache (32 MiB there), and a Bloom filter (none there).
  values[Knob::write_buffer_size] = 64 * kMiB;
  values[Knob::max_write_buffer_number] = 3;
  values[Knob::target_file_size_base] = 64 * kMiB;
  values[Knob::level0_file_num_compaction_trigger] = 4;
  values[Knob::max_background_jobs] = 2;
  values[Knob::compression] = static_cast<std::int64_t>(Compression::lz4);
  values[Knob::block_cache_size] = 256 * kMiB;
  values[Knob::bloom_bits_per_key] = 10;
  return values;
}

std::string knob_text(Knob knob, std::int64_t value) {
  if (knob == Knob::compression) return std::string(to_string(static_cast<Compression>(value)));
  return fmt::format("{}", value);
}

std::string format_knob(Knob knob, std::int64_t value) {
  return is_bytes(knob) ? format_bytes(static_cast<double>(value)) : knob_text(knob, value);
}

Result<std::int64_t> parse_knob(Knob knob, std::string_view text) {
  if (knob == Knob::compression) {
    if (const auto compression = compression_from(text)) {
      return static_cast<std::int64_t>(*compression);
    }
    return Status(StatusCode::invalid_argument,
                  fmt::format("compression: '{}' is unknown; use none, snappy, zlib, lz4 or zstd",
                              escape_name(text)));
  }
  if (is_bytes(knob)) {
    auto bytes = parse_bytes(text);
    if (bytes) return bytes;
    return Status(StatusCode::invalid_argument,
                  fmt::format("{}: {}", to_string(knob), bytes.status().message()));
  }
  std::int64_t number = 0;
  const auto* const last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, number);
  if (error != std::errc() || end != last) {
    return Status(StatusCode::invalid_argument, fmt::format("{}: '{}' is not a whole number",
                                                            to_string(knob), escape_name(text)));
  }
  return number;
}

}  // namespace nodetune
