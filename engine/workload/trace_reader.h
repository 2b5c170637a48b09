// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "engine/base/status.h"

namespace nodetune {

// How a file of cache requests is written. All but the last two are one file, plain or compressed
// (gzip, xz, zstd, bzip2, lz4: known by its first bytes, not by its name).
enum class TraceFormat : std::uint8_t {
  arc,             // text: "start count ignored request": `count` pages from `start` on
  u64be,           // 8 bytes a key, big-endian
  i32be,           // 4 bytes a key, big-endian, signed
  lirs,            // text: a block number a line; lines that start with * are marks, not requests
  csv,             // text: the first line names the columns; obj_id, key, id or lbn, and size
  oracle_general,  // 24 bytes, little-endian: u32 time, u64 key, u32 size, i64 next request
  bal_accounts,    // a folder of EIP-7928 access lists: each block touches each account once
  bal_slots,       // the same for slots, read or written
};

inline constexpr std::array kTraceFormats = {
    TraceFormat::arc,          TraceFormat::u64be,     TraceFormat::i32be,
    TraceFormat::lirs,         TraceFormat::csv,       TraceFormat::oracle_general,
    TraceFormat::bal_accounts, TraceFormat::bal_slots,
};

std::string_view name(TraceFormat format);  // "arc", "oracleGeneral", "bal-accounts" …
// An unknown name is `invalid_argument`; the message lists those that exist.
Result<TraceFormat> parse_trace_format(std::string_view name);

struct TraceRequest {
  // The number in the file; XXH3_64bits where the file has a text, an address, or address and slot.
  // Numbers are often small and dense: see hash_of_key().
  std::uint64_t key = 0;
  std::optional<std::uint32_t> bytes;  // the object's, where the format says it

  bool operator==(const TraceRequest&) const = default;
};

// A key as a hash, as caches and their curves know it; each seed gives others (splitmix64, a
// bijection: Steele et al., OOPSLA'14).
inline std::uint64_t hash_of_key(std::uint64_t key, std::uint64_t seed = 0) {
  auto mixed = key + (seed + 1) * 0x9E3779B97F4A7C15;
  mixed = (mixed ^ mixed >> 30) * 0xBF58476D1CE4E5B9;
  mixed = (mixed ^ mixed >> 27) * 0x94D049BB133111EB;
  return mixed ^ mixed >> 31;
}

// A trace, read once from its beginning, in memory that does not grow with it.
//
// Thread: one at a time.
class TraceReader {
 public:
  virtual ~TraceReader() = default;

  // Fills `requests` from its front and returns how many; fewer than its size only where the trace
  // ends, then 0. An error (damaged compression, a line or record that is none, a file cut short)
  // names the file and the line or byte offset; what was read in the same call is lost.
  virtual Result<std::size_t> read(std::span<TraceRequest> requests) = 0;
};

Result<std::unique_ptr<TraceReader>> open_trace(const std::string& path, TraceFormat format);

// Calls handle(request) for each request of the rest.
template <typename Handle>
Status for_each_request(TraceReader& reader, Handle&& handle) {
  std::array<TraceRequest, 1'024> batch;
  while (true) {
    const auto count = reader.read(batch);
    if (!count) return count.status();
    for (std::size_t i = 0; i < *count; ++i) handle(batch[i]);
    if (*count < batch.size()) return Status::ok();
  }
}

}  // namespace nodetune
