// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/metrics/catalogue.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <vector>

namespace nodetune {
namespace {

struct Row {
  Metric id;
  std::string_view name;
  std::string_view label;
  std::string_view title;
  Unit unit;
  MetricKind kind;
  Source source;
  std::string_view help;
};

constexpr auto kCounter = MetricKind::counter;
constexpr auto kGauge = MetricKind::gauge;
constexpr auto kHistogram = MetricKind::histogram;
constexpr auto kMeasured = Source::measured;
constexpr auto kDerived = Source::derived;

constexpr std::array kRows = {
    Row{Metric::cache_memory_usage_bytes, "cache_memory_usage_bytes", "", "Object caches: memory",
        Unit::bytes, kGauge, kMeasured, "Total memory used by the seven object caches"},
    Row{Metric::cache_capacity_bytes, "cache_capacity_bytes", "", "Object caches: capacity",
        Unit::bytes, kGauge, kMeasured, "Total capacity of the seven object caches"},
    Row{Metric::batch_size, "batch_size", "", "Batch size", Unit::operations, kHistogram, kMeasured,
        "Operations in a commit"},
    Row{Metric::batch_duration_seconds, "batch_duration_seconds", "", "Batch duration",
        Unit::seconds, kHistogram, kMeasured, "Time that a commit took"},
    Row{Metric::batch_operations_put, "batch_operations_total", "type=\"put\"", "Puts",
        Unit::operations, kCounter, kMeasured, "Operations added to batches, by type"},
    Row{Metric::batch_operations_delete, "batch_operations_total", "type=\"delete\"", "Deletes",
        Unit::operations, kCounter, kMeasured, "Operations added to batches, by type"},
    Row{Metric::batch_operations_single_delete, "batch_operations_total", "type=\"single_delete\"",
        "Single deletes", Unit::operations, kCounter, kMeasured,
        "Operations added to batches, by type"},
    Row{Metric::batch_operations_delete_range, "batch_operations_total", "type=\"delete_range\"",
        "Range deletes", Unit::operations, kCounter, kMeasured,
        "Operations added to batches, by type"},
    Row{Metric::batch_operations_merge, "batch_operations_total", "type=\"merge\"", "Merges",
        Unit::operations, kCounter, kMeasured, "Operations added to batches, by type"},
    Row{Metric::batch_operations_per_second, "batch_operations_per_second", "",
        "Operations per second of commit time", Unit::operations, kGauge, kDerived,
        "Operations committed in the interval, divided by the time their commits took"},
    Row{Metric::batch_operation_size_bytes, "batch_operation_size_bytes", "",
        "Average operation size", Unit::bytes, kGauge, kDerived,
        "Bytes of keys and values committed in the interval, divided by operations"},
    Row{Metric::batch_commits_total, "batch_commits_total", "", "Commits", Unit::count, kCounter,
        kMeasured, "Batches committed"},
    Row{Metric::batch_commit_failures_total, "batch_commit_failures_total", "", "Failed commits",
        Unit::count, kCounter, kMeasured, "Commits that failed; their batch was kept"},
    Row{Metric::batch_bytes_total, "batch_bytes_total", "", "Bytes committed", Unit::bytes,
        kCounter, kMeasured, "Bytes of keys and values committed"},
    Row{Metric::batch_pending_operations, "batch_pending_operations", "", "Pending operations",
        Unit::operations, kGauge, kMeasured, "Operations that wait for a commit"},
    Row{Metric::batch_pending_bytes, "batch_pending_bytes", "", "Pending bytes", Unit::bytes,
        kGauge, kMeasured, "Bytes that wait for a commit"},
    Row{Metric::batch_auto_commit_threshold, "batch_auto_commit_threshold", "",
        "Auto-commit threshold", Unit::operations, kGauge, kMeasured,
        "Operations after which a batch is committed, at the end of its group"},
    Row{Metric::batch_commits_as_given, "batch_path_commits_total", "path=\"as_given\"",
        "Commits as given", Unit::count, kCounter, kMeasured,
        "Batches written in the order in which their operations were submitted"},
    Row{Metric::batch_commits_sorted, "batch_path_commits_total", "path=\"sorted\"",
        "Commits sorted", Unit::count, kCounter, kMeasured,
        "Batches folded, sorted and written as one write batch"},
    Row{Metric::batch_commits_ingested, "batch_path_commits_total", "path=\"ingested\"",
        "Commits ingested", Unit::count, kCounter, kMeasured,
        "Batches folded, sorted and added as table files"},
    Row{Metric::batch_sync_seconds, "batch_sync_seconds", "", "Wait for the disk", Unit::seconds,
        kHistogram, kMeasured, "What commits waited for fsync, where their durability asks for it"},
    Row{Metric::batch_waiting_callers, "batch_waiting_callers", "", "Waiting callers", Unit::count,
        kGauge, kMeasured, "Callers that wait until there is room for their group"},
    Row{Metric::batch_wait_seconds, "batch_wait_seconds", "", "Longest wait", Unit::seconds, kGauge,
        kMeasured, "How long the first of the waiting callers has waited by now"},
    Row{Metric::batch_failing, "batch_failing", "", "Commits fail", Unit::count, kGauge, kMeasured,
        "1 while a failed batch is kept and no more is taken"},
    Row{Metric::db_stall_seconds_total, "db_stall_seconds_total", "", "Stalled seconds",
        Unit::seconds, kCounter, kMeasured, "Time that writers were slowed down or stopped"},
    Row{Metric::db_write_stopped, "db_write_stopped", "", "Writes stopped", Unit::count, kGauge,
        kMeasured, "1 while RocksDB lets no write through"},
    Row{Metric::db_stalls_memtable_slowdown_total, "db_stalls_total",
        "cause=\"memtables\",action=\"slowdown\"", "Slowed by memtables", Unit::count, kCounter,
        kMeasured, "Stall conditions entered, by cause and action"},
    Row{Metric::db_stalls_memtable_stop_total, "db_stalls_total",
        "cause=\"memtables\",action=\"stop\"", "Stopped by memtables", Unit::count, kCounter,
        kMeasured, "Stall conditions entered, by cause and action"},
    Row{Metric::db_stalls_l0_slowdown_total, "db_stalls_total",
        "cause=\"l0_files\",action=\"slowdown\"", "Slowed by level-0 files", Unit::count, kCounter,
        kMeasured, "Stall conditions entered, by cause and action"},
    Row{Metric::db_stalls_l0_stop_total, "db_stalls_total", "cause=\"l0_files\",action=\"stop\"",
        "Stopped by level-0 files", Unit::count, kCounter, kMeasured,
        "Stall conditions entered, by cause and action"},
    Row{Metric::db_stalls_pending_compaction_slowdown_total, "db_stalls_total",
        "cause=\"pending_compaction\",action=\"slowdown\"", "Slowed by compaction debt",
        Unit::count, kCounter, kMeasured, "Stall conditions entered, by cause and action"},
    Row{Metric::db_stalls_pending_compaction_stop_total, "db_stalls_total",
        "cause=\"pending_compaction\",action=\"stop\"", "Stopped by compaction debt", Unit::count,
        kCounter, kMeasured, "Stall conditions entered, by cause and action"},
    Row{Metric::db_bytes_written_total, "db_bytes_written_total", "", "Bytes written by callers",
        Unit::bytes, kCounter, kMeasured, "Uncompressed bytes of Write calls"},
    Row{Metric::db_bytes_read_total, "db_bytes_read_total", "", "Bytes read by callers",
        Unit::bytes, kCounter, kMeasured, "Uncompressed bytes of Get and MultiGet calls"},
    Row{Metric::db_wal_bytes_total, "db_wal_bytes_total", "", "WAL bytes", Unit::bytes, kCounter,
        kMeasured, "Bytes written to the write-ahead log"},
    Row{Metric::db_flush_bytes_total, "db_flush_bytes_total", "", "Flushed bytes", Unit::bytes,
        kCounter, kMeasured, "Bytes written by flushes"},
    Row{Metric::db_flushes_total, "db_flushes_total", "", "Flushes", Unit::count, kCounter,
        kMeasured, "Memtables flushed to level 0"},
    Row{Metric::db_compactions_total, "db_compactions_total", "", "Compactions", Unit::count,
        kCounter, kMeasured, "Compactions finished"},
    Row{Metric::db_compaction_read_bytes_total, "db_compaction_read_bytes_total", "",
        "Compaction reads", Unit::bytes, kCounter, kMeasured, "Bytes read by compactions"},
    Row{Metric::db_compaction_write_bytes_total, "db_compaction_write_bytes_total", "",
        "Compaction writes", Unit::bytes, kCounter, kMeasured, "Bytes written by compactions"},
    Row{Metric::db_running_compactions, "db_running_compactions", "", "Running compactions",
        Unit::count, kGauge, kMeasured, "Compactions that run now"},
    Row{Metric::db_running_flushes, "db_running_flushes", "", "Running flushes", Unit::count,
        kGauge, kMeasured, "Flushes that run now"},
    Row{Metric::db_pending_compaction_bytes, "db_pending_compaction_bytes", "", "Compaction debt",
        Unit::bytes, kGauge, kDerived,
        "RocksDB's estimate of the bytes that compactions must rewrite, all families"},
    Row{Metric::db_memtable_bytes, "db_memtable_bytes", "", "Memtables", Unit::bytes, kGauge,
        kMeasured, "Memory of all memtables, active and immutable"},
    Row{Metric::db_immutable_memtables, "db_immutable_memtables", "", "Immutable memtables",
        Unit::count, kGauge, kMeasured, "Memtables that wait for a flush, all families"},
    Row{Metric::db_l0_files, "db_l0_files", "", "Level-0 files (worst family)", Unit::files, kGauge,
        kMeasured, "Files on level 0 in the family that has most of them"},
    Row{Metric::db_sst_files, "db_sst_files", "", "SST files", Unit::files, kGauge, kMeasured,
        "Live SST files"},
    Row{Metric::db_sst_bytes, "db_sst_bytes", "", "SST bytes", Unit::bytes, kGauge, kMeasured,
        "Bytes of live SST files"},
    Row{Metric::db_block_cache_hits_total, "db_block_cache_hits_total", "",
        "RocksDB block cache: hits", Unit::count, kCounter, kMeasured, "Blocks found in the cache"},
    Row{Metric::db_block_cache_misses_total, "db_block_cache_misses_total", "",
        "RocksDB block cache: misses", Unit::count, kCounter, kMeasured,
        "Blocks that had to be read from a file"},
    Row{Metric::db_block_cache_usage_bytes, "db_block_cache_usage_bytes", "",
        "RocksDB block cache: used", Unit::bytes, kGauge, kMeasured, "Bytes in the block cache"},
    Row{Metric::db_block_cache_capacity_bytes, "db_block_cache_capacity_bytes", "",
        "RocksDB block cache: capacity", Unit::bytes, kGauge, kMeasured,
        "Capacity of the block cache"},
    Row{Metric::db_bloom_useful_total, "db_bloom_useful_total", "", "Bloom filter: reads avoided",
        Unit::count, kCounter, kMeasured, "Reads of a file that a Bloom filter avoided"},
    Row{Metric::db_bloom_full_positive_total, "db_bloom_full_positive_total", "",
        "Bloom filter: passed", Unit::count, kCounter, kMeasured,
        "Reads of a file that a Bloom filter let through"},
    Row{Metric::db_bloom_true_positive_total, "db_bloom_true_positive_total", "",
        "Bloom filter: rightly passed", Unit::count, kCounter, kMeasured,
        "Reads of a file that a Bloom filter let through and that found the key"},
    Row{Metric::db_get_seconds, "db_get_seconds", "", "Database get", Unit::seconds, kHistogram,
        kMeasured, "Time of a point read that reached the database"},
    Row{Metric::db_multi_get_seconds, "db_multi_get_seconds", "", "Database batched read",
        Unit::seconds, kHistogram, kMeasured, "Time of a batched read that reached the database"},
    Row{Metric::db_write_seconds, "db_write_seconds", "", "Database write", Unit::seconds,
        kHistogram, kMeasured, "Time of a Write call, stalls included"},
    Row{Metric::db_table_reader_bytes, "db_table_reader_bytes", "", "Index and filter memory",
        Unit::bytes, kGauge, kMeasured,
        "Memory of index and filter blocks outside the block cache"},
    Row{Metric::db_statistics_age_seconds, "db_statistics_age_seconds", "",
        "Age of the logged statistics", Unit::seconds, kGauge, kDerived,
        "Time since the node wrote statistics into its LOG, on which logged figures stand"},
    Row{Metric::db_wal_size_bytes, "db_wal_size_bytes", "", "Write-ahead log: size", Unit::bytes,
        kGauge, kMeasured, "Size of the write-ahead log files in the directory"},
    Row{Metric::db_orphan_bytes, "db_orphan_bytes", "", "Files that no MANIFEST names", Unit::bytes,
        kGauge, kDerived,
        "SST and blob files older than the newest that the MANIFEST knows, and not named by it"},
    Row{Metric::db_estimated_keys, "db_estimated_keys", "", "Keys", Unit::count, kGauge, kDerived,
        "Entries less deletions of the live SST files, from table properties"},
    Row{Metric::db_index_bytes, "db_index_bytes", "", "Index blocks", Unit::bytes, kGauge, kDerived,
        "Index blocks of the live SST files, from table properties"},
    Row{Metric::db_filter_bytes, "db_filter_bytes", "", "Filter blocks", Unit::bytes, kGauge,
        kDerived, "Filter blocks of the live SST files, from table properties"},
    Row{Metric::db_block_cache_data_bytes, "db_block_cache_content_bytes", "role=\"data\"",
        "Block cache: data blocks", Unit::bytes, kGauge, kMeasured,
        "What the RocksDB block cache holds, by role"},
    Row{Metric::db_block_cache_index_bytes, "db_block_cache_content_bytes", "role=\"index\"",
        "Block cache: index blocks", Unit::bytes, kGauge, kMeasured,
        "What the RocksDB block cache holds, by role"},
    Row{Metric::db_block_cache_filter_bytes, "db_block_cache_content_bytes", "role=\"filter\"",
        "Block cache: filter blocks", Unit::bytes, kGauge, kMeasured,
        "What the RocksDB block cache holds, by role"},
    Row{Metric::db_stored_block_bytes, "db_stored_bytes", "kind=\"block\"", "Blocks (stored)",
        Unit::bytes, kGauge, kDerived, "Bytes of live files by what the client keeps in them"},
    Row{Metric::db_stored_header_bytes, "db_stored_bytes", "kind=\"header\"", "Headers (stored)",
        Unit::bytes, kGauge, kDerived, "Bytes of live files by what the client keeps in them"},
    Row{Metric::db_stored_state_node_bytes, "db_stored_bytes", "kind=\"statenode\"",
        "State nodes (stored)", Unit::bytes, kGauge, kDerived,
        "Bytes of live files by what the client keeps in them"},
    Row{Metric::db_stored_account_bytes, "db_stored_bytes", "kind=\"account\"", "Accounts (stored)",
        Unit::bytes, kGauge, kDerived, "Bytes of live files by what the client keeps in them"},
    Row{Metric::db_stored_storage_bytes, "db_stored_bytes", "kind=\"storage\"", "Storage (stored)",
        Unit::bytes, kGauge, kDerived, "Bytes of live files by what the client keeps in them"},
    Row{Metric::db_stored_transaction_bytes, "db_stored_bytes", "kind=\"transaction\"",
        "Transactions (stored)", Unit::bytes, kGauge, kDerived,
        "Bytes of live files by what the client keeps in them"},
    Row{Metric::db_stored_receipt_bytes, "db_stored_bytes", "kind=\"receipt\"", "Receipts (stored)",
        Unit::bytes, kGauge, kDerived, "Bytes of live files by what the client keeps in them"},
    Row{Metric::db_stored_other_bytes, "db_stored_bytes", "kind=\"other\"", "Other (stored)",
        Unit::bytes, kGauge, kDerived, "Bytes of live files that hold none of the seven kinds"},
    Row{Metric::db_stored_unknown_bytes, "db_stored_bytes", "kind=\"unknown\"",
        "Not told apart (stored)", Unit::bytes, kGauge, kDerived,
        "Bytes of live files that hold several kinds, or something nobody knows"},
    Row{Metric::system_cpu_ratio, "system_cpu_ratio", "", "CPU", Unit::ratio, kGauge, kDerived,
        "Busy share of the cores that this process may use"},
    Row{Metric::system_memory_ratio, "system_memory_ratio", "", "Memory against limit", Unit::ratio,
        kGauge, kDerived,
        "Control group: (current - inactive file) / limit; else 1 - available / total"},
    Row{Metric::system_memory_used_bytes, "system_memory_used_bytes", "", "Memory used",
        Unit::bytes, kGauge, kMeasured, "Memory in use, of the control group or the machine"},
    Row{Metric::system_memory_limit_bytes, "system_memory_limit_bytes", "", "Memory limit",
        Unit::bytes, kGauge, kMeasured, "The control group's limit, or the machine's memory"},
    Row{Metric::disk_free_bytes, "disk_free_bytes", "", "Free space", Unit::bytes, kGauge,
        kMeasured, "Space left on the directory's file system"},
    Row{Metric::disk_total_bytes, "disk_total_bytes", "", "Disk size", Unit::bytes, kGauge,
        kMeasured, "Size of the directory's file system"},
    Row{Metric::disk_free_ratio, "disk_free_ratio", "", "Free space share", Unit::ratio, kGauge,
        kDerived, "Free space divided by size"},
    Row{Metric::disk_read_latency_seconds, "disk_read_latency_seconds", "", "Disk read latency",
        Unit::seconds, kGauge, kDerived, "Time per read of the block device in the interval"},
    Row{Metric::disk_write_latency_seconds, "disk_write_latency_seconds", "", "Disk write latency",
        Unit::seconds, kGauge, kDerived, "Time per write of the block device in the interval"},
    Row{Metric::disk_read_bytes_total, "disk_read_bytes_total", "", "Disk reads", Unit::bytes,
        kCounter, kMeasured, "Bytes read from the block device, by everybody"},
    Row{Metric::disk_write_bytes_total, "disk_write_bytes_total", "", "Disk writes", Unit::bytes,
        kCounter, kMeasured, "Bytes written to the block device, by everybody"},
    Row{Metric::disk_utilisation_ratio, "disk_utilisation_ratio", "", "Disk busy", Unit::ratio,
        kGauge, kDerived, "Share of the interval in which the device had work"},
    Row{Metric::disk_queue_length, "disk_queue_length", "", "Disk queue", Unit::count, kGauge,
        kDerived, "Requests that waited or were served, on average over the interval"},
    Row{Metric::disk_growth_bytes_per_second, "disk_growth_bytes_per_second", "",
        "Growth of the database", Unit::bytes, kGauge, kDerived,
        "Bytes that live SST and blob files gain in a second, over the longest time known"},
    Row{Metric::disk_headroom_bytes, "disk_headroom_bytes", "", "Room for compaction", Unit::bytes,
        kGauge, kDerived,
        "Space that a compaction may need beside its inputs: compaction debt, or the largest "
        "level where that is not known"},
    Row{Metric::disk_seconds_until_full, "disk_seconds_until_full", "", "Time until full",
        Unit::seconds, kGauge, kDerived,
        "(free space - room for compaction) / growth; missing while the database does not grow"},
    Row{Metric::pressure_disk_some_ratio, "pressure_disk_some_ratio", "", "Waited for the disk",
        Unit::ratio, kGauge, kMeasured,
        "Share of 10 seconds in which some task of the machine waited for I/O (PSI)"},
    Row{Metric::pressure_disk_full_ratio, "pressure_disk_full_ratio", "", "All waited for the disk",
        Unit::ratio, kGauge, kMeasured,
        "Share of 10 seconds in which all busy tasks of the machine waited for I/O (PSI)"},
    Row{Metric::pressure_memory_some_ratio, "pressure_memory_some_ratio", "", "Waited for memory",
        Unit::ratio, kGauge, kMeasured,
        "Share of 10 seconds in which some task of the machine waited for memory (PSI)"},
    Row{Metric::pressure_memory_full_ratio, "pressure_memory_full_ratio", "",
        "All waited for memory", Unit::ratio, kGauge, kMeasured,
        "Share of 10 seconds in which all busy tasks of the machine waited for memory (PSI)"},
    Row{Metric::pressure_cpu_some_ratio, "pressure_cpu_some_ratio", "", "Waited for a processor",
        Unit::ratio, kGauge, kMeasured,
        "Share of 10 seconds in which some task of the machine waited for a processor (PSI)"},
    Row{Metric::process_resident_bytes, "process_resident_bytes", "", "Resident memory",
        Unit::bytes, kGauge, kMeasured, "Resident memory of the process that holds the database"},
    Row{Metric::process_anonymous_bytes, "process_anonymous_bytes", "", "Memory of its own",
        Unit::bytes, kGauge, kMeasured,
        "Resident memory of that process that no file backs: heap, memtables, caches"},
    Row{Metric::process_file_backed_bytes, "process_file_backed_bytes", "", "Mapped files",
        Unit::bytes, kGauge, kMeasured, "Resident memory of that process that files back"},
    Row{Metric::process_swap_bytes, "process_swap_bytes", "", "Swapped out", Unit::bytes, kGauge,
        kMeasured, "Memory of that process that was swapped out"},
    Row{Metric::process_cpu_seconds_total, "process_cpu_seconds_total", "", "Process CPU",
        Unit::seconds, kCounter, kMeasured, "CPU time of the process that holds the database"},
    Row{Metric::process_open_files, "process_open_files", "", "Open files", Unit::files, kGauge,
        kMeasured, "Files that the process that holds the database has open"},
    Row{Metric::process_open_files_limit, "process_open_files_limit", "", "Open files: limit",
        Unit::files, kGauge, kMeasured, "The soft limit of that process"},
    Row{Metric::process_disk_read_bytes_total, "process_disk_read_bytes_total", "",
        "Process disk reads", Unit::bytes, kCounter, kMeasured,
        "Bytes that the process that holds the database had read from disk"},
    Row{Metric::process_disk_write_bytes_total, "process_disk_write_bytes_total", "",
        "Process disk writes", Unit::bytes, kCounter, kMeasured,
        "Bytes that the process that holds the database had written to disk"},
    Row{Metric::observer_read_bytes_total, "observer_read_bytes_total", "", "Read by NodeTune",
        Unit::bytes, kCounter, kMeasured,
        "Bytes of the observed directory that NodeTune has read, page cache included"},
    Row{Metric::observer_writable_files, "observer_writable_files", "",
        "Opened for writing by NodeTune", Unit::files, kGauge, kMeasured,
        "NodeTune's open files below the observed directory that it could write to"},
    Row{Metric::observer_locks, "observer_locks", "", "Locked by NodeTune", Unit::count, kGauge,
        kMeasured, "Locks that NodeTune holds on files below the observed directory"},
    Row{Metric::workload_blocks_total, "workload_blocks_total", "", "Blocks", Unit::blocks,
        kCounter, kMeasured, "Blocks that the workload has submitted"},
    Row{Metric::workload_block_seconds, "workload_block_seconds", "", "Block time", Unit::seconds,
        kHistogram, kMeasured, "Time to read and submit one block"},
    Row{Metric::workload_missed_blocks_total, "workload_missed_blocks_total", "", "Late blocks",
        Unit::blocks, kCounter, kMeasured, "Blocks that came later than the chosen rate asked"},
};
static_assert(kRows.size() == static_cast<std::size_t>(Metric::first_cache_metric));

struct CacheRow {
  std::string_view suffix;
  std::string_view title;
  Unit unit;
  MetricKind kind;
  std::string_view help;
};

constexpr std::array<CacheRow, kCacheMetricCount> kCacheRows = {{
    {"hits_total", "hits", Unit::count, kCounter, "Lookups that the cache answered"},
    {"misses_total", "misses", Unit::count, kCounter, "Lookups that went to the database"},
    {"evictions_total", "evictions", Unit::count, kCounter, "Entries thrown out for lack of room"},
    {"insertions_total", "insertions", Unit::count, kCounter, "Entries that came in"},
    {"size", "entries", Unit::count, kGauge, "Entries inside"},
    {"bytes", "bytes", Unit::bytes, kGauge, "Memory of the entries, allocations included"},
    {"capacity_bytes", "capacity", Unit::bytes, kGauge, "What the cache may hold"},
}};

std::vector<MetricInfo> build_catalogue() {
  std::vector<MetricInfo> all;
  all.reserve(kMetricCount);
  for (const auto& row : kRows) {
    assert(nodetune::index_of(row.id) == all.size());
    all.push_back({row.id, std::string(row.name), std::string(row.label), std::string(row.title),
                   row.unit, row.kind, row.source, std::string(row.help)});
  }
  for (std::size_t index = 0; index < kCacheMetricCount; ++index) {
    const auto& row = kCacheRows[index];
    for (const auto kind : kObjectKinds) {
      all.push_back({cache_metric(static_cast<CacheMetric>(index), kind),
                     fmt::format("cache_{}_{}", metric_name(kind), row.suffix), "",
                     fmt::format("{} (object cache): {}", display_name(kind), row.title), row.unit,
                     row.kind, kMeasured, std::string(row.help)});
    }
  }
  return all;
}

}  // namespace

std::string_view to_string(Unit unit) {
  static constexpr std::array<std::string_view, 8> kNames = {
      "count", "bytes", "seconds", "ratio", "operations", "blocks", "files", "pages"};
  return kNames[static_cast<std::size_t>(unit)];
}

std::string_view to_string(MetricKind kind) {
  static constexpr std::array<std::string_view, 3> kNames = {"counter", "gauge", "histogram"};
  return kNames[static_cast<std::size_t>(kind)];
}

std::string_view to_string(Source source) {
  static constexpr std::array<std::string_view, 4> kNames = {"measured", "derived", "logged",
                                                             "scraped"};
  return kNames[static_cast<std::size_t>(source)];
}

std::span<const MetricInfo> catalogue() {
  static const std::vector<MetricInfo> all = build_catalogue();
  return all;
}

const MetricInfo& info(Metric metric) {
  return catalogue()[nodetune::index_of(metric)];
}

double histogram_scale(Metric metric) {
  return info(metric).unit == Unit::seconds ? 1e-6 : 1.0;
}

std::optional<Metric> metric_from(std::string_view name, std::string_view label) {
  const auto all = catalogue();
  const auto found = std::find_if(all.begin(), all.end(), [&](const MetricInfo& metric) {
    return metric.name == name && metric.label == label;
  });
  if (found == all.end()) return std::nullopt;
  return found->id;
}

}  // namespace nodetune
