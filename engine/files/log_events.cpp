// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/files/log_events.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <utility>

#include "engine/base/format.h"
#include "engine/files/file_reader.h"
#include "engine/files/flat_json.h"
#include "engine/files/level_max.h"

namespace nodetune {
namespace {

constexpr std::array<std::pair<std::string_view, LogEventKind>, 12> kKinds = {{
    {"flush_started", LogEventKind::flush_started},
    {"flush_finished", LogEventKind::flush_finished},
    {"compaction_started", LogEventKind::compaction_started},
    {"compaction_finished", LogEventKind::compaction_finished},
    {"table_file_creation", LogEventKind::table_file_creation},
    {"table_file_deletion", LogEventKind::table_file_deletion},
    {"trivial_move", LogEventKind::trivial_move},
    {"blob_file_creation", LogEventKind::blob_file_creation},
    {"blob_file_deletion", LogEventKind::blob_file_deletion},
    {"ingest_finished", LogEventKind::ingest_finished},
    {"recovery_started", LogEventKind::recovery_started},
    {"recovery_finished", LogEventKind::recovery_finished},
}};

constexpr std::size_t kExcerptBytes = 80;
// Beyond this no count, size or time is true, and adding such numbers up could overflow.
constexpr std::int64_t kIntegerMax = std::int64_t{1} << 53;

std::optional<std::int64_t> figure(const FlatJson::Member& member) {
  const auto value = member.integer();
  if (!value || *value > kIntegerMax || *value < -kIntegerMax) return std::nullopt;
  return value;
}

// "[21, 19, 15, 10]".
std::int64_t length_of(std::string_view list) {
  std::int64_t length = 0;
  FlatList elements(list);
  while (!elements.next().empty()) ++length;
  return length;
}

// "files_L0": [21, 19, 15, 10].
void read_input_files(std::string_view level_digits, std::string_view list, LogEvent& event) {
  const auto level = parse_file_number(level_digits);
  if (!level || *level > kLevelMax || !list.starts_with('[')) return;
  const auto number = static_cast<std::int64_t>(*level);
  event.input_level = std::min(event.input_level.value_or(number), number);
  event.input_files = event.input_files.value_or(0) + length_of(list);
}

void read_levels(std::string_view list, LogEvent& event) {
  FlatList elements(list);
  for (auto files = elements.next(); !files.empty(); files = elements.next()) {
    if (event.files_per_level.size() > kLevelMax) return;
    event.files_per_level.push_back(parse_integer(files).value_or(0));
  }
}

using Figure = std::optional<std::int64_t> LogEvent::*;
constexpr std::array<std::pair<std::string_view, Figure>, 16> kFigures = {{
    {"job", &LogEvent::job},
    {"file_number", &LogEvent::file_number},
    {"file_size", &LogEvent::file_bytes},
    {"total_blob_bytes", &LogEvent::file_bytes},
    {"input_data_size", &LogEvent::input_bytes},
    {"total_output_size", &LogEvent::output_bytes},
    {"total_files_size", &LogEvent::output_bytes},
    {"memory_usage", &LogEvent::memtable_bytes},
    {"num_memtables", &LogEvent::memtables},
    {"total_num_input_entries", &LogEvent::entries},
    {"num_entries", &LogEvent::entries},
    {"num_input_records", &LogEvent::input_records},
    {"num_output_records", &LogEvent::output_records},
    {"num_output_files", &LogEvent::output_files},
    {"output_level", &LogEvent::output_level},
    {"destination_level", &LogEvent::output_level},
}};

// Of the figures, bit by bit, those whose key has so many characters: asked for every member of
// millions of events.
constexpr std::size_t kFigureKeyBytesMax = 31;
constexpr auto kFiguresBySize = [] {
  std::array<std::uint32_t, kFigureKeyBytesMax + 1> masks{};
  for (std::size_t i = 0; i < kFigures.size(); ++i) masks[kFigures[i].first.size()] |= 1U << i;
  return masks;
}();

// The figure of this key; nothing: it is none.
std::optional<Figure> figure_of(std::string_view key) {
  auto candidates = key.size() <= kFigureKeyBytesMax ? kFiguresBySize[key.size()] : 0;
  for (; candidates != 0; candidates &= candidates - 1) {
    const auto& [name, where] = kFigures[static_cast<std::size_t>(std::countr_zero(candidates))];
    if (key == name) return where;
  }
  return std::nullopt;
}

void read_text(const FlatJson::Member& member, LogEvent& event) {
  const auto key = member.key;
  if (key == "event") {
    event.name = member.value;
    event.kind = parse_event_kind(member.value);
  } else if (key == "cf_name") {
    event.column_family = std::string(member.value);
  } else if (key == "flush_reason" || key == "compaction_reason") {
    event.reason = member.value;
  } else if (key == "status") {
    event.status = member.value;
  } else if (key == "output_compression") {
    event.output_compression = member.value;
  }
}

void read_member(const FlatJson::Member& member, LogEvent& event) {
  if (member.is_string) return read_text(member, event);
  constexpr std::string_view kFiles = "files_L";
  const auto key = member.key;
  if (const auto where = figure_of(key)) {
    if (!(event.**where)) event.** where = figure(member);
  } else if (key == "time_micros") {
    if (const auto since_epoch = figure(member)) event.time = TimePoint(Duration(*since_epoch));
  } else if (key == "compaction_time_micros" || key == "compaction_time_cpu_micros") {
    const auto value = figure(member);
    auto& time = key == "compaction_time_micros" ? event.run_time : event.cpu_time;
    if (value) time = Duration(*value);
  } else if (key == "lsm_state") {
    read_levels(member.value, event);
  } else if (key == "wal_files" || key == "log_files") {
    if (member.value.starts_with('[')) event.wal_files = length_of(member.value);
  } else if (key.starts_with(kFiles)) {
    read_input_files(key.substr(kFiles.size()), member.value, event);
  }
}

// What follows `key` and blanks.
std::optional<std::string_view> rest_after(std::string_view json, std::string_view key) {
  const auto at = json.find(key);
  if (at == std::string_view::npos) return std::nullopt;
  auto rest = json.substr(at + key.size());
  while (rest.starts_with(' ')) rest.remove_prefix(1);
  return rest;
}

}  // namespace

std::string_view to_string(LogEventKind kind) {
  for (const auto& [name, each] : kKinds) {
    if (each == kind) return name;
  }
  return "other";
}

LogEventKind parse_event_kind(std::string_view name) {
  for (const auto& [each, kind] : kKinds) {
    if (each == name) return kind;
  }
  return LogEventKind::other;
}

std::optional<std::string_view> event_json(std::string_view message) {
  constexpr std::string_view kMark = "EVENT_LOG_v1 ";
  if (!message.starts_with(kMark)) return std::nullopt;
  return message.substr(kMark.size());
}

std::string_view event_name(std::string_view json) {
  const auto rest = rest_after(json, "\"event\":");
  if (!rest || !rest->starts_with('"')) return {};
  const auto close = rest->find('"', 1);
  return close == std::string_view::npos ? std::string_view{} : rest->substr(1, close - 1);
}

std::optional<TimePoint> event_time(std::string_view json) {
  const auto rest = rest_after(json, "\"time_micros\":");
  if (!rest) return std::nullopt;
  Duration::rep value = 0;
  const auto [end, error] = std::from_chars(rest->data(), rest->data() + rest->size(), value);
  if (error != std::errc() || value < 0 || value > kIntegerMax) return std::nullopt;
  return TimePoint(Duration(value));
}

Result<LogEvent> parse_log_event(std::string_view json) {
  // Behind the closing brace other text may stand; in front of it nothing does.
  // Most of a file's creation is its table's properties, which nobody asks for here.
  FlatJson members(json.substr(0, json.rfind('}') + 1), "table_properties");
  LogEvent event;
  FlatJson::Member member;
  while (members.next(member)) {
    read_member(member, event);
    if (event.kind == LogEventKind::table_file_deletion) return event;
  }
  if (!members.is_whole()) {
    return Status(StatusCode::corrupt, fmt::format("is no whole LOG event: {}",
                                                   escape_name(json.substr(0, kExcerptBytes))));
  }
  return event;
}

}  // namespace nodetune
