// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/files/log_summariser.h"

#include <algorithm>
#include <functional>
#include <tuple>
#include <utility>

#include "engine/files/digits.h"

namespace nodetune {
namespace {

constexpr std::size_t kHeaderFrontBytes = 64;          // what is searched for a header's words
constexpr auto kSameMoment = std::chrono::seconds(1);  // an event and its line: the zone is known

// "key[name]tail": a name may hold newlines and brackets.
std::optional<std::string_view> name_between(std::string_view text, std::string_view open,
                                             std::string_view close) {
  const auto from = text.find(open);
  if (from == std::string_view::npos) return std::nullopt;
  const auto rest = text.substr(from + open.size());
  // From one candidate to the next: a comparison at each byte is what rfind() makes of it.
  for (auto to = rest.rfind(close.front()); to != std::string_view::npos;
       to = to == 0 ? std::string_view::npos : rest.rfind(close.front(), to - 1)) {
    if (rest.substr(to).starts_with(close)) return rest.substr(0, to);
  }
  return std::nullopt;
}

// From "block_cache_options:" on; empty where it does not stand. Long messages are searched for it
// that are full of its first letter.
std::string_view find_cache_options(std::string_view message) {
  static constexpr std::string_view kOptions = "block_cache_options:";
  static const std::boyer_moore_horspool_searcher search(kOptions.begin(), kOptions.end());
  const auto* const at = std::search(message.begin(), message.end(), search);
  return message.substr(static_cast<std::size_t>(at - message.begin()));
}

bool speaks_of_damage(std::string_view message) {
  for (const std::string_view sign : {"Background IO error", "background error", "orruption",
                                      "No space left", "IO error", "I/O error"}) {
    if (message.find(sign) != std::string_view::npos) return true;
  }
  return false;
}

void add_figure(std::optional<double>& total, std::optional<double> value) {
  if (value) total = total.value_or(0) + *value;
}

// A family whose table stands there without a level has no files.
void add_tree(const ColumnFamilyDump& family, LoggedDump& dump) {
  add_figure(dump.pending_compaction_bytes, family.pending_compaction_bytes);
  if (!family.sum) return;
  add_figure(dump.sst_files, static_cast<double>(family.sum->files.value_or(0)));
  add_figure(dump.sst_bytes, family.sum->bytes);
  double l0_files = 0;
  for (const auto& level : family.levels) {
    if (level.level == 0) l0_files = static_cast<double>(level.files.value_or(0));
  }
  dump.l0_files = std::max(dump.l0_files.value_or(0), l0_files);
}

}  // namespace

LogSummariser::LogSummariser(const LogSummaryLimits& limits)
    : limits_(limits), reader_(limits.lines), jobs_(limits) {}

void LogSummariser::feed(std::string_view bytes) {
  reader_.feed(bytes, [this](const LogRecord& record) { add(record); });
}

void LogSummariser::end_file() {
  reader_.finish([this](const LogRecord& record) { add(record); });
}

void LogSummariser::forget_entries() {
  summary_.problems.clear();
  summary_.stalls.clear();
  summary_.dump_stalls.clear();
  summary_.flushes.clear();
  summary_.compactions.clear();
  auto& recoveries = summary_.recoveries;
  const bool running = !recoveries.empty() && !recoveries.back().seconds;
  recoveries.erase(recoveries.begin(), recoveries.end() - (running ? 1 : 0));
}

void LogSummariser::add(const LogRecord& record) {
  ++summary_.records;
  line_before_ = std::exchange(last_line_, record.time);
  const auto json = event_json(record.message);
  if (json) add_event(record, *json);  // first: it may tell the zone
  const auto time = to_utc(record.time);
  summary_.first_time = std::min(summary_.first_time.value_or(time), time);
  summary_.last_time = std::max(summary_.last_time.value_or(time), time);
  if (json) return;

  if (record.level == LogLevel::error || record.level == LogLevel::fatal) {
    ++summary_.error_lines;
    add_problem(record);
    return;
  }
  if (record.level == LogLevel::warn) {
    ++summary_.warning_lines;
    if (add_stall(record)) return;  // no version tells of one at another level
    if (speaks_of_damage(record.message)) add_problem(record);
  }
  const bool many_lines = record.message.find('\n') != std::string_view::npos;
  if (many_lines && add_dump(record)) return;
  if (!many_lines && jobs_.announce(record.message)) return;
  add_header(record, many_lines);
}

void LogSummariser::add_event(const LogRecord& record, std::string_view json) {
  LogEvent event;
  const bool whole = events_.read(json, event).is_ok();
  const auto name = whole ? event.name : event_name(json);
  const auto kind = whole ? event.kind : parse_event_kind(name);
  if (name.empty()) {
    ++summary_.nameless_events;
    return;
  }
  ++count_of_event(kind, name);
  if (whole) {
    if (event.time) learn_offset(record.original_time, *event.time);
    add_parsed_event(event);
    return;
  }
  if (const auto time = event_time(json)) learn_offset(record.original_time, *time);
  if (kind != LogEventKind::table_file_deletion) ++summary_.damaged_events;
}

std::int64_t& LogSummariser::count_of_event(LogEventKind kind, std::string_view name) {
  auto*& known = known_events_[static_cast<std::size_t>(kind)];
  if (known != nullptr && kind != LogEventKind::other) return *known;
  name = cut_name(name);
  auto found = summary_.events.find(name);
  if (found == summary_.events.end()) {
    const bool full = summary_.events.size() >= limits_.event_names_max;
    found = summary_.events.try_emplace(full ? "other" : std::string(name), 0).first;
  }
  known = &found->second;
  return *known;
}

void LogSummariser::add_parsed_event(LogEvent& event) {
  event.reason = cut_name(event.reason);
  if (event.column_family) {
    event.column_family = cut_name(*event.column_family);
    mention(*event.column_family);
  }
  switch (event.kind) {
    case LogEventKind::flush_started:
      return jobs_.start_flush(event);
    case LogEventKind::flush_finished:
      return finish_flush(event);
    case LogEventKind::compaction_started:
      return jobs_.start_compaction(event);
    case LogEventKind::compaction_finished:
      return finish_compaction(event);
    case LogEventKind::table_file_creation:
      return jobs_.add_file(event);
    case LogEventKind::recovery_started:
    case LogEventKind::recovery_finished:
      return add_recovery(event);
    case LogEventKind::table_file_deletion:
    case LogEventKind::trivial_move:
    case LogEventKind::blob_file_creation:
    case LogEventKind::blob_file_deletion:
    case LogEventKind::ingest_finished:
    case LogEventKind::other:
      return;
  }
}

void LogSummariser::finish_flush(const LogEvent& event) {
  auto& flush = jobs_.finish_flush(event);
  auto& totals = summary_.flush_totals;
  ++totals.count;
  add_logged(totals.input_bytes, flush.memtable_bytes);
  add_logged(totals.output_bytes, flush.output_bytes);
  totals.seconds += flush.seconds.value_or(0);
  if (!event.time) return;
  flush.time = *event.time;
  summary_.flushes.add(flush, limits_.jobs_max);
}

void LogSummariser::finish_compaction(const LogEvent& event) {
  auto& done = jobs_.finish_compaction(event);
  auto& totals = summary_.compaction_totals;
  ++totals.count;
  add_logged(totals.input_bytes, done.input_bytes);
  add_logged(totals.output_bytes, done.output_bytes);
  totals.seconds += done.seconds.value_or(0);
  if (!event.time) return;
  done.time = *event.time;
  summary_.compactions.add(done, limits_.jobs_max);
}

void LogSummariser::add_recovery(const LogEvent& event) {
  if (event.kind == LogEventKind::recovery_started) {
    jobs_.forget();
    if (!event.time) return;
    push(summary_.recoveries, LoggedRecovery{*event.time, {}, event.wal_files},
         limits_.list_entries_max);
    return;
  }
  if (summary_.recoveries.empty() || summary_.recoveries.back().seconds) return;
  auto& started = summary_.recoveries.back();
  if (event.time && *event.time >= started.time) {
    started.seconds = to_seconds(*event.time - started.time);
  }
}

bool LogSummariser::add_stall(const LogRecord& record) {
  auto* stall = stalls_.read(record.message);
  if (stall == nullptr) return false;
  stall->time = to_utc(record.time);
  if (!stalls_.is_again()) {
    stall->column_family.resize(cut_name(stall->column_family).size());
    mention(stall->column_family);
    stall_count_ = count_of_stall(*stall);
  }
  if (stall_count_ != nullptr) ++*stall_count_;
  summary_.stalls.add(*stall, limits_.list_entries_max);
  return true;
}

// Null: so many are counted already.
std::int64_t* LogSummariser::count_of_stall(const LoggedStall& stall) {
  auto& counts = summary_.stall_counts;
  const std::tuple key{stall.column_family, stall.cause, stall.action};
  const auto found = counts.find(key);
  if (found != counts.end()) return &found->second;
  if (counts.size() >= limits_.column_families_max) return nullptr;
  return &counts.emplace(key, 0).first->second;
}

bool LogSummariser::add_dump(const LogRecord& record) {
  auto dump = parse_stats_dump(record.message);
  if (!dump) return false;
  for (auto& family : dump->column_families) {
    family.name.resize(cut_name(family.name).size());
    mention(family.name);
    if (family.block_cache) {
      summary_.block_caches.tell(family.name, *family.block_cache, to_utc(record.time),
                                 limits_.column_families_max);
    }
    auto& kept = summary_.family_dumps;
    if (!kept.contains(family.name) && kept.size() >= limits_.column_families_max) continue;
    auto name = family.name;
    kept.insert_or_assign(std::move(name), std::move(family));
  }
  if (!dump->has_db_stats) return true;
  ++summary_.dumps;
  if (!dump->stall_counters.empty()) {
    summary_.db_stall_counters = std::move(dump->stall_counters);
  }
  if (dump->interval_stall_seconds) {
    summary_.interval_stall_seconds =
        summary_.interval_stall_seconds.value_or(0) + *dump->interval_stall_seconds;
  }
  const bool reopened =
      last_uptime_ && dump->uptime_seconds && *dump->uptime_seconds < *last_uptime_;
  if (reopened) stall_of_earlier_opens_ += std::exchange(last_cumulative_, {}).value_or(0);
  last_uptime_ = dump->uptime_seconds;
  if (dump->cumulative_stall_seconds) {
    last_cumulative_ = dump->cumulative_stall_seconds;
    summary_.cumulative_stall_seconds = stall_of_earlier_opens_ + *last_cumulative_;
  }
  LoggedDump logged;
  logged.time = to_utc(record.time);
  logged.uptime_seconds = dump->uptime_seconds;
  logged.interval_seconds = dump->interval_seconds;
  logged.cumulative_stall_seconds = dump->cumulative_stall_seconds;
  logged.interval_stall_seconds = dump->interval_stall_seconds;
  for (const auto& [name, family] : summary_.family_dumps) add_tree(family, logged);
  logged.block_cache = sum_of(summary_.block_caches.caches);
  push(summary_.dump_stalls, std::move(logged), limits_.list_entries_max);
  return true;
}

void LogSummariser::add_problem(const LogRecord& record) {
  summary_.problems.add({to_utc(record.time), record.level,
                         std::string(record.message.substr(0, limits_.problem_bytes_max))},
                        limits_.list_entries_max);
}

// A version line that a rolled-over file begins with has no such end.
void LogSummariser::finish_open(TimePoint local) {
  const auto began = std::exchange(opening_, {});
  if (!began || local < *began || limits_.opens_max == 0) return;
  auto& opens = summary_.opens;
  LoggedOpen open{to_utc(*began), to_seconds(local - *began)};
  const auto before = std::exchange(before_opening_, {});
  if (before != TimePoint() && before <= *began) open.line_before = to_utc(before);
  opens.push_back(open);
  if (opens.size() > limits_.opens_max) opens.pop_front();
}

void LogSummariser::add_header(const LogRecord& record, bool many_lines) {
  const auto message = record.message;
  for (auto& setting : settings_.take(to_utc(record.time), message)) {
    push(summary_.settings, std::move(setting), limits_.settings_max);
  }
  constexpr std::string_view kVersion = " version: ";
  constexpr std::string_view kSession = "DB Session ID:";
  // Most records are no header: only their beginning is searched.
  const auto front = message.substr(0, kHeaderFrontBytes);
  for (const std::string_view product : {"RocksDB", "Speedb", "SpeeDB"}) {
    if (front.empty() || front[0] != product[0] || !front.starts_with(product)) continue;
    const auto rest = message.substr(product.size());
    if (!rest.starts_with(kVersion)) break;
    const auto version = rest.substr(kVersion.size());
    summary_.product = product;
    summary_.version = cut_name(version.substr(0, version.find_first_of(" -\n")));
    ++summary_.headers;
    if (summary_.session_id.empty()) summary_.block_caches.forget();  // old versions name none
    opening_ = record.original_time;
    before_opening_ = line_before_;
    return;
  }
  if (front.starts_with("DB pointer ")) {
    finish_open(record.original_time);
  } else if (front.starts_with(kSession)) {
    const auto from = message.find_first_not_of(' ', kSession.size());
    const auto id = from == std::string_view::npos ? std::string_view() : message.substr(from);
    // Told at every open, and again where the file was rolled over.
    if (cut_name(id) != summary_.session_id) {
      jobs_.forget();
      summary_.block_caches.forget();
    }
    summary_.session_id = cut_name(id);
  } else if (!front.starts_with('[') && front.find("family [") != std::string_view::npos) {
    if (const auto name = name_between(message, "Options for column family [", "]:")) {
      options_family_ = cut_name(*name);
      mention(*name);
    } else if (const auto listed = name_between(message, "olumn family [", "] (ID ")) {
      mention(*listed);
    }
  } else if (many_lines) {
    const auto cache = find_cache_options(message);
    if (cache.empty()) return;
    const auto capacity = number_after(cache, "capacity : ");
    if (capacity && summary_.block_cache_bytes.size() < limits_.column_families_max) {
      summary_.block_cache_bytes[options_family_] = *capacity;
    }
    summary_.block_caches.list(options_family_, block_cache_address(message), capacity,
                               limits_.column_families_max);
  }
}

void LogSummariser::learn_offset(TimePoint local, TimePoint utc) {
  const auto& last = summary_.utc_offset;
  if (last && std::chrono::abs(local - utc - *last) < kSameMoment) return;
  const auto known = zone_offset(local, utc);
  if (!known) return;
  const Duration offset = *known;
  const bool first = !summary_.utc_offset;
  summary_.utc_offset = offset;
  if (!first) return;
  // What was read before the zone was known stands in local time.
  for (auto& each : summary_.stalls) each.time -= offset;
  for (auto& each : summary_.problems) each.time -= offset;
  for (auto& each : summary_.dump_stalls) {
    each.time -= offset;
    if (each.block_cache.oldest) *each.block_cache.oldest -= offset;
  }
  summary_.block_caches.move_times(-offset);
  for (auto& each : summary_.opens) {
    each.time -= offset;
    if (each.line_before) *each.line_before -= offset;
  }
  for (auto& each : summary_.settings) each.time -= offset;
  if (summary_.first_time) *summary_.first_time -= offset;
  if (summary_.last_time) *summary_.last_time -= offset;
}

TimePoint LogSummariser::to_utc(TimePoint local) const {
  return summary_.utc_offset ? local - *summary_.utc_offset : local;
}

void LogSummariser::mention(std::string_view column_family) {
  column_family = cut_name(column_family);
  if (last_mentioned_ == column_family) return;
  last_mentioned_ = column_family;
  auto& known = summary_.column_families;
  if (known.size() < limits_.column_families_max) known.insert(*last_mentioned_);
}

std::string_view LogSummariser::cut_name(std::string_view name) const {
  return name.substr(0, limits_.name_bytes_max);
}

template <typename Entry>
void LogSummariser::push(std::deque<Entry>& list, Entry&& entry, std::size_t entries_max) {
  if (entries_max == 0) return;
  if (list.size() >= entries_max) list.pop_front();
  list.push_back(std::move(entry));
}

}  // namespace nodetune
