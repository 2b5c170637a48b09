// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/node/figures.h"

namespace nodetune {

void fill_caches(const CacheManager& caches, Snapshot& snapshot) {
  double bytes = 0;
  double capacity = 0;
  for (const auto kind : kObjectKinds) {
    const auto counters = caches.counters(kind);
    const auto set = [&](CacheMetric metric, std::uint64_t value) {
      snapshot.set(cache_metric(metric, kind), static_cast<double>(value));
    };
    set(CacheMetric::hits, counters.hits);
    set(CacheMetric::misses, counters.misses);
    set(CacheMetric::evictions, counters.evictions);
    set(CacheMetric::insertions, counters.insertions);
    set(CacheMetric::size, counters.entries);
    set(CacheMetric::bytes, counters.bytes);
    set(CacheMetric::capacity_bytes, counters.capacity_bytes);
    bytes += static_cast<double>(counters.bytes);
    capacity += static_cast<double>(counters.capacity_bytes);
  }
  snapshot.set(Metric::cache_memory_usage_bytes, bytes);
  snapshot.set(Metric::cache_capacity_bytes, capacity);
}

void fill_batches(const BatchFigures& now, const BatchFigures& before, Snapshot& snapshot) {
  const auto set = [&](Metric metric, std::uint64_t value) {
    snapshot.set(metric, static_cast<double>(value));
  };
  snapshot.totals[Metric::batch_size] = now.sizes;
  snapshot.totals[Metric::batch_duration_seconds] = now.durations;
  for (const auto type : kOperationTypes) {
    const auto metric =
        static_cast<Metric>(nodetune::index_of(Metric::batch_operations_put) + index_of(type));
    set(metric, now.operations[index_of(type)]);
  }
  set(Metric::batch_commits_total, now.commits);
  set(Metric::batch_commit_failures_total, now.commit_failures);
  set(Metric::batch_bytes_total, now.bytes_committed);
  set(Metric::batch_pending_operations, now.pending_operations);
  set(Metric::batch_pending_bytes, now.pending_bytes);
  set(Metric::batch_auto_commit_threshold, static_cast<std::uint64_t>(now.auto_commit_threshold));
  for (const auto path : kWritePaths) {
    const auto metric =
        static_cast<Metric>(nodetune::index_of(Metric::batch_commits_as_given) + index_of(path));
    set(metric, now.paths[index_of(path)].commits);
  }
  snapshot.totals[Metric::batch_sync_seconds] = now.syncs;
  set(Metric::batch_waiting_callers, now.waiting_submits);
  snapshot.set(Metric::batch_wait_seconds, now.longest_wait_seconds);
  set(Metric::batch_failing, now.failing ? 1 : 0);

  const auto operations =
      static_cast<double>(now.operations_committed - before.operations_committed);
  const double commit_seconds = (now.durations.sum - before.durations.sum) * 1e-6;
  if (operations <= 0) return;  // nothing was committed: both stay missing
  if (commit_seconds > 0) {
    snapshot.set(Metric::batch_operations_per_second, operations / commit_seconds);
  }
  snapshot.set(Metric::batch_operation_size_bytes,
               static_cast<double>(now.bytes_committed - before.bytes_committed) / operations);
}

WorkloadState workload_state(DriverState state) {
  switch (state) {
    case DriverState::idle:
      return WorkloadState::idle;
    case DriverState::preparing:
      return WorkloadState::preparing;
    case DriverState::running:
      return WorkloadState::running;
    case DriverState::paused:
      return WorkloadState::paused;
    case DriverState::finished:
      return WorkloadState::finished;
    case DriverState::stopped:
      return WorkloadState::stopped;
    case DriverState::failed:
      return WorkloadState::failed;
  }
  return WorkloadState::none;
}

void fill_workload(const DriverFigures& figures, Snapshot& snapshot) {
  snapshot.set(Metric::workload_blocks_total, static_cast<double>(figures.blocks));
  snapshot.set(Metric::workload_missed_blocks_total, static_cast<double>(figures.late_blocks));
  snapshot.totals[Metric::workload_block_seconds] = figures.block_times;
}

}  // namespace nodetune
