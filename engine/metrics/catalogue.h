// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "engine/chain/object_kind.h"

namespace nodetune {

enum class Unit : std::uint8_t { count, bytes, seconds, ratio, operations, blocks, files, pages };
enum class MetricKind : std::uint8_t {
  counter,    // only grows; shown as a rate
  gauge,      // a value now
  histogram,  // a distribution; shown as mean and percentiles of the shown window
};
// Where a figure comes from; derived is never shown as measured.
enum class Source : std::uint8_t { measured, derived, logged, scraped };

std::string_view to_string(Unit unit);
std::string_view to_string(MetricKind kind);
std::string_view to_string(Source source);

// Every metric there is. The seven-fold ones come last: one a kind, in kObjectKinds' order; get
// their ids by cache_metric().
enum class Metric : std::uint16_t {
  // Caches in total
  cache_memory_usage_bytes,
  cache_capacity_bytes,
  // Batch processor
  batch_size,
  batch_duration_seconds,
  batch_operations_put,
  batch_operations_delete,
  batch_operations_single_delete,
  batch_operations_delete_range,
  batch_operations_merge,
  batch_operations_per_second,
  batch_operation_size_bytes,
  batch_commits_total,
  batch_commit_failures_total,
  batch_bytes_total,
  batch_pending_operations,
  batch_pending_bytes,
  batch_auto_commit_threshold,
  batch_commits_as_given,
  batch_commits_sorted,
  batch_commits_ingested,
  batch_sync_seconds,
  batch_waiting_callers,
  batch_wait_seconds,
  batch_failing,
  // Database
  db_stall_seconds_total,
  db_write_stopped,
  db_stalls_memtable_slowdown_total,
  db_stalls_memtable_stop_total,
  db_stalls_l0_slowdown_total,
  db_stalls_l0_stop_total,
  db_stalls_pending_compaction_slowdown_total,
  db_stalls_pending_compaction_stop_total,
  db_bytes_written_total,
  db_bytes_read_total,
  db_wal_bytes_total,
  db_flush_bytes_total,
  db_flushes_total,
  db_compactions_total,
  db_compaction_read_bytes_total,
  db_compaction_write_bytes_total,
  db_running_compactions,
  db_running_flushes,
  db_pending_compaction_bytes,
  db_memtable_bytes,
  db_immutable_memtables,
  db_l0_files,
  db_sst_files,
  db_sst_bytes,
  db_block_cache_hits_total,
  db_block_cache_misses_total,
  db_block_cache_usage_bytes,
  db_block_cache_capacity_bytes,
  db_bloom_useful_total,
  db_bloom_full_positive_total,
  db_bloom_true_positive_total,
  db_get_seconds,
  db_multi_get_seconds,
  db_write_seconds,
  db_table_reader_bytes,
  db_statistics_age_seconds,
  db_wal_size_bytes,
  db_orphan_bytes,
  db_estimated_keys,
  db_index_bytes,
  db_filter_bytes,
  db_block_cache_data_bytes,
  db_block_cache_index_bytes,
  db_block_cache_filter_bytes,
  // What the live files of a database hold, by kind of object: seven in kObjectKinds' order, then
  // what is none of them, then what nobody can tell apart; get their ids by stored_metric()
  db_stored_block_bytes,
  db_stored_header_bytes,
  db_stored_state_node_bytes,
  db_stored_account_bytes,
  db_stored_storage_bytes,
  db_stored_transaction_bytes,
  db_stored_receipt_bytes,
  db_stored_other_bytes,
  db_stored_unknown_bytes,
  // The machine and this process
  system_cpu_ratio,
  system_memory_ratio,
  system_memory_used_bytes,
  system_memory_limit_bytes,
  disk_free_bytes,
  disk_total_bytes,
  disk_free_ratio,
  disk_read_latency_seconds,
  disk_write_latency_seconds,
  disk_read_bytes_total,
  disk_write_bytes_total,
  disk_utilisation_ratio,
  disk_queue_length,
  disk_growth_bytes_per_second,
  disk_headroom_bytes,
  disk_seconds_until_full,
  pressure_disk_some_ratio,
  pressure_disk_full_ratio,
  pressure_memory_some_ratio,
  pressure_memory_full_ratio,
  pressure_cpu_some_ratio,
  process_resident_bytes,
  process_anonymous_bytes,
  process_file_backed_bytes,
  process_swap_bytes,
  process_cpu_seconds_total,
  process_open_files,
  process_open_files_limit,
  process_disk_read_bytes_total,
  process_disk_write_bytes_total,
  // What observing costs the node
  observer_read_bytes_total,
  observer_writable_files,
  observer_locks,
  // Workload
  workload_blocks_total,
  workload_block_seconds,
  workload_missed_blocks_total,
  first_cache_metric,
};

enum class CacheMetric : std::uint8_t {
  hits,
  misses,
  evictions,
  insertions,
  size,
  bytes,
  capacity_bytes
};
inline constexpr std::size_t kCacheMetricCount = 7;
inline constexpr std::size_t kMetricCount =
    static_cast<std::size_t>(Metric::first_cache_metric) + kCacheMetricCount * kObjectKindCount;

constexpr std::size_t index_of(Metric metric) {
  return static_cast<std::size_t>(metric);
}
constexpr Metric cache_metric(CacheMetric metric, ObjectKind kind) {
  return static_cast<Metric>(static_cast<std::size_t>(Metric::first_cache_metric) +
                             static_cast<std::size_t>(metric) * kObjectKindCount + index_of(kind));
}

constexpr Metric stored_metric(ObjectKind kind) {
  return static_cast<Metric>(static_cast<std::size_t>(Metric::db_stored_block_bytes) +
                             index_of(kind));
}

struct MetricInfo {
  Metric id;
  std::string name;   // "cache_block_hits_total", "batch_operations_total"
  std::string label;  // "type=\"put\"" or empty
  std::string title;  // for people: "Blocks (object cache): hits"
  Unit unit;
  MetricKind kind;
  Source source;  // in a managed node; a snapshot may say otherwise
  std::string help;
};

// The one list of metrics, ascending by id.
std::span<const MetricInfo> catalogue();
const MetricInfo& info(Metric metric);
// What one unit of a histogram's whole numbers is in the metric's unit: durations are recorded in
// microseconds, everything else as it is.
double histogram_scale(Metric metric);
std::optional<Metric> metric_from(std::string_view name, std::string_view label = {});

}  // namespace nodetune
