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
void read_input_level(std::string_view level_digits, std::string_view list, LogEvent& event) {
  const auto level = parse_file_number(level_digits);
  if (!level || *level > kLevelMax || !list.starts_with('[')) return;
  const auto number = static_cast<std::int64_t>(*level);
  event.input_level = std::min(event.input_level.value_or(number), number);
}

// The first of two spellings counts.
template <std::optional<std::int64_t> LogEvent::*kWhere>
void read_figure(const FlatJson::Member& member, LogEvent& event) {
  if (!(event.*kWhere)) event.*kWhere = figure(member);
}

template <typename Value, std::optional<Value> LogEvent::*kWhere>
void read_micros(const FlatJson::Member& member, LogEvent& event) {
  if (const auto micros = figure(member)) event.*kWhere = Value(Duration(*micros));
}

void read_name(const FlatJson::Member& member, LogEvent& event) {
  if (!member.is_string) return;
  event.name = member.value;
  event.kind = parse_event_kind(member.value);
}

void read_family(const FlatJson::Member& member, LogEvent& event) {
  if (member.is_string) event.column_family = member.value;
}

void read_reason(const FlatJson::Member& member, LogEvent& event) {
  if (member.is_string) event.reason = member.value;
}

void read_wal_files(const FlatJson::Member& member, LogEvent& event) {
  if (!member.is_string && member.value.starts_with('[')) event.wal_files = length_of(member.value);
}

struct Field {
  std::string_view key;
  void (*read)(const FlatJson::Member& member, LogEvent& event);
};
constexpr std::array<Field, 19> kFields = {{
    {"event", read_name},
    {"job", read_figure<&LogEvent::job>},
    {"time_micros", read_micros<TimePoint, &LogEvent::time>},
    {"cf_name", read_family},
    {"flush_reason", read_reason},
    {"compaction_reason", read_reason},
    {"compaction_time_micros", read_micros<Duration, &LogEvent::run_time>},
    {"file_size", read_figure<&LogEvent::file_bytes>},
    {"total_blob_bytes", read_figure<&LogEvent::file_bytes>},
    {"input_data_size", read_figure<&LogEvent::input_bytes>},
    {"total_output_size", read_figure<&LogEvent::output_bytes>},
    {"total_files_size", read_figure<&LogEvent::output_bytes>},
    {"memory_usage", read_figure<&LogEvent::memtable_bytes>},
    {"total_num_input_entries", read_figure<&LogEvent::entries>},
    {"num_entries", read_figure<&LogEvent::entries>},
    {"output_level", read_figure<&LogEvent::output_level>},
    {"destination_level", read_figure<&LogEvent::output_level>},
    {"wal_files", read_wal_files},
    {"log_files", read_wal_files},
}};

// Of the fields, bit by bit, those whose key has so many characters: asked for every member of
// millions of events.
constexpr std::size_t kKeyBytesMax = 31;
constexpr auto kFieldsBySize = [] {
  std::array<std::uint32_t, kKeyBytesMax + 1> masks{};
  for (std::size_t i = 0; i < kFields.size(); ++i) masks[kFields[i].key.size()] |= 1U << i;
  return masks;
}();

void read_member(const FlatJson::Member& member, LogEvent& event) {
  constexpr std::string_view kFiles = "files_L";
  const auto key = member.key;
  auto candidates = key.size() <= kKeyBytesMax ? kFieldsBySize[key.size()] : 0;
  for (; candidates != 0; candidates &= candidates - 1) {
    const auto& field = kFields[static_cast<std::size_t>(std::countr_zero(candidates))];
    if (key == field.key) return field.read(member, event);
  }
  if (!member.is_string && key.starts_with(kFiles)) {
    read_input_level(key.substr(kFiles.size()), member.value, event);
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
    // When they were is all that is asked of these, and stands in front of their names.
    const bool told = event.kind == LogEventKind::table_file_deletion ||
                      (event.kind == LogEventKind::flush_finished && event.job && event.time);
    if (told) return event;
  }
  if (!members.is_whole()) {
    return Status(StatusCode::corrupt, fmt::format("is no whole LOG event: {}",
                                                   escape_name(json.substr(0, kExcerptBytes))));
  }
  return event;
}

}  // namespace nodetune
