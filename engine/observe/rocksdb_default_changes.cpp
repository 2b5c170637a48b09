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

constexpr std::array kChanges = {
    // 6.0: compaction_pri (HISTORY); the rest by a LOG of 6.0.1, an OPTIONS file of 5.15.10.
    Change{{6, 0}, kFamilyOptions, "compaction_pri", "kByCompensatedSize", "kMinOverlappingRatio"},
    Change{{6, 0}, kFamilyOptions, "memtable_whole_key_filtering", nullptr, "false"},
    Change{{6, 0}, kDbOptions, "stats_history_buffer_size", nullptr, "1048576"},
    Change{{6, 0}, kDbOptions, "stats_persist_period_sec", nullptr, "600"},
    // 6.4: ..._with_high_priority (HISTORY); the rest by an OPTIONS file of 6.4.6.
    Change{
        {6, 4}, kTableOptions, "cache_index_and_filter_blocks_with_high_priority", "false", "true"},
    Change{{6, 4}, kTableOptions, "data_block_hash_table_util_ratio", nullptr, "0.750000"},
    Change{{6, 4}, kTableOptions, "data_block_index_type", nullptr, "kDataBlockBinarySearch"},
    Change{{6, 4}, kTableOptions, "index_shortening", nullptr, "kShortenSeparators"},
    Change{{6, 4}, kFamilyOptions, "periodic_compaction_seconds", nullptr, "0"},
    Change{{6, 4}, kFamilyOptions, "sample_for_compression", nullptr, "0"},
    Change{{6, 4}, kDbOptions, "atomic_flush", nullptr, "false"},
    Change{{6, 4}, kDbOptions, "avoid_unnecessary_blocking_io", nullptr, "false"},
    Change{{6, 4}, kDbOptions, "log_readahead_size", nullptr, "0"},
    Change{{6, 4}, kDbOptions, "persist_stats_to_disk", nullptr, "false"},
    Change{{6, 4}, kDbOptions, "strict_bytes_per_sync", nullptr, "false"},
    Change{{6, 4}, kDbOptions, "unordered_write", nullptr, "false"},
    // 6.6: tuned by RocksDB itself from here on, to 30 days (HISTORY).
    Change{{6, 6}, kFamilyOptions, "ttl", "0", "2592000"},
    // 6.8: by a LOG of 6.8.1.
    Change{{6, 8}, kFamilyOptions, "max_write_buffer_size_to_maintain", nullptr, "0"},
    Change{{6, 8}, kDbOptions, "max_write_batch_group_size_bytes", nullptr, "1048576"},
    Change{{6, 8}, kDbOptions, "skip_checking_sst_file_sizes_on_db_open", nullptr, "false"},
    Change{{6, 8}, kDbOptions, "write_dbid_to_manifest", nullptr, "false"},
    // 6.9 (HISTORY).
    Change{{6, 9}, kTableOptions, "format_version", "2", "4"},
    Change{{6, 9}, kDbOptions, "best_efforts_recovery", nullptr, "false"},
    // 6.12 (HISTORY).
    Change{{6, 12}, kDbOptions, "bgerror_resume_retry_interval", nullptr, "1000000"},
    Change{{6, 12}, kDbOptions, "max_bgerror_resume_count", nullptr, "2147483647"},
    // 6.14 (HISTORY).
    Change{{6, 14}, kFamilyOptions, "force_consistency_checks", "false", "true"},
    Change{{6, 14}, kFamilyOptions, "check_flush_compaction_key_order", nullptr, "true"},
    Change{{6, 14}, kDbOptions, "allow_data_in_errors", nullptr, "false"},
    Change{{6, 14}, kDbOptions, "db_host_id", nullptr, "__hostname__"},
    // 6.17: by an OPTIONS file of 6.17.3. Before it, read_amp_bytes_per_bit was written with four
    // bytes of something else.
    Change{{6, 17}, kFamilyOptions, "blob_compression_type", nullptr, "kNoCompression"},
    Change{{6, 17}, kFamilyOptions, "blob_file_size", nullptr, "268435456"},
    Change{{6, 17}, kFamilyOptions, "blob_garbage_collection_age_cutoff", nullptr, "0.250000"},
    Change{{6, 17}, kFamilyOptions, "enable_blob_files", nullptr, "false"},
    Change{{6, 17}, kFamilyOptions, "enable_blob_garbage_collection", nullptr, "false"},
    Change{{6, 17}, kFamilyOptions, "min_blob_size", nullptr, "0"},
    Change{{6, 17}, kFamilyOptions, "sst_partitioner_factory", nullptr, "nullptr"},
    Change{{6, 17}, kDbOptions, "file_checksum_gen_factory", nullptr, "nullptr"},
    Change{{6, 17}, kDbOptions, "skip_log_error_on_recovery", "false", nullptr},
    Change{{6, 17}, kDbOptions, "track_and_verify_wals_in_manifest", nullptr, "false"},
    Change{{6, 17},
           kTableOptions,
           "metadata_cache_options",
           nullptr,
           "{unpartitioned_pinning=kFallback;partition_pinning=kFallback;top_lev"
           "el_index_pinning=kFallback;}"},
    Change{{6, 17}, kTableOptions, "optimize_filters_for_memory", nullptr, "false"},
    Change{{6, 17}, kTableOptions, "read_amp_bytes_per_bit", nullptr, "0"},
    // 6.19 (HISTORY).
    Change{{6, 19}, kTableOptions, "format_version", "4", "5"},
    // 6.21 (HISTORY): of the usual write buffer; else see rocksdb_default_among().
    Change{{6, 21}, kFamilyOptions, "arena_block_size", "8388608", "1048576"},
    Change{{6, 21}, kDbOptions, "flush_verify_memtable_count", nullptr, "true"},
    // 6.23 (HISTORY): before, the path of the database.
    Change{{6, 23}, kDbOptions, "wal_dir", nullptr, ""},
    // 6.26: lowest_used_cache_tier (HISTORY); the rest by a LOG of 6.26.0.
    Change{{6, 26}, kFamilyOptions, "blob_garbage_collection_force_threshold", nullptr, "1.000000"},
    Change{{6, 26}, kDbOptions, "lowest_used_cache_tier", nullptr, "kNonVolatileBlockTier"},
    Change{{6, 26}, kTableOptions, "max_auto_readahead_size", nullptr, "262144"},
    Change{{6, 26}, kTableOptions, "prepopulate_block_cache", nullptr, "kDisable"},
    // 7.0: by a LOG of 7.0.0, which lists the last four no more.
    Change{{7, 0}, kFamilyOptions, "blob_compaction_readahead_size", nullptr, "0"},
    Change{{7, 0}, kDbOptions, "wal_compression", nullptr, "kNoCompression"},
    Change{{7, 0}, kDbOptions, "base_background_compactions", "-1", nullptr},
    Change{{7, 0}, kDbOptions, "new_table_reader_for_compaction_inputs", "false", nullptr},
    Change{{7, 0}, kDbOptions, "preserve_deletes", "false", nullptr},
    Change{{7, 0}, kFamilyOptions, "rate_limit_delay_max_milliseconds", "100", nullptr},
    // 7.2: by a LOG of 7.2.0.
    Change{{7, 2}, kTableOptions, "hash_index_allow_collision", "true", nullptr},
    Change{{7, 2}, kTableOptions, "initial_auto_readahead_size", nullptr, "8192"},
    // 7.3 (HISTORY).
    Change{{7, 3}, kDbOptions, "enforce_single_del_contracts", nullptr, "true"},
    Change{{7, 3}, kDbOptions, "verify_sst_unique_id_in_manifest", nullptr, "false"},
    // 7.4: by a LOG of 7.4.3.
    Change{{7, 4}, kFamilyOptions, "blob_file_starting_level", nullptr, "0"},
    // 7.5 (HISTORY): of a family from here on.
    Change{{7, 5}, kFamilyOptions, "experimental_mempurge_threshold", nullptr, "0.000000"},
    // 7.6: by a LOG of 7.6.0.
    Change{{7, 6}, kFamilyOptions, "preclude_last_level_data_seconds", nullptr, "0"},
    // 7.7 (HISTORY).
    Change{{7, 7}, kDbOptions, "verify_sst_unique_id_in_manifest", "false", "true"},
    Change{{7, 7}, kTableOptions, "num_file_reads_for_auto_readahead", nullptr, "2"},
    // 7.8: checksum and the first two (HISTORY); the rest are first known of the table above.
    Change{{7, 8}, kFamilyOptions, "ignore_max_compaction_bytes_for_input", nullptr, "true"},
    Change{{7, 8}, kFamilyOptions, "level_compaction_dynamic_file_size", nullptr, "true"},
    Change{{7, 8}, kTableOptions, "checksum", "kCRC32c", "kXXH3"},
    Change{{7, 8}, kFamilyOptions, "last_level_temperature", nullptr, "kUnknown"},
    Change{{7, 8}, kFamilyOptions, "memtable_protection_bytes_per_key", nullptr, "0"},
    Change{{7, 8}, kFamilyOptions, "prepopulate_blob_cache", nullptr, "kDisable"},
    Change{{7, 8}, kFamilyOptions, "preserve_internal_time_seconds", nullptr, "0"},
    Change{{7, 8}, kDbOptions, "wal_filter", nullptr, "nullptr"},
    Change{{7, 8}, kTableOptions, "detect_filter_construct_corruption", nullptr, "false"},
    // 8.2: 8 MiB in a LOG of 8.1.1, 32 MiB in one of 8.3.2.
    Change{{8, 2}, kTableOptions, "capacity", "8388608", nullptr},
    // 8.3: by an OPTIONS file and a LOG of 8.3.2.
    Change{{8, 3}, kTableOptions, "capacity", nullptr, "33554432"},
    Change{{8, 3}, kFamilyOptions, "block_protection_bytes_per_key", nullptr, "0"},
    Change{{8, 3}, kFamilyOptions, "persist_user_defined_timestamps", nullptr, "true"},
    // 8.4 (HISTORY): false in a LOG of 8.3.3, true in one of 8.4.4.
    Change{{8, 4}, kFamilyOptions, "level_compaction_dynamic_level_bytes", "false", "true"},
    // 8.6: by LOGs of 8.5.3 and 8.6.7.
    Change{{8, 6}, kDbOptions, "compaction_readahead_size", "0", "2097152"},
    Change{{8, 6}, kDbOptions, "compaction_verify_record_count", nullptr, "true"},
    Change{{8, 6}, kFamilyOptions, "default_temperature", nullptr, "kUnknown"},
    Change{{8, 6}, kFamilyOptions, "memtable_max_range_deletions", nullptr, "0"},
    // 8.8: by a LOG of 8.8.1.
    Change{{8, 8}, kDbOptions, "daily_offpeak_time_utc", nullptr, ""},
    // 9.0 (HISTORY).
    Change{{9, 0}, kTableOptions, "format_version", "5", "6"},
    Change{{9, 0}, kDbOptions, "access_hint_on_compaction_start", "NORMAL", nullptr},
    Change{{9, 0}, kTableOptions, "optimize_filters_for_memory", "false", nullptr},
    // 9.5: by the headers and an OPTIONS file of 9.5.0. Between 8.8 and 9.5 is not known when
    // optimize_filters_for_memory became true.
    Change{{9, 5}, kTableOptions, "optimize_filters_for_memory", nullptr, "true"},
    Change{{9, 5}, kTableOptions, "use_delta_encoding", nullptr, "true"},
    Change{{9, 5}, kFamilyOptions, "bottommost_file_compaction_delay", nullptr, "0"},
    Change{{9, 5}, kFamilyOptions, "default_write_temperature", nullptr, "kUnknown"},
    Change{{9, 5}, kFamilyOptions, "strict_max_successive_merges", nullptr, "false"},
    Change{{9, 5}, kFamilyOptions, "uncache_aggressiveness", nullptr, "0"},
    Change{{9, 5}, kDbOptions, "background_close_inactive_wals", nullptr, "false"},
    Change{{9, 5}, kDbOptions, "follower_catchup_retry_count", nullptr, "10"},
    Change{{9, 5}, kDbOptions, "follower_catchup_retry_wait_ms", nullptr, "100"},
    Change{{9, 5}, kDbOptions, "follower_refresh_catchup_period_ms", nullptr, "10000"},
    // 9.6: write_dbid_to_manifest is false in 9.5.0, true in 9.7.4.
    Change{{9, 6}, kDbOptions, "write_dbid_to_manifest", "false", nullptr},
    // 9.7: by the headers and an OPTIONS file of 9.7.4.
    Change{{9, 7}, kDbOptions, "write_dbid_to_manifest", nullptr, "true"},
    Change{{9, 7}, kDbOptions, "metadata_write_temperature", nullptr, "kUnknown"},
    Change{{9, 7}, kDbOptions, "prefix_seek_opt_in_only", nullptr, "false"},
    Change{{9, 7}, kDbOptions, "wal_write_temperature", nullptr, "kUnknown"},
    Change{{9, 7}, kDbOptions, "write_identity_file", nullptr, "true"},
    Change{{9, 7}, kFamilyOptions, "paranoid_memory_checks", nullptr, "false"},
    Change{{9, 7}, kTableOptions, "decouple_partitioned_filters", nullptr, "false"},
    // 10.5: by an OPTIONS file of 10.5.1.
    Change{{10, 5}, kDbOptions, "track_and_verify_wals", nullptr, "false"},
    Change{{10, 5}, kFamilyOptions, "compression_manager", nullptr, "nullptr"},
    Change{{10, 5}, kFamilyOptions, "disallow_memtable_writes", nullptr, "false"},
    Change{{10, 5}, kFamilyOptions, "memtable_avg_op_scan_flush_trigger", nullptr, "0"},
    Change{{10, 5}, kFamilyOptions, "memtable_op_scan_flush_trigger", nullptr, "0"},
    // 10.6: false in 10.5.1, true in a database of 11.8.1 whose program may have set it.
    Change{{10, 6}, kTableOptions, "decouple_partitioned_filters", "false", nullptr},
    // 10.11 (HISTORY).
    Change{{10, 11}, kTableOptions, "format_version", "6", "7"},
    // 11.2: a change to LZ4 was made between 11.1 and 11.8.
    Change{{11, 2}, kFamilyOptions, "compression", "kSnappyCompression", nullptr},
    // 11.8: by an OPTIONS file and a LOG of 11.8.1.
    Change{{11, 8}, kFamilyOptions, "compression", nullptr, "kLZ4Compression"},
    Change{{11, 8},
           kFamilyOptions,
           "blob_compression_opts",
           nullptr,
           "{checksum=false;max_dict_buffer_bytes=0;enabled=false;max_dict_bytes"
           "=0;max_compressed_bytes_per_kb=896;parallel_threads=1;zstd_max_train"
           "_bytes=0;level=32767;use_zstd_dict_trainer=true;strategy=0;window_bi"
           "ts=-14;}"},
    Change{{11, 8}, kFamilyOptions, "blob_direct_write_partitions", nullptr, "1"},
    Change{{11, 8}, kFamilyOptions, "cf_allow_ingest_behind", nullptr, "false"},
    Change{{11, 8}, kFamilyOptions, "enable_blob_direct_write", nullptr, "false"},
    Change{{11, 8}, kFamilyOptions, "memtable_batch_lookup_optimization", nullptr, "false"},
    Change{{11, 8}, kFamilyOptions, "memtable_verify_per_key_checksum_on_seek", nullptr, "false"},
    Change{{11, 8}, kFamilyOptions, "min_tombstones_for_range_conversion", nullptr, "0"},
    Change{{11, 8}, kFamilyOptions, "read_triggered_compaction_threshold", nullptr, "0.000000"},
    Change{{11, 8}, kFamilyOptions, "target_file_size_is_upper_bound", nullptr, "false"},
    Change{{11, 8}, kFamilyOptions, "verify_output_flags", nullptr, "0"},
    Change{{11, 8}, kDbOptions, "async_wal_precreate", nullptr, "false"},
    Change{{11, 8}, kDbOptions, "enforce_write_buffer_manager_during_recovery", nullptr, "true"},
    Change{{11, 8}, kDbOptions, "fast_sst_open", nullptr, "false"},
    Change{{11, 8}, kDbOptions, "max_compaction_trigger_wakeup_seconds", nullptr, "43200"},
    Change{{11, 8}, kDbOptions, "max_manifest_space_amp_pct", nullptr, "500"},
    Change{{11, 8}, kDbOptions, "open_files_async", nullptr, "false"},
    Change{{11, 8}, kDbOptions, "optimize_manifest_for_recovery", nullptr, "false"},
    Change{{11, 8}, kDbOptions, "read_io_executor_threads", nullptr, "1"},
    Change{{11, 8}, kDbOptions, "reuse_manifest_on_open", nullptr, "false"},
    Change{{11, 8}, kDbOptions, "use_direct_io_for_compaction_reads", nullptr, "false"},
    Change{{11, 8}, kDbOptions, "verify_manifest_content_on_close", nullptr, "false"},
    Change{{11, 8}, kTableOptions, "fail_if_no_udi_on_open", nullptr, "false"},
    Change{{11, 8}, kTableOptions, "index_block_search_type", nullptr, "kBinary"},
    Change{{11, 8}, kTableOptions, "separate_key_value_in_data_block", nullptr, "false"},
    Change{{11, 8}, kTableOptions, "super_block_alignment_size", nullptr, "0"},
    Change{{11, 8}, kTableOptions, "super_block_alignment_space_overhead_ratio", nullptr, "128"},
    Change{{11, 8}, kTableOptions, "uniform_cv_threshold", nullptr, "-1.000000"},
    Change{{11, 8}, kTableOptions, "use_udi_as_primary_index", nullptr, "false"},
    Change{{11, 8}, kTableOptions, "user_defined_index_factory", nullptr, "nullptr"},
};

}  // namespace

std::span<const DefaultChange> default_changes() {
  return kChanges;
}

}  // namespace nodetune
