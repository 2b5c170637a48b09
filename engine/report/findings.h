// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/report/report.h"

// What a report says beyond what it was given: figures over its whole time, what stalled, what
// differs. Pure functions.

namespace nodetune {

// A counter or gauge over the whole report; nothing where there is no data.
struct SeriesTotal {
  double gained = kMissing;  // counters
  double mean = kMissing;    // counters: per second
  double max = kMissing;     // counters: per second
  double seconds = 0;        // covered by samples
};
std::optional<SeriesTotal> total_of(const Report& report, Metric metric);

// One of the six conditions that slow down or stop writers.
struct StallRow {
  StallCause cause = StallCause::memtables;
  bool stopped = false;
  double entered = kMissing;     // in the report's time
  double since_open = kMissing;  // as RocksDB counts; from outside: as its last statistics say
  // Derived: RocksDB counts stalled time without its cause; each column's time is given to the
  // conditions entered in it, else to those entered last.
  double seconds = kMissing;
};
// Empty where nothing is known of stalls.
std::vector<StallRow> stall_rows(const Report& report);

// What a maintainer wants to read around a stall: so much before and after.
inline constexpr Duration kAroundStall = std::chrono::minutes(2);

// The middle of the column in which writers waited longest, or the newest stall event.
std::optional<TimePoint> worst_stall(const Report& report);
// Flushes, compactions, stalls and errors from `span` before `time` to `span` after, ascending.
std::vector<NodeEvent> events_around(const Report& report, TimePoint time, Duration span);

// An option whose value is not RocksDB's default, in the sections that have this value.
struct ChangedOption {
  std::string section;  // "DBOptions"; of families: "CFOptions", without the names
  std::string name;
  std::string value;
  std::string usual;                  // the default
  std::vector<std::string> families;  // empty: of the whole database
  bool in_all_families = false;
};
std::vector<ChangedOption> changed_options(const Report& report);

// What NodeTune gives a new database of its own; nothing where another program decides.
std::optional<std::int64_t> usual_value(const Report& report, Knob knob);
// Whether the knob is known to have another value than the usual one.
bool is_changed(const Report& report, const KnobState& knob);

}  // namespace nodetune
