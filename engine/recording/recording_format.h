// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/clock.h"
#include "engine/metrics/snapshot.h"

namespace nodetune {

// What a recording is made of: one SQLite file.
//
//   meta(key, value)               whose recording it is, who made it
//   metrics(id, name, label)       the numbers that samples use for the catalogue's metrics
//   samples(id, level, time, seconds, figures)   level 0: as seen; 1, 2, 3: thinned to 10 s, 1 min
//                                  and 10 min
//   events(sequence, time, severity, category, source, family, text)
//   jobs(id, kind, family, began, ended, input_level, output_level, input_bytes, output_bytes,
//        reason, source)   flushes and compactions that have ended; old files have none
//   documents(name, value)         the newest of a kind: description, knobs, state; JSON
//
// Times are microseconds since the epoch, UTC. `figures`: for each metric its number (2 bytes) and
// value (8 bytes, IEEE 754), little-endian; a counter's value is its rate per second over
// `seconds`.
inline constexpr std::int32_t kRecordingApplication = 0x4e54524b;  // "NTRK"
inline constexpr int kRecordingSchema = 1;

struct RecordedSample {
  TimePoint time{};
  double seconds = kMissing;  // that it covers; missing: nothing was known just before
  std::vector<std::pair<Metric, double>> figures;  // counters: per second; only what is known
};

RecordedSample sample_of(const Snapshot& snapshot);
// Without totals, levels, families and stalls: those stand in the document "state".
Snapshot snapshot_of(const RecordedSample& sample);

struct RecordedEvent {
  std::int64_t sequence = 0;  // of the recording
  TimePoint time{};
  std::string severity;
  std::string category;
  std::string source;
  std::string family;
  std::string text;
};

// A flush or a compaction that has ended.
struct RecordedJob {
  std::string kind;  // "flush", "compaction"
  std::string family;
  TimePoint begin{};
  TimePoint end{};
  std::optional<std::int64_t> input_level;  // what is not known is NULL
  std::optional<std::int64_t> output_level;
  std::optional<std::int64_t> input_bytes;
  std::optional<std::int64_t> output_bytes;
  std::string reason;
  std::string source;
};

// How a metric is named wherever a recording is text: "cache_hits{kind=\"block\"}".
std::string figure_name(const MetricInfo& metric);

enum class RecordingKind : std::uint8_t {
  none,
  file,   // SQLite, as above
  stream  // JSON lines, see recording_stream.h
};
// Of a regular file, by its first bytes; whether it is whole only opening it tells.
RecordingKind recording_kind(const std::string& path);
bool is_recording(const std::string& path);

}  // namespace nodetune
