// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/clock.h"
#include "engine/base/missing.h"
#include "engine/base/stall_cause.h"
#include "engine/metrics/catalogue.h"
#include "engine/metrics/histogram.h"
#include "engine/metrics/problem.h"

namespace nodetune {

// One level of one family's LSM tree.
struct LevelFigures {
  std::string family;  // printable
  int level = 0;
  std::int64_t files = 0;
  std::int64_t bytes = 0;
  double score = kMissing;                // compaction score; above 1 the level is over its target
  double write_amplification = kMissing;  // bytes written ÷ bytes that came in, since open
  double read_bytes = kMissing;           // by compactions into this level, since open
  double write_bytes = kMissing;
  double target_bytes = kMissing;  // what the level may hold before it is compacted; derived
  double debt_bytes = kMissing;    // that compactions must rewrite because of this level; derived
};

struct FamilyFigures {
  std::string name;  // printable
  std::int64_t files = 0;
  std::int64_t bytes = 0;
  double estimated_keys = kMissing;
  double memtable_bytes = kMissing;
  double immutable_memtables = kMissing;
  double l0_files = kMissing;
  double pending_compaction_bytes = kMissing;
  double index_bytes = kMissing;   // index blocks of its live files; derived from table properties
  double filter_bytes = kMissing;  // filter blocks, likewise
  std::string role = {};           // "state trie nodes", as this client uses it; empty: unknown
};

// What live files hold of one kind of object.
struct KindFigures {
  std::optional<ObjectKind> kind;  // nothing: none of the seven
  bool told_apart = true;          // false: several kinds, or something nobody knows
  std::int64_t files = 0;
  std::int64_t bytes = 0;  // blob files included
  double estimated_keys = kMissing;
};

// Six conditions, told apart.
struct StallCount {
  StallCause cause = StallCause::memtables;
  bool stopped = false;     // else slowed down
  std::uint64_t count = 0;  // since the database was opened, as RocksDB counts
};

// The state at one moment: what charts and tables show.
//
// Immutable once published. A figure that nobody could read is missing (NaN), never zero.
struct Snapshot {
  Snapshot() {
    values.fill(kMissing);
    rates.fill(kMissing);
  }

  std::uint64_t sequence = 0;
  TimePoint taken_at{};
  double interval_seconds = kMissing;  // measured, since the snapshot before; missing in the first

  std::array<double, kMetricCount> values;   // counters: total since open; gauges: now
  std::array<double, kMetricCount> rates;    // counters: per second over interval_seconds
  std::map<Metric, HistogramCounts> totals;  // histograms since open
  std::map<Metric, HistogramCounts> deltas;  // histograms over interval_seconds

  std::vector<LevelFigures> levels;
  std::vector<FamilyFigures> families;
  std::vector<StallCount> stalls;
  std::vector<KindFigures> kinds;    // of a foreign node; empty: nothing is known of its keys
  std::vector<Problem> problems;     // of a foreign node, as they are now
  std::map<Metric, Source> sources;  // where it is not the catalogue's

  Source source(Metric metric) const;
  double value(Metric metric) const { return values[nodetune::index_of(metric)]; }
  double rate(Metric metric) const { return rates[nodetune::index_of(metric)]; }
  void set(Metric metric, double value) { values[nodetune::index_of(metric)] = value; }

  // Fills interval, rates and deltas from the snapshot before. A counter that went back (a reopen)
  // has no rate in this interval.
  void derive_from(const Snapshot& before);
};

}  // namespace nodetune
