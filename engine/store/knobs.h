// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/base/status.h"

namespace nodetune {

// The eight settings of the specification's DatabaseConfig.
enum class Knob : std::uint8_t {
  write_buffer_size,
  max_write_buffer_number,
  target_file_size_base,
  level0_file_num_compaction_trigger,
  max_background_jobs,
  compression,
  block_cache_size,
  bloom_bits_per_key,
};

inline constexpr std::size_t kKnobCount = 8;
inline constexpr std::array kKnobs = {
    Knob::write_buffer_size,     Knob::max_write_buffer_number,
    Knob::target_file_size_base, Knob::level0_file_num_compaction_trigger,
    Knob::max_background_jobs,   Knob::compression,
    Knob::block_cache_size,      Knob::bloom_bits_per_key,
};
constexpr std::size_t index_of(Knob knob) {
  return static_cast<std::size_t>(knob);
}

// The specification's five, in its order.
enum class Compression : std::uint8_t { none, snappy, zlib, lz4, zstd };

inline constexpr std::array kCompressions = {
    Compression::none, Compression::snappy, Compression::zlib, Compression::lz4, Compression::zstd};

std::string_view to_string(Knob knob);  // "write_buffer_size": the command line, JSON
std::optional<Knob> knob_from(std::string_view name);
std::string_view to_string(Compression compression);  // "zstd"
std::optional<Compression> compression_from(std::string_view name);

// A value for each knob: bytes, counts, bits per key, or an index into kCompressions.
//
// Nothing is checked here: tuner/knob_table says what is allowed.
struct KnobValues {
  std::array<std::int64_t, kKnobCount> values{};

  std::int64_t& operator[](Knob knob) { return values[index_of(knob)]; }
  std::int64_t operator[](Knob knob) const { return values[index_of(knob)]; }
  Compression compression() const { return static_cast<Compression>((*this)[Knob::compression]); }
  bool operator==(const KnobValues&) const = default;

  // What a new managed database starts with; sources in knobs.cpp.
  static KnobValues defaults();
};

// "64 MiB", "zstd", "4": for people. And what both people and JSON may write: "64MiB", "zstd", "4".
std::string format_knob(Knob knob, std::int64_t value);
Result<std::int64_t> parse_knob(Knob knob, std::string_view text);
// For files and flags: "67108864", "zstd", "4".
std::string knob_text(Knob knob, std::int64_t value);

}  // namespace nodetune
