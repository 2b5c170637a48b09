// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace nodetune {

// What a series of a node's metrics may be.
enum class ScrapedFigure : std::uint8_t {
  cache_hits,
  cache_misses,
  cache_data_hits,
  cache_index_hits,
  cache_filter_hits,
  cache_data_misses,
  cache_index_misses,
  cache_filter_misses,
  bytes_written,
  bytes_read,
  wal_bytes,
  stall_microseconds,
  flush_bytes,
  compaction_read_bytes,
  compaction_write_bytes,
  bloom_useful,
  bloom_full_positive,
  bloom_true_positive,
  cache_usage,
  cache_capacity,
  memtables,      // unflushed
  all_memtables,  // and those that iterators still hold
  immutable_memtables,
  table_readers,
  pending_compaction,
  estimated_keys,
  running_compactions,
  running_flushes,
  write_stopped,
};
inline constexpr std::size_t kScrapedFigureCount =
    static_cast<std::size_t>(ScrapedFigure::write_stopped) + 1;

// Of what it speaks, which says how several series of it go together.
enum class ScrapedScope : std::uint8_t {
  database,  // all of a database: they add up over databases
  cache,     // a block cache, which families and databases may share
  family,    // one column family: they add up
  repeated,  // the whole database, told again for each family
};

struct ScrapedName {
  std::string_view name;
  ScrapedFigure figure;
  ScrapedScope scope;
};

// How RocksDB names it, behind "rocksdb_": small letters and underscores, no "_total".
const ScrapedName* find_rocksdb_name(std::string_view name);

// How a client names it where it does so in its own way: the series' whole name, in small letters.
// The row's scope may be without a figure: what sounds like one and is not.
struct ClientSeriesName {
  std::string_view client;
  std::string_view series;
  std::optional<ScrapedFigure> figure;
  ScrapedScope scope;
};
const ClientSeriesName* find_client_series(std::string_view client, std::string_view series);

}  // namespace nodetune
