// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
//
// Names out of rocksdb/statistics.cc and db.h (tickers, properties), Java's TickerType (Besu), and
// the clients' own sources.
#include "engine/observe/scraped_names.h"

#include <algorithm>
#include <array>

namespace nodetune {
namespace {

using F = ScrapedFigure;
using S = ScrapedScope;

constexpr std::array kRocksDbNames = {
    ScrapedName{"block_cache_hit", F::cache_hits, S::database},
    ScrapedName{"block_cache_hits", F::cache_hits, S::database},
    ScrapedName{"block_cache_miss", F::cache_misses, S::database},
    ScrapedName{"block_cache_misses", F::cache_misses, S::database},
    ScrapedName{"block_cache_data_hit", F::cache_data_hits, S::database},
    ScrapedName{"block_cache_index_hit", F::cache_index_hits, S::database},
    ScrapedName{"block_cache_filter_hit", F::cache_filter_hits, S::database},
    ScrapedName{"block_cache_data_miss", F::cache_data_misses, S::database},
    ScrapedName{"block_cache_index_miss", F::cache_index_misses, S::database},
    ScrapedName{"block_cache_filter_miss", F::cache_filter_misses, S::database},
    ScrapedName{"bytes_written", F::bytes_written, S::database},
    ScrapedName{"bytes_read", F::bytes_read, S::database},
    ScrapedName{"wal_bytes", F::wal_bytes, S::database},
    ScrapedName{"wal_file_bytes", F::wal_bytes, S::database},  // Java's
    ScrapedName{"stall_micros", F::stall_microseconds, S::database},
    ScrapedName{"flush_write_bytes", F::flush_bytes, S::database},
    ScrapedName{"compact_read_bytes", F::compaction_read_bytes, S::database},
    ScrapedName{"compact_write_bytes", F::compaction_write_bytes, S::database},
    ScrapedName{"bloom_filter_useful", F::bloom_useful, S::database},
    ScrapedName{"bloom_filter_full_positive", F::bloom_full_positive, S::database},
    ScrapedName{"bloom_filter_full_true_positive", F::bloom_true_positive, S::database},
    ScrapedName{"block_cache_usage", F::cache_usage, S::cache},
    ScrapedName{"block_cache_capacity", F::cache_capacity, S::cache},
    ScrapedName{"cur_size_all_mem_tables", F::memtables, S::family},
    ScrapedName{"memtable_size", F::memtables, S::family},  // Reth's
    ScrapedName{"size_all_mem_tables", F::all_memtables, S::family},
    ScrapedName{"num_immutable_mem_table", F::immutable_memtables, S::family},
    ScrapedName{"estimate_table_readers_mem", F::table_readers, S::family},
    ScrapedName{"estimate_pending_compaction_bytes", F::pending_compaction, S::family},
    ScrapedName{"pending_compaction_bytes", F::pending_compaction, S::family},  // Reth's
    ScrapedName{"estimate_num_keys", F::estimated_keys, S::family},
    ScrapedName{"estimated_num_keys", F::estimated_keys, S::family},  // Sui's
    ScrapedName{"table_entries", F::estimated_keys, S::family},       // Reth's
    ScrapedName{"num_running_compactions", F::running_compactions, S::repeated},
    ScrapedName{"num_running_flushes", F::running_flushes, S::repeated},
    ScrapedName{"is_write_stopped", F::write_stopped, S::repeated},
};

constexpr std::array kClients = {
    // Asked of RocksDB without a family: of `default`, which Besu leaves empty.
    ClientSeriesName{"Besu", "besu_rocksdb_rocks_db_table_readers_memory_bytes", {}, S::family},
    ClientSeriesName{"ethrex", "ethrex_db_block_cache_hits", F::cache_hits, S::database},
    ClientSeriesName{"ethrex", "ethrex_db_block_cache_misses", F::cache_misses, S::database},
    ClientSeriesName{"ethrex", "ethrex_db_block_cache_usage_bytes", F::cache_usage, S::database},
    ClientSeriesName{"ethrex", "ethrex_db_block_cache_capacity_bytes", F::cache_capacity,
                     S::database},
    ClientSeriesName{"ethrex", "ethrex_db_running_compactions", F::running_compactions,
                     S::repeated},
    ClientSeriesName{"ethrex", "ethrex_db_cf_pending_compaction_bytes", F::pending_compaction,
                     S::family},
    ClientSeriesName{"ethrex", "ethrex_db_cf_memtable_bytes", F::memtables, S::family},
    ClientSeriesName{"ethrex", "ethrex_db_cf_num_keys", F::estimated_keys, S::family},
    // Summed over families by the client; the shared cache is in one database's figure alone.
    ClientSeriesName{"Nethermind", "nethermind_db_block_cache_size", F::cache_usage, S::database},
    ClientSeriesName{"Nethermind", "nethermind_db_memtable_size", F::memtables, S::database},
    ClientSeriesName{"Nethermind", "nethermind_db_index_filter_size", F::table_readers,
                     S::database},
    ClientSeriesName{"Zebra", "zebra_state_rocksdb_cf_memory_size_bytes", F::all_memtables,
                     S::family},
    ClientSeriesName{"Zebra", "zebra_state_rocksdb_compaction_running", F::running_compactions,
                     S::repeated},
    // Named bytes, but it is RocksDB's flag "rocksdb.compaction-pending".
    ClientSeriesName{"Zebra", "zebra_state_rocksdb_compaction_pending_bytes", {}, S::family},
    // Of `default`, which has a cache of its own and is empty.
    ClientSeriesName{"Zebra", "zebra_state_rocksdb_block_cache_usage_bytes", {}, S::cache},
};

}  // namespace

const ScrapedName* find_rocksdb_name(std::string_view name) {
  const auto found = std::find_if(kRocksDbNames.begin(), kRocksDbNames.end(),
                                  [name](const auto& each) { return each.name == name; });
  return found == kRocksDbNames.end() ? nullptr : &*found;
}

const ClientSeriesName* find_client_series(std::string_view client, std::string_view series) {
  const auto found = std::find_if(kClients.begin(), kClients.end(), [&](const auto& each) {
    return each.client == client && each.series == series;
  });
  return found == kClients.end() ? nullptr : &*found;
}

}  // namespace nodetune
