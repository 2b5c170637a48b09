// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
//
// What became of the defaults before and after the release that the first table is of.
//
// Source: RocksDB's HISTORY.md where it says so; else the first release of which an OPTIONS file, a
// LOG or the headers were at hand. Where a change lies between two of these, nothing is known in
// between: better no default than a wrong one.
#include <array>

#include "engine/observe/rocksdb_defaults_table.h"

namespace nodetune {
namespace {

using Change = DefaultChange;

constexpr std::string_view kDb = "DBOptions";
constexpr std::string_view kFamily = "CFOptions";
constexpr std::string_view kTable = "TableOptions/BlockBasedTable";

constexpr std::array kChanges = {
    // 6.0: compaction_pri (HISTORY); the rest by a LOG of 6.0.1, an OPTIONS file of 5.15.10.
    Change{{6, 0}, kFamily, "compaction_pri", "kByCompensatedSize", "kMinOverlappingRatio"},
    Change{{6, 0}, kFamily, "memtable_whole_key_filtering", nullptr, "false"},
    Change{{6, 0}, kDb, "stats_history_buffer_size", nullptr, "1048576"},
    Change{{6, 0}, kDb, "stats_persist_period_sec", nullptr, "600"},
    // 6.4: ..._with_high_priority (HISTORY); the rest by an OPTIONS file of 6.4.6.
    Change{{6, 4}, kTable, "cache_index_and_filter_blocks_with_high_priority", "false", "true"},
    Change{{6, 4}, kTable, "data_block_hash_table_util_ratio", nullptr, "0.750000"},
    Change{{6, 4}, kTable, "data_block_index_type", nullptr, "kDataBlockBinarySearch"},
    Change{{6, 4}, kTable, "index_shortening", nullptr, "kShortenSeparators"},
    Change{{6, 4}, kFamily, "periodic_compaction_seconds", nullptr, "0"},
    Change{{6, 4}, kFamily, "sample_for_compression", nullptr, "0"},
    Change{{6, 4}, kDb, "atomic_flush", nullptr, "false"},
    Change{{6, 4}, kDb, "avoid_unnecessary_blocking_io", nullptr, "false"},
    Change{{6, 4}, kDb, "log_readahead_size", nullptr, "0"},
    Change{{6, 4}, kDb, "persist_stats_to_disk", nullptr, "false"},
    Change{{6, 4}, kDb, "strict_bytes_per_sync", nullptr, "false"},
    Change{{6, 4}, kDb, "unordered_write", nullptr, "false"},
    // 6.6: tuned by RocksDB itself from here on, to 30 days (HISTORY).
    Change{{6, 6}, kFamily, "ttl", "0", "2592000"},
    // 6.8: by a LOG of 6.8.1.
    Change{{6, 8}, kFamily, "max_write_buffer_size_to_maintain", nullptr, "0"},
    Change{{6, 8}, kDb, "max_write_batch_group_size_bytes", nullptr, "1048576"},
    Change{{6, 8}, kDb, "skip_checking_sst_file_sizes_on_db_open", nullptr, "false"},
    Change{{6, 8}, kDb, "write_dbid_to_manifest", nullptr, "false"},
    // 6.9 (HISTORY).
    Change{{6, 9}, kTable, "format_version", "2", "4"},
    Change{{6, 9}, kDb, "best_efforts_recovery", nullptr, "false"},
    // 6.12 (HISTORY).
    Change{{6, 12}, kDb, "bgerror_resume_retry_interval", nullptr, "1000000"},
    Change{{6, 12}, kDb, "max_bgerror_resume_count", nullptr, "2147483647"},
    // 6.14 (HISTORY).
    Change{{6, 14}, kFamily, "force_consistency_checks", "false", "true"},
    Change{{6, 14}, kFamily, "check_flush_compaction_key_order", nullptr, "true"},
    Change{{6, 14}, kDb, "allow_data_in_errors", nullptr, "false"},
    Change{{6, 14}, kDb, "db_host_id", nullptr, "__hostname__"},
    // 6.17: by an OPTIONS file of 6.17.3. Before it, read_amp_bytes_per_bit was written with four
    // bytes of something else.
    Change{{6, 17}, kFamily, "blob_compression_type", nullptr, "kNoCompression"},
    Change{{6, 17}, kFamily, "blob_file_size", nullptr, "268435456"},
    Change{{6, 17}, kFamily, "blob_garbage_collection_age_cutoff", nullptr, "0.250000"},
    Change{{6, 17}, kFamily, "enable_blob_files", nullptr, "false"},
    Change{{6, 17}, kFamily, "enable_blob_garbage_collection", nullptr, "false"},
    Change{{6, 17}, kFamily, "min_blob_size", nullptr, "0"},
    Change{{6, 17}, kFamily, "sst_partitioner_factory", nullptr, "nullptr"},
    Change{{6, 17}, kDb, "file_checksum_gen_factory", nullptr, "nullptr"},
    Change{{6, 17}, kDb, "skip_log_error_on_recovery", "false", nullptr},
    Change{{6, 17}, kDb, "track_and_verify_wals_in_manifest", nullptr, "false"},
    Change{{6, 17},
           kTable,
           "metadata_cache_options",
           nullptr,
           "{unpartitioned_pinning=kFallback;partition_pinning=kFallback;top_lev"
           "el_index_pinning=kFallback;}"},
    Change{{6, 17}, kTable, "optimize_filters_for_memory", nullptr, "false"},
    Change{{6, 17}, kTable, "read_amp_bytes_per_bit", nullptr, "0"},
    // 6.19 (HISTORY).
    Change{{6, 19}, kTable, "format_version", "4", "5"},
    // 6.21 (HISTORY): of the usual write buffer; else see rocksdb_default_among().
    Change{{6, 21}, kFamily, "arena_block_size", "8388608", "1048576"},
    Change{{6, 21}, kDb, "flush_verify_memtable_count", nullptr, "true"},
    // 6.23 (HISTORY): before, the path of the database.
    Change{{6, 23}, kDb, "wal_dir", nullptr, ""},
    // 6.26: lowest_used_cache_tier (HISTORY); the rest by a LOG of 6.26.0.
    Change{{6, 26}, kFamily, "blob_garbage_collection_force_threshold", nullptr, "1.000000"},
    Change{{6, 26}, kDb, "lowest_used_cache_tier", nullptr, "kNonVolatileBlockTier"},
    Change{{6, 26}, kTable, "max_auto_readahead_size", nullptr, "262144"},
    Change{{6, 26}, kTable, "prepopulate_block_cache", nullptr, "kDisable"},
    // 7.0: by a LOG of 7.0.0, which lists the last four no more.
    Change{{7, 0}, kFamily, "blob_compaction_readahead_size", nullptr, "0"},
    Change{{7, 0}, kDb, "wal_compression", nullptr, "kNoCompression"},
    Change{{7, 0}, kDb, "base_background_compactions", "-1", nullptr},
    Change{{7, 0}, kDb, "new_table_reader_for_compaction_inputs", "false", nullptr},
    Change{{7, 0}, kDb, "preserve_deletes", "false", nullptr},
    Change{{7, 0}, kFamily, "rate_limit_delay_max_milliseconds", "100", nullptr},
    // 7.2: by a LOG of 7.2.0.
    Change{{7, 2}, kTable, "hash_index_allow_collision", "true", nullptr},
    Change{{7, 2}, kTable, "initial_auto_readahead_size", nullptr, "8192"},
    // 7.3 (HISTORY).
    Change{{7, 3}, kDb, "enforce_single_del_contracts", nullptr, "true"},
    Change{{7, 3}, kDb, "verify_sst_unique_id_in_manifest", nullptr, "false"},
    // 7.4: by a LOG of 7.4.3.
    Change{{7, 4}, kFamily, "blob_file_starting_level", nullptr, "0"},
    // 7.5 (HISTORY): of a family from here on.
    Change{{7, 5}, kFamily, "experimental_mempurge_threshold", nullptr, "0.000000"},
    // 7.6: by a LOG of 7.6.0.
    Change{{7, 6}, kFamily, "preclude_last_level_data_seconds", nullptr, "0"},
    // 7.7 (HISTORY).
    Change{{7, 7}, kDb, "verify_sst_unique_id_in_manifest", "false", "true"},
    Change{{7, 7}, kTable, "num_file_reads_for_auto_readahead", nullptr, "2"},
    // 7.8: checksum and the first two (HISTORY); the rest are first known of the table above.
    Change{{7, 8}, kFamily, "ignore_max_compaction_bytes_for_input", nullptr, "true"},
    Change{{7, 8}, kFamily, "level_compaction_dynamic_file_size", nullptr, "true"},
    Change{{7, 8}, kTable, "checksum", "kCRC32c", "kXXH3"},
    Change{{7, 8}, kFamily, "last_level_temperature", nullptr, "kUnknown"},
    Change{{7, 8}, kFamily, "memtable_protection_bytes_per_key", nullptr, "0"},
    Change{{7, 8}, kFamily, "prepopulate_blob_cache", nullptr, "kDisable"},
    Change{{7, 8}, kFamily, "preserve_internal_time_seconds", nullptr, "0"},
    Change{{7, 8}, kDb, "wal_filter", nullptr, "nullptr"},
    Change{{7, 8}, kTable, "detect_filter_construct_corruption", nullptr, "false"},
    // 8.2: 8 MiB in a LOG of 8.1.1, 32 MiB in one of 8.3.2.
    Change{{8, 2}, kTable, "capacity", "8388608", nullptr},
    // 8.3: by an OPTIONS file and a LOG of 8.3.2.
    Change{{8, 3}, kTable, "capacity", nullptr, "33554432"},
    Change{{8, 3}, kFamily, "block_protection_bytes_per_key", nullptr, "0"},
    Change{{8, 3}, kFamily, "persist_user_defined_timestamps", nullptr, "true"},
    // 8.4 (HISTORY): false in a LOG of 8.3.3, true in one of 8.4.4.
    Change{{8, 4}, kFamily, "level_compaction_dynamic_level_bytes", "false", "true"},
    // 8.6: by LOGs of 8.5.3 and 8.6.7.
    Change{{8, 6}, kDb, "compaction_readahead_size", "0", "2097152"},
    Change{{8, 6}, kDb, "compaction_verify_record_count", nullptr, "true"},
    Change{{8, 6}, kFamily, "default_temperature", nullptr, "kUnknown"},
    Change{{8, 6}, kFamily, "memtable_max_range_deletions", nullptr, "0"},
    // 8.8: by a LOG of 8.8.1.
    Change{{8, 8}, kDb, "daily_offpeak_time_utc", nullptr, ""},
    // 9.0 (HISTORY).
    Change{{9, 0}, kTable, "format_version", "5", "6"},
    Change{{9, 0}, kDb, "access_hint_on_compaction_start", "NORMAL", nullptr},
    Change{{9, 0}, kTable, "optimize_filters_for_memory", "false", nullptr},
    // 9.5: by the headers and an OPTIONS file of 9.5.0. Between 8.8 and 9.5 is not known when
    // optimize_filters_for_memory became true.
    Change{{9, 5}, kTable, "optimize_filters_for_memory", nullptr, "true"},
    Change{{9, 5}, kTable, "use_delta_encoding", nullptr, "true"},
    Change{{9, 5}, kFamily, "bottommost_file_compaction_delay", nullptr, "0"},
    Change{{9, 5}, kFamily, "default_write_temperature", nullptr, "kUnknown"},
    Change{{9, 5}, kFamily, "strict_max_successive_merges", nullptr, "false"},
    Change{{9, 5}, kFamily, "uncache_aggressiveness", nullptr, "0"},
    Change{{9, 5}, kDb, "background_close_inactive_wals", nullptr, "false"},
    Change{{9, 5}, kDb, "follower_catchup_retry_count", nullptr, "10"},
    Change{{9, 5}, kDb, "follower_catchup_retry_wait_ms", nullptr, "100"},
    Change{{9, 5}, kDb, "follower_refresh_catchup_period_ms", nullptr, "10000"},
    // 9.6: write_dbid_to_manifest is false in 9.5.0, true in 9.7.4.
    Change{{9, 6}, kDb, "write_dbid_to_manifest", "false", nullptr},
    // 9.7: by the headers and an OPTIONS file of 9.7.4.
    Change{{9, 7}, kDb, "write_dbid_to_manifest", nullptr, "true"},
    Change{{9, 7}, kDb, "metadata_write_temperature", nullptr, "kUnknown"},
    Change{{9, 7}, kDb, "prefix_seek_opt_in_only", nullptr, "false"},
    Change{{9, 7}, kDb, "wal_write_temperature", nullptr, "kUnknown"},
    Change{{9, 7}, kDb, "write_identity_file", nullptr, "true"},
    Change{{9, 7}, kFamily, "paranoid_memory_checks", nullptr, "false"},
    Change{{9, 7}, kTable, "decouple_partitioned_filters", nullptr, "false"},
    // 10.5: by an OPTIONS file of 10.5.1.
    Change{{10, 5}, kDb, "track_and_verify_wals", nullptr, "false"},
    Change{{10, 5}, kFamily, "compression_manager", nullptr, "nullptr"},
    Change{{10, 5}, kFamily, "disallow_memtable_writes", nullptr, "false"},
    Change{{10, 5}, kFamily, "memtable_avg_op_scan_flush_trigger", nullptr, "0"},
    Change{{10, 5}, kFamily, "memtable_op_scan_flush_trigger", nullptr, "0"},
    // 10.6: false in 10.5.1, true in a database of 11.8.1 whose program may have set it.
    Change{{10, 6}, kTable, "decouple_partitioned_filters", "false", nullptr},
    // 10.11 (HISTORY).
    Change{{10, 11}, kTable, "format_version", "6", "7"},
    // 11.2: a change to LZ4 was made between 11.1 and 11.8.
    Change{{11, 2}, kFamily, "compression", "kSnappyCompression", nullptr},
    // 11.8: by an OPTIONS file and a LOG of 11.8.1.
    Change{{11, 8}, kFamily, "compression", nullptr, "kLZ4Compression"},
    Change{{11, 8},
           kFamily,
           "blob_compression_opts",
           nullptr,
           "{checksum=false;max_dict_buffer_bytes=0;enabled=false;max_dict_bytes"
           "=0;max_compressed_bytes_per_kb=896;parallel_threads=1;zstd_max_train"
           "_bytes=0;level=32767;use_zstd_dict_trainer=true;strategy=0;window_bi"
           "ts=-14;}"},
    Change{{11, 8}, kFamily, "blob_direct_write_partitions", nullptr, "1"},
    Change{{11, 8}, kFamily, "cf_allow_ingest_behind", nullptr, "false"},
    Change{{11, 8}, kFamily, "enable_blob_direct_write", nullptr, "false"},
    Change{{11, 8}, kFamily, "memtable_batch_lookup_optimization", nullptr, "false"},
    Change{{11, 8}, kFamily, "memtable_verify_per_key_checksum_on_seek", nullptr, "false"},
    Change{{11, 8}, kFamily, "min_tombstones_for_range_conversion", nullptr, "0"},
    Change{{11, 8}, kFamily, "read_triggered_compaction_threshold", nullptr, "0.000000"},
    Change{{11, 8}, kFamily, "target_file_size_is_upper_bound", nullptr, "false"},
    Change{{11, 8}, kFamily, "verify_output_flags", nullptr, "0"},
    Change{{11, 8}, kDb, "async_wal_precreate", nullptr, "false"},
    Change{{11, 8}, kDb, "enforce_write_buffer_manager_during_recovery", nullptr, "true"},
    Change{{11, 8}, kDb, "fast_sst_open", nullptr, "false"},
    Change{{11, 8}, kDb, "max_compaction_trigger_wakeup_seconds", nullptr, "43200"},
    Change{{11, 8}, kDb, "max_manifest_space_amp_pct", nullptr, "500"},
    Change{{11, 8}, kDb, "open_files_async", nullptr, "false"},
    Change{{11, 8}, kDb, "optimize_manifest_for_recovery", nullptr, "false"},
    Change{{11, 8}, kDb, "read_io_executor_threads", nullptr, "1"},
    Change{{11, 8}, kDb, "reuse_manifest_on_open", nullptr, "false"},
    Change{{11, 8}, kDb, "use_direct_io_for_compaction_reads", nullptr, "false"},
    Change{{11, 8}, kDb, "verify_manifest_content_on_close", nullptr, "false"},
    Change{{11, 8}, kTable, "fail_if_no_udi_on_open", nullptr, "false"},
    Change{{11, 8}, kTable, "index_block_search_type", nullptr, "kBinary"},
    Change{{11, 8}, kTable, "separate_key_value_in_data_block", nullptr, "false"},
    Change{{11, 8}, kTable, "super_block_alignment_size", nullptr, "0"},
    Change{{11, 8}, kTable, "super_block_alignment_space_overhead_ratio", nullptr, "128"},
    Change{{11, 8}, kTable, "uniform_cv_threshold", nullptr, "-1.000000"},
    Change{{11, 8}, kTable, "use_udi_as_primary_index", nullptr, "false"},
    Change{{11, 8}, kTable, "user_defined_index_factory", nullptr, "nullptr"},
};

}  // namespace

std::span<const DefaultChange> default_changes() {
  return kChanges;
}

}  // namespace nodetune
