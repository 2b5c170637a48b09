// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/metrics/snapshot.h"

namespace nodetune {

Source Snapshot::source(Metric metric) const {
  const auto found = sources.find(metric);
  return found == sources.end() ? info(metric).source : found->second;
}

void Snapshot::derive_from(const Snapshot& before) {
  sequence = before.sequence + 1;
  interval_seconds = to_seconds(taken_at - before.taken_at);
  if (interval_seconds <= 0) {
    interval_seconds = kMissing;
    return;
  }
  for (const auto& metric : catalogue()) {
    if (metric.kind != MetricKind::counter) continue;
    const double gained = value(metric.id) - before.value(metric.id);  // NaN if either is missing
    if (gained >= 0) rates[nodetune::index_of(metric.id)] = gained / interval_seconds;
  }
  for (const auto& [metric, counts] : totals) {
    const auto old = before.totals.find(metric);
    if (old != before.totals.end() && counts.count >= old->second.count) {
      deltas[metric] = counts.since(old->second);
    }
  }
}

}  // namespace nodetune
