// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/files/log_events.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "engine/base/format.h"
#include "engine/files/eight_bytes.h"
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

// Not as an optional: whole copies of one whose parts were just written stall the processor.
[[gnu::always_inline]] inline bool take_figure(const FlatJson::Member& member,
                                               std::int64_t& value) {
  if (member.has_number) {
    value = member.number;
  } else {
    const auto other = member.integer();
    if (!other) return false;
    value = *other;
  }
  return value <= kIntegerMax && value >= -kIntegerMax;
}

bool is_list(const FlatJson::Member& member) {
  return !member.is_string && member.value.starts_with('[');
}

// "[21, 19, 15, 10]".
std::int64_t length_of(std::string_view list) {
  std::int64_t length = 0;
  FlatList elements(list);
  while (!elements.next().empty()) ++length;
  return length;
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
    if (same_bytes(each, name)) return kind;
  }
  return LogEventKind::other;
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

struct LogEventReader::Field {
  std::string_view key;
  Use use;
  std::optional<std::int64_t> LogEvent::*figure = nullptr;  // of two spellings, the first counts
};

LogEventReader::Step LogEventReader::step_of(std::string_view key) {
  static constexpr std::array<Field, 19> kFields = {{
      {"event", Use::name},
      {"job", Use::figure, &LogEvent::job},
      {"time_micros", Use::time},
      {"cf_name", Use::column_family},
      {"flush_reason", Use::reason},
      {"compaction_reason", Use::reason},
      {"compaction_time_micros", Use::run_time},
      {"file_size", Use::figure, &LogEvent::file_bytes},
      {"total_blob_bytes", Use::figure, &LogEvent::file_bytes},
      {"input_data_size", Use::figure, &LogEvent::input_bytes},
      {"total_output_size", Use::figure, &LogEvent::output_bytes},
      {"total_files_size", Use::figure, &LogEvent::output_bytes},
      {"memory_usage", Use::figure, &LogEvent::memtable_bytes},
      {"total_num_input_entries", Use::figure, &LogEvent::entries},
      {"num_entries", Use::figure, &LogEvent::entries},
      {"output_level", Use::figure, &LogEvent::output_level},
      {"destination_level", Use::figure, &LogEvent::output_level},
      {"wal_files", Use::wal_files},
      {"log_files", Use::wal_files},
  }};
  constexpr std::string_view kFiles = "files_L";  // "files_L0": [21, 19, 15, 10]
  Step step;
  for (const auto& [each, use, figure] : kFields) {
    if (!same_bytes(key, each)) continue;
    step.use = use;
    step.figure = figure;
    return step;
  }
  if (!key.starts_with(kFiles)) return step;
  const auto level = parse_file_number(key.substr(kFiles.size()));
  if (!level || *level > kLevelMax) return step;
  step.use = Use::input_level;
  step.level = static_cast<std::int64_t>(*level);
  return step;
}

Status LogEventReader::read(std::string_view json, LogEvent& event) {
  // Behind the closing brace other text may stand; in front of it nothing does.
  // Most of a file's creation is its table's properties, which nobody asks for here.
  FlatJson members(json.substr(0, json.rfind('}') + 1), "table_properties");
  FlatJson::Member member;
  for (std::size_t i = 0;; ++i) {
    auto& step = steps_[static_cast<std::size_t>(event.kind)][std::min(i, kStepsMax - 1)];
    if (!members.next_behind(step.front, member) && !learn(members, member, step)) break;
    take(member, step, event);
    // When they were is all that is asked of these, and stands in front of their names.
    const bool told = event.kind == LogEventKind::table_file_deletion ||
                      (event.kind == LogEventKind::flush_finished && event.job && event.time);
    if (told) return Status::ok();
  }
  if (members.is_whole()) return Status::ok();
  return {StatusCode::corrupt,
          fmt::format("is no whole LOG event: {}", escape_name(json.substr(0, kExcerptBytes)))};
}

bool LogEventReader::learn(FlatJson& members, FlatJson::Member& member, Step& step) {
  if (!members.next(member)) return false;
  step = step_of(member.key);
  const auto front = members.front();
  if (front.size() <= ShortText::kBytesMax) step.front = ShortText(front);
  return true;
}

[[gnu::always_inline]] inline void LogEventReader::take(const FlatJson::Member& member,
                                                        const Step& step, LogEvent& event) {
  std::int64_t value = 0;
  switch (step.use) {
    case Use::none:
      return;
    case Use::figure:
      if (auto& told = event.*step.figure; !told && take_figure(member, value)) told = value;
      return;
    case Use::name:
      if (!member.is_string) return;
      event.name = member.value;
      event.kind = parse_event_kind(member.value);
      return;
    case Use::column_family:
      if (member.is_string) event.column_family = member.value;
      return;
    case Use::reason:
      if (member.is_string) event.reason = member.value;
      return;
    case Use::time:
      if (take_figure(member, value)) event.time = TimePoint(Duration(value));
      return;
    case Use::run_time:
      if (take_figure(member, value)) event.run_time = Duration(value);
      return;
    case Use::wal_files:
      if (is_list(member)) event.wal_files = length_of(member.value);
      return;
    case Use::input_level:
      if (!is_list(member)) return;
      event.input_level = std::min(event.input_level.value_or(step.level), step.level);
      return;
  }
}

}  // namespace nodetune
