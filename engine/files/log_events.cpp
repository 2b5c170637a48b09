// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/files/log_events.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <nlohmann/json.hpp>
#include <utility>

#include "engine/base/format.h"
#include "engine/files/file_reader.h"

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

// JSON forbids raw control bytes and bytes that are not UTF-8; both become \u00NN, which
// `raw_bytes` turns back.
std::string escape_raw_bytes(std::string_view json) {
  std::string result;
  result.reserve(json.size() + 16);
  bool in_string = false;
  bool escaped = false;
  for (const char c : json) {
    const auto byte = static_cast<unsigned char>(c);
    if (in_string && (byte < 0x20 || byte >= 0x80)) {
      fmt::format_to(std::back_inserter(result), "\\u{:04x}", byte);
      escaped = false;
      continue;
    }
    if (c == '"' && !escaped) in_string = !in_string;
    escaped = in_string && c == '\\' && !escaped;
    result += c;
  }
  return result;
}

// Two UTF-8 bytes that stand for a code point below 256 become that one byte again.
std::string raw_bytes(const std::string& text) {
  std::string result;
  result.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if ((byte == 0xC2 || byte == 0xC3) && i + 1 < text.size()) {
      const auto next = static_cast<unsigned char>(text[++i]);
      result += static_cast<char>(((byte & 0x03U) << 6) | (next & 0x3FU));
    } else {
      result += text[i];
    }
  }
  return result;
}

using Json = nlohmann::json;

std::optional<std::int64_t> integer(const Json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end() || !found->is_number_integer()) return std::nullopt;
  if (found->is_number_unsigned() && found->get<std::uint64_t>() > std::uint64_t{kIntegerMax}) {
    return std::nullopt;
  }
  const auto value = found->get<std::int64_t>();
  if (value < -kIntegerMax) return std::nullopt;
  return value;
}

std::optional<Duration> micros(const Json& object, const char* key) {
  const auto value = integer(object, key);
  if (!value) return std::nullopt;
  return Duration(*value);
}

std::string text(const Json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end() || !found->is_string()) return {};
  return raw_bytes(found->get_ref<const std::string&>());
}

// "files_L0": [21, 19, 15, 10].
void read_input_files(const Json& object, LogEvent& event) {
  constexpr std::string_view kFiles = "files_L";
  for (const auto& [key, value] : object.items()) {
    if (!key.starts_with(kFiles) || !value.is_array()) continue;
    const auto level = parse_file_number(std::string_view(key).substr(kFiles.size()));
    if (!level) continue;
    const auto number = static_cast<std::int64_t>(*level);
    event.input_level = std::min(event.input_level.value_or(number), number);
    event.input_files = event.input_files.value_or(0) + static_cast<std::int64_t>(value.size());
  }
}

void read_levels(const Json& object, LogEvent& event) {
  const auto found = object.find("lsm_state");
  if (found == object.end() || !found->is_array()) return;
  for (const auto& level : *found) {
    event.files_per_level.push_back(level.is_number_integer() ? level.get<std::int64_t>() : 0);
  }
}

void read_wal_files(const Json& object, LogEvent& event) {
  for (const char* key : {"wal_files", "log_files"}) {
    const auto found = object.find(key);
    if (found == object.end() || !found->is_array()) continue;
    event.wal_files = static_cast<std::int64_t>(found->size());
  }
}

std::optional<std::int64_t> first_of(std::optional<std::int64_t> first,
                                     std::optional<std::int64_t> second) {
  return first ? first : second;
}

LogEvent read_event(const Json& object) {
  LogEvent event;
  event.name = text(object, "event");
  event.kind = parse_event_kind(event.name);
  if (const auto since_epoch = micros(object, "time_micros")) event.time = TimePoint(*since_epoch);
  event.job = integer(object, "job");
  if (object.contains("cf_name")) event.column_family = text(object, "cf_name");
  event.file_number = integer(object, "file_number");
  event.file_bytes = first_of(integer(object, "file_size"), integer(object, "total_blob_bytes"));
  event.input_bytes = integer(object, "input_data_size");
  event.output_bytes =
      first_of(integer(object, "total_output_size"), integer(object, "total_files_size"));
  event.memtable_bytes = integer(object, "memory_usage");
  event.memtables = integer(object, "num_memtables");
  event.entries =
      first_of(integer(object, "total_num_input_entries"), integer(object, "num_entries"));
  event.input_records = integer(object, "num_input_records");
  event.output_records = integer(object, "num_output_records");
  event.output_files = integer(object, "num_output_files");
  event.output_level =
      first_of(integer(object, "output_level"), integer(object, "destination_level"));
  event.run_time = micros(object, "compaction_time_micros");
  event.cpu_time = micros(object, "compaction_time_cpu_micros");
  event.reason = text(object, "flush_reason");
  if (event.reason.empty()) event.reason = text(object, "compaction_reason");
  event.status = text(object, "status");
  event.output_compression = text(object, "output_compression");
  read_input_files(object, event);
  read_levels(object, event);
  read_wal_files(object, event);
  return event;
}

// What follows `key` and blanks.
std::optional<std::string_view> after(std::string_view json, std::string_view key) {
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
  const auto rest = after(json, "\"event\":");
  if (!rest || !rest->starts_with('"')) return {};
  const auto close = rest->find('"', 1);
  return close == std::string_view::npos ? std::string_view{} : rest->substr(1, close - 1);
}

std::optional<TimePoint> event_time(std::string_view json) {
  const auto rest = after(json, "\"time_micros\":");
  if (!rest) return std::nullopt;
  Duration::rep value = 0;
  const auto [end, error] = std::from_chars(rest->data(), rest->data() + rest->size(), value);
  if (error != std::errc() || value < 0 || value > kIntegerMax) return std::nullopt;
  return TimePoint(Duration(value));
}

Result<LogEvent> parse_log_event(std::string_view json) {
  // Behind the closing brace other text may stand; in front of it nothing does.
  const auto parsed =
      Json::parse(escape_raw_bytes(json.substr(0, json.rfind('}') + 1)), nullptr, false);
  if (parsed.is_discarded() || !parsed.is_object()) {
    return Status(StatusCode::corrupt, fmt::format("is no whole LOG event: {}",
                                                   escape_name(json.substr(0, kExcerptBytes))));
  }
  return read_event(parsed);
}

}  // namespace nodetune
