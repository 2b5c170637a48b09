// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/base/clock.h"
#include "engine/base/status.h"
#include "engine/files/eight_bytes.h"
#include "engine/files/flat_json.h"

namespace nodetune {

enum class LogEventKind {
  flush_started,
  flush_finished,
  compaction_started,
  compaction_finished,
  table_file_creation,
  table_file_deletion,
  trivial_move,
  blob_file_creation,
  blob_file_deletion,
  ingest_finished,
  recovery_started,
  recovery_finished,
  other,
};
constexpr std::size_t kLogEventKindCount = 13;

// What one EVENT_LOG_v1 entry tells of jobs. What an event or a version does not say is missing.
//
// Lifetime: views into the text that it was parsed from.
struct LogEvent {
  LogEventKind kind = LogEventKind::other;
  std::string_view name;                          // "flush_started", as written
  std::optional<TimePoint> time;                  // UTC, of time_micros
  std::optional<std::int64_t> job;                // counts anew with every open
  std::optional<std::string_view> column_family;  // raw bytes
  std::optional<std::int64_t> file_bytes;         // table_file_creation, blob_file_creation
  std::optional<std::int64_t> input_bytes;        // compaction_started
  std::optional<std::int64_t> output_bytes;       // compaction_finished, trivial_move
  std::optional<std::int64_t> memtable_bytes;     // flush_started
  std::optional<std::int64_t> entries;            // flush_started (either spelling)
  std::optional<std::int64_t> output_level;       // compaction_finished, trivial_move
  std::optional<std::int64_t> input_level;        // compaction_started: the lowest number
  std::optional<std::int64_t> wal_files;          // recovery_started
  std::optional<Duration> run_time;               // compaction_finished
  std::string_view reason;                        // of a flush or compaction; may be empty
};

std::string_view to_string(LogEventKind kind);
LogEventKind parse_event_kind(std::string_view name);

// What stands behind EVENT_LOG_v1 in a message; nothing where it is no event.
inline std::optional<std::string_view> event_json(std::string_view message) {
  // Static: otherwise it is built anew for every record.
  static constexpr char kMark[] = "EVENT_LOG_v1 ";
  if (!begins_with(message, kMark)) return std::nullopt;
  return message.substr(sizeof kMark - 1);
}

// The event's name by a mere search: works on half and mangled lines too. Empty if there is none.
std::string_view event_name(std::string_view json);
// Likewise time_micros.
std::optional<TimePoint> event_time(std::string_view json);

// Reads events that follow each other: nearly all are written as the last of their kind was, so
// that what stands between their values is compared with it, not parsed.
//
// RocksDB writes names unescaped, so that they are taken as they stand, control bytes and all. What
// is not looked at may be damaged: a file's table properties, and all that follows the name of a
// table_file_deletion, which half of all events are, or of a flush_finished.
// Invariant: what an event tells does not depend on those before it. Thread: its owner's.
class LogEventReader {
 public:
  // `event` is a new one: zeroing an old one costs as much as reading half a line. A half line is
  // an error (corrupt).
  Status read(std::string_view json, LogEvent& event);

 private:
  enum class Use {
    none,
    figure,
    name,
    column_family,
    reason,
    time,
    run_time,
    wal_files,
    input_level,
  };
  // A member, as the last event of the kind had it.
  struct Step {
    ShortText front;  // of FlatJson; empty: it is too long
    Use use = Use::none;
    std::optional<std::int64_t> LogEvent::*figure = nullptr;
    std::int64_t level = 0;  // of input_level
  };
  struct Field;
  static constexpr std::size_t kStepsMax = 24;  // more than nearly all events have

  static Step step_of(std::string_view key);
  static void take(const FlatJson::Member& member, const Step& step, LogEvent& event);
  static bool learn(FlatJson& members, FlatJson::Member& member, Step& step);

  std::array<std::array<Step, kStepsMax>, kLogEventKindCount> steps_;  // by kind
};

}  // namespace nodetune
