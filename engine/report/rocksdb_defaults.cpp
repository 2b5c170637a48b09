// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/report/rocksdb_defaults.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <map>
#include <tuple>

namespace nodetune {
namespace {

struct Default {
  std::string_view section;
  std::string_view name;
  std::string_view value;
};

// The OPTIONS file of a database that RocksDB 7.8.3 made with Options(), but for what is asked of
// each open (create_if_missing) and for what only a build with assertions logs (info_log_level).
// Ascending by section and name.
constexpr std::string_view kDb = "DBOptions";
constexpr std::string_view kFamily = "CFOptions";
constexpr std::string_view kTable = "TableOptions/BlockBasedTable";
constexpr std::array kDefaults = {
    Default{kFamily, "arena_block_size", "1048576"},
    Default{kFamily, "blob_compaction_readahead_size", "0"},
    Default{kFamily, "blob_compression_type", "kNoCompression"},
    Default{kFamily, "blob_file_size", "268435456"},
    Default{kFamily, "blob_file_starting_level", "0"},
    Default{kFamily, "blob_garbage_collection_age_cutoff", "0.250000"},
    Default{kFamily, "blob_garbage_collection_force_threshold", "1.000000"},
    Default{kFamily, "bloom_locality", "0"},
    Default{kFamily, "bottommost_compression", "kDisableCompressionOption"},
    Default{kFamily, "bottommost_compression_opts",
            "{max_dict_buffer_bytes=0;enabled=false;max_dict_bytes=0;parallel_threa"
            "ds=1;zstd_max_train_bytes=0;level=32767;use_zstd_dict_trainer=true;str"
            "ategy=0;window_bits=-14;}"},
    Default{kFamily, "check_flush_compaction_key_order", "true"},
    Default{kFamily, "compaction_filter", "nullptr"},
    Default{kFamily, "compaction_filter_factory", "nullptr"},
    Default{kFamily, "compaction_options_fifo",
            "{allow_compaction=false;age_for_warm=0;max_table_files_size=1073741824"
            ";}"},
    Default{kFamily, "compaction_options_universal",
            "{incremental=false;compression_size_percent=-1;allow_trivial_move=fals"
            "e;max_size_amplification_percent=200;max_merge_width=4294967295;stop_s"
            "tyle=kCompactionStopStyleTotalSize;min_merge_width=2;size_ratio=1;}"},
    Default{kFamily, "compaction_pri", "kMinOverlappingRatio"},
    Default{kFamily, "compaction_style", "kCompactionStyleLevel"},
    Default{kFamily, "comparator", "leveldb.BytewiseComparator"},
    Default{kFamily, "compression", "kSnappyCompression"},
    Default{kFamily, "compression_opts",
            "{max_dict_buffer_bytes=0;enabled=false;max_dict_bytes=0;parallel_threa"
            "ds=1;zstd_max_train_bytes=0;level=32767;use_zstd_dict_trainer=true;str"
            "ategy=0;window_bits=-14;}"},
    Default{kFamily, "disable_auto_compactions", "false"},
    Default{kFamily, "enable_blob_files", "false"},
    Default{kFamily, "enable_blob_garbage_collection", "false"},
    Default{kFamily, "experimental_mempurge_threshold", "0.000000"},
    Default{kFamily, "force_consistency_checks", "true"},
    Default{kFamily, "hard_pending_compaction_bytes_limit", "274877906944"},
    Default{kFamily, "ignore_max_compaction_bytes_for_input", "true"},
    Default{kFamily, "inplace_update_num_locks", "10000"},
    Default{kFamily, "inplace_update_support", "false"},
    Default{kFamily, "last_level_temperature", "kUnknown"},
    Default{kFamily, "level0_file_num_compaction_trigger", "4"},
    Default{kFamily, "level0_slowdown_writes_trigger", "20"},
    Default{kFamily, "level0_stop_writes_trigger", "36"},
    Default{kFamily, "level_compaction_dynamic_file_size", "true"},
    Default{kFamily, "level_compaction_dynamic_level_bytes", "false"},
    Default{kFamily, "max_bytes_for_level_base", "268435456"},
    Default{kFamily, "max_bytes_for_level_multiplier", "10.000000"},
    Default{kFamily, "max_bytes_for_level_multiplier_additional", "1:1:1:1:1:1:1"},
    Default{kFamily, "max_compaction_bytes", "1677721600"},
    Default{kFamily, "max_sequential_skip_in_iterations", "8"},
    Default{kFamily, "max_successive_merges", "0"},
    Default{kFamily, "max_write_buffer_number", "2"},
    Default{kFamily, "max_write_buffer_number_to_maintain", "0"},
    Default{kFamily, "max_write_buffer_size_to_maintain", "0"},
    Default{kFamily, "memtable_factory", "SkipListFactory"},
    Default{kFamily, "memtable_huge_page_size", "0"},
    Default{kFamily, "memtable_insert_with_hint_prefix_extractor", "nullptr"},
    Default{kFamily, "memtable_prefix_bloom_size_ratio", "0.000000"},
    Default{kFamily, "memtable_protection_bytes_per_key", "0"},
    Default{kFamily, "memtable_whole_key_filtering", "false"},
    Default{kFamily, "merge_operator", "nullptr"},
    Default{kFamily, "min_blob_size", "0"},
    Default{kFamily, "min_write_buffer_number_to_merge", "1"},
    Default{kFamily, "num_levels", "7"},
    Default{kFamily, "optimize_filters_for_hits", "false"},
    Default{kFamily, "paranoid_file_checks", "false"},
    Default{kFamily, "periodic_compaction_seconds", "0"},
    Default{kFamily, "preclude_last_level_data_seconds", "0"},
    Default{kFamily, "prefix_extractor", "nullptr"},
    Default{kFamily, "prepopulate_blob_cache", "kDisable"},
    Default{kFamily, "preserve_internal_time_seconds", "0"},
    Default{kFamily, "report_bg_io_stats", "false"},
    Default{kFamily, "sample_for_compression", "0"},
    Default{kFamily, "soft_pending_compaction_bytes_limit", "68719476736"},
    Default{kFamily, "sst_partitioner_factory", "nullptr"},
    Default{kFamily, "table_factory", "BlockBasedTable"},
    Default{kFamily, "target_file_size_base", "67108864"},
    Default{kFamily, "target_file_size_multiplier", "1"},
    Default{kFamily, "ttl", "2592000"},
    Default{kFamily, "write_buffer_size", "67108864"},
    Default{kDb, "WAL_size_limit_MB", "0"},
    Default{kDb, "WAL_ttl_seconds", "0"},
    Default{kDb, "access_hint_on_compaction_start", "NORMAL"},
    Default{kDb, "advise_random_on_open", "true"},
    Default{kDb, "allow_2pc", "false"},
    Default{kDb, "allow_concurrent_memtable_write", "true"},
    Default{kDb, "allow_data_in_errors", "false"},
    Default{kDb, "allow_fallocate", "true"},
    Default{kDb, "allow_ingest_behind", "false"},
    Default{kDb, "allow_mmap_reads", "false"},
    Default{kDb, "allow_mmap_writes", "false"},
    Default{kDb, "atomic_flush", "false"},
    Default{kDb, "avoid_flush_during_recovery", "false"},
    Default{kDb, "avoid_flush_during_shutdown", "false"},
    Default{kDb, "avoid_unnecessary_blocking_io", "false"},
    Default{kDb, "best_efforts_recovery", "false"},
    Default{kDb, "bgerror_resume_retry_interval", "1000000"},
    Default{kDb, "bytes_per_sync", "0"},
    Default{kDb, "compaction_readahead_size", "0"},
    Default{kDb, "create_if_missing", "false"},
    Default{kDb, "create_missing_column_families", "false"},
    Default{kDb, "db_host_id", "__hostname__"},
    Default{kDb, "db_write_buffer_size", "0"},
    Default{kDb, "delayed_write_rate", "16777216"},
    Default{kDb, "delete_obsolete_files_period_micros", "21600000000"},
    Default{kDb, "dump_malloc_stats", "false"},
    Default{kDb, "enable_pipelined_write", "false"},
    Default{kDb, "enable_thread_tracking", "false"},
    Default{kDb, "enable_write_thread_adaptive_yield", "true"},
    Default{kDb, "enforce_single_del_contracts", "true"},
    Default{kDb, "error_if_exists", "false"},
    Default{kDb, "fail_if_options_file_error", "false"},
    Default{kDb, "file_checksum_gen_factory", "nullptr"},
    Default{kDb, "flush_verify_memtable_count", "true"},
    Default{kDb, "info_log_level", "INFO_LEVEL"},
    Default{kDb, "is_fd_close_on_exec", "true"},
    Default{kDb, "keep_log_file_num", "1000"},
    Default{kDb, "log_file_time_to_roll", "0"},
    Default{kDb, "log_readahead_size", "0"},
    Default{kDb, "lowest_used_cache_tier", "kNonVolatileBlockTier"},
    Default{kDb, "manifest_preallocation_size", "4194304"},
    Default{kDb, "manual_wal_flush", "false"},
    Default{kDb, "max_background_compactions", "-1"},
    Default{kDb, "max_background_flushes", "-1"},
    Default{kDb, "max_background_jobs", "2"},
    Default{kDb, "max_bgerror_resume_count", "2147483647"},
    Default{kDb, "max_file_opening_threads", "16"},
    Default{kDb, "max_log_file_size", "0"},
    Default{kDb, "max_manifest_file_size", "1073741824"},
    Default{kDb, "max_open_files", "-1"},
    Default{kDb, "max_subcompactions", "1"},
    Default{kDb, "max_total_wal_size", "0"},
    Default{kDb, "max_write_batch_group_size_bytes", "1048576"},
    Default{kDb, "paranoid_checks", "true"},
    Default{kDb, "persist_stats_to_disk", "false"},
    Default{kDb, "random_access_max_buffer_size", "1048576"},
    Default{kDb, "recycle_log_file_num", "0"},
    Default{kDb, "skip_checking_sst_file_sizes_on_db_open", "false"},
    Default{kDb, "skip_stats_update_on_db_open", "false"},
    Default{kDb, "stats_dump_period_sec", "600"},
    Default{kDb, "stats_history_buffer_size", "1048576"},
    Default{kDb, "stats_persist_period_sec", "600"},
    Default{kDb, "strict_bytes_per_sync", "false"},
    Default{kDb, "table_cache_numshardbits", "6"},
    Default{kDb, "track_and_verify_wals_in_manifest", "false"},
    Default{kDb, "two_write_queues", "false"},
    Default{kDb, "unordered_write", "false"},
    Default{kDb, "use_adaptive_mutex", "false"},
    Default{kDb, "use_direct_io_for_flush_and_compaction", "false"},
    Default{kDb, "use_direct_reads", "false"},
    Default{kDb, "use_fsync", "false"},
    Default{kDb, "verify_sst_unique_id_in_manifest", "true"},
    Default{kDb, "wal_bytes_per_sync", "0"},
    Default{kDb, "wal_compression", "kNoCompression"},
    Default{kDb, "wal_filter", "nullptr"},
    Default{kDb, "wal_recovery_mode", "kPointInTimeRecovery"},
    Default{kDb, "writable_file_max_buffer_size", "1048576"},
    Default{kDb, "write_dbid_to_manifest", "false"},
    Default{kDb, "write_thread_max_yield_usec", "100"},
    Default{kDb, "write_thread_slow_yield_usec", "3"},
    Default{kTable, "block_align", "false"},
    Default{kTable, "block_restart_interval", "16"},
    Default{kTable, "block_size", "4096"},
    Default{kTable, "block_size_deviation", "10"},
    Default{kTable, "cache_index_and_filter_blocks", "false"},
    Default{kTable, "cache_index_and_filter_blocks_with_high_priority", "true"},
    Default{kTable, "checksum", "kXXH3"},
    Default{kTable, "data_block_hash_table_util_ratio", "0.750000"},
    Default{kTable, "data_block_index_type", "kDataBlockBinarySearch"},
    Default{kTable, "detect_filter_construct_corruption", "false"},
    Default{kTable, "enable_index_compression", "true"},
    Default{kTable, "filter_policy", "nullptr"},
    Default{kTable, "flush_block_policy_factory", "FlushBlockBySizePolicyFactory"},
    Default{kTable, "format_version", "5"},
    Default{kTable, "index_block_restart_interval", "1"},
    Default{kTable, "index_shortening", "kShortenSeparators"},
    Default{kTable, "index_type", "kBinarySearch"},
    Default{kTable, "initial_auto_readahead_size", "8192"},
    Default{kTable, "max_auto_readahead_size", "262144"},
    Default{kTable, "metadata_block_size", "4096"},
    Default{kTable, "metadata_cache_options",
            "{unpartitioned_pinning=kFallback;partition_pinning=kFallback;top_level"
            "_index_pinning=kFallback;}"},
    Default{kTable, "no_block_cache", "false"},
    Default{kTable, "num_file_reads_for_auto_readahead", "2"},
    Default{kTable, "optimize_filters_for_memory", "false"},
    Default{kTable, "partition_filters", "false"},
    Default{kTable, "pin_l0_filter_and_index_blocks_in_cache", "false"},
    Default{kTable, "pin_top_level_index_and_filter", "true"},
    Default{kTable, "prepopulate_block_cache", "kDisable"},
    Default{kTable, "read_amp_bytes_per_bit", "0"},
    Default{kTable, "verify_compression", "false"},
    Default{kTable, "whole_key_filtering", "true"},
};

bool same_number(std::string_view a, std::string_view b) {
  const auto parse = [](std::string_view text) {
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool whole = error == std::errc() && end == text.data() + text.size();
    return whole ? value : std::nan("");
  };
  return parse(a) == parse(b);
}

// "{a=1;b=2;}" as a=1, b=2. Options inside options are one value.
std::map<std::string_view, std::string_view> fields_of(std::string_view text) {
  std::map<std::string_view, std::string_view> fields;
  if (!text.starts_with('{') || !text.ends_with('}')) return fields;
  text = text.substr(1, text.size() - 2);
  while (!text.empty()) {
    const auto end = std::min(text.find(';'), text.size());
    const auto field = text.substr(0, end);
    const auto equals = field.find('=');
    if (equals != std::string_view::npos) {
      fields.emplace(field.substr(0, equals), field.substr(equals + 1));
    }
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return fields;
}

// Other versions have other fields, in another order: what both have decides.
bool same_fields(std::string_view a, std::string_view b) {
  const auto left = fields_of(a);
  const auto right = fields_of(b);
  if (left.empty() || right.empty()) return false;
  for (const auto& [name, value] : left) {
    const auto found = right.find(name);
    if (found != right.end() && found->second != value && !same_number(found->second, value)) {
      return false;
    }
  }
  return true;
}

}  // namespace

std::optional<std::string_view> rocksdb_default(std::string_view section, std::string_view name) {
  const auto kind = section.substr(0, section.find(' '));
  const auto wanted = std::tuple(kind, name);
  const auto found = std::lower_bound(
      kDefaults.begin(), kDefaults.end(), wanted,
      [](const Default& row, const auto& key) { return std::tuple(row.section, row.name) < key; });
  if (found == kDefaults.end() || std::tuple(found->section, found->name) != wanted) {
    return std::nullopt;
  }
  return found->value;
}

bool differs_from_default(const OptionRow& row) {
  const auto usual = rocksdb_default(row.section, row.name);
  return usual && *usual != row.value && !same_number(*usual, row.value) &&
         !same_fields(*usual, row.value);
}

}  // namespace nodetune
