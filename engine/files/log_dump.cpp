// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/files/log_dump.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <utility>

#include "engine/base/format.h"
#include "engine/files/level_max.h"

namespace nodetune {
namespace {

constexpr std::string_view kTableOpen = "** Compaction Stats [";
constexpr std::string_view kTableClose = "] **";
constexpr std::size_t kCountersMax = 64;       // RocksDB has some ten
constexpr std::size_t kCounterBytesMax = 128;  // of a counter's name
constexpr std::size_t kCounterListBytesMax = kCountersMax * kCounterBytesMax;
constexpr std::size_t kDumpFamiliesMax = 1024;  // RocksDB's 64 KiB hold some hundred tables

std::optional<double> to_number(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || !std::isfinite(value)) return std::nullopt;
  return value;
}

std::optional<std::int64_t> to_integer(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc()) return std::nullopt;
  return value;
}

// Up to `separator`, which is consumed; all that is left where there is none.
std::string_view take_until(std::string_view& text, std::string_view separator) {
  const auto at = text.find(separator);
  const auto taken = text.substr(0, at);
  text.remove_prefix(at == std::string_view::npos ? text.size() : at + separator.size());
  return taken;
}

std::string_view take_word(std::string_view& text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  return take_until(text, " ");
}

std::optional<double> figure_after(std::string_view line, std::string_view key) {
  const auto at = line.find(key);
  if (at == std::string_view::npos) return std::nullopt;
  auto rest = line.substr(at + key.size());
  return to_number(take_word(rest));
}

double unit_bytes(std::string_view unit) {
  if (unit == "KB") return static_cast<double>(kKiB);
  if (unit == "MB") return static_cast<double>(kMiB);
  if (unit == "GB") return static_cast<double>(kGiB);
  if (unit == "TB") return 1024.0 * static_cast<double>(kGiB);
  return 1;
}

std::optional<double> in_gib(std::optional<double> value) {
  if (!value) return std::nullopt;
  return *value * static_cast<double>(kGiB);
}

bool read_counter_line(std::string_view line, std::string& counters) {
  for (const std::string_view head : {"Stalls(count): ", "Write Stall (count): "}) {
    if (!line.starts_with(head)) continue;
    if (counters.size() >= kCounterListBytesMax) return true;
    if (!counters.empty()) counters += ", ";
    counters += line.substr(head.size(), kCounterListBytesMax);
    return true;
  }
  return false;
}

// "3/1": files, and those that a compaction has in hand.
void read_files(std::string_view value, LevelStats& row) {
  row.files = to_integer(take_until(value, "/"));
  row.files_compacting = to_integer(value);
}

void read_cell(std::string_view head, std::string_view value, std::string_view& rest,
               LevelStats& row) {
  if (head == "Files") {
    read_files(value, row);
  } else if (head == "Size" || head == "Size(MB)") {
    row.bytes = to_number(value);
    const auto unit = head == "Size" ? take_word(rest) : std::string_view("MB");
    if (row.bytes) *row.bytes *= unit_bytes(unit);
  } else if (head == "Score") {
    row.score = to_number(value);
  } else if (head == "Read(GB)") {
    row.read_bytes = in_gib(to_number(value));
  } else if (head == "Write(GB)") {
    row.written_bytes = in_gib(to_number(value));
  } else if (head == "Moved(GB)") {
    row.moved_bytes = in_gib(to_number(value));
  } else if (head == "W-Amp") {
    row.write_amplification = to_number(value);
  } else if (head == "Comp(sec)") {
    row.compaction_seconds = to_number(value);
  } else if (head == "Comp(cnt)") {
    row.compactions = to_number(value);
  }
}

void read_row(std::string_view heads, std::string_view line, ColumnFamilyDump& family) {
  LevelStats row;
  take_word(heads);  // "Level"
  const auto name = take_word(line);
  if (name.starts_with('L')) {
    const auto level = to_integer(name.substr(1));
    if (!level || *level < 0 || *level > kLevelMax) return;
    row.level = static_cast<int>(*level);
  } else if (name != "Sum") {
    return;
  }
  for (auto head = take_word(heads); !head.empty(); head = take_word(heads)) {
    const auto value = take_word(line);
    if (value.empty()) break;
    read_cell(head, value, line, row);
  }
  if (row.level) {
    if (family.levels.size() <= kLevelMax) family.levels.push_back(std::move(row));
  } else {
    family.sum = std::move(row);
  }
}

// Behind "** Compaction Stats [cf] **": the table by level or by priority, then figures.
void read_family(std::string_view text, ColumnFamilyDump& family) {
  std::string_view heads;
  while (!text.empty()) {
    const auto line = take_until(text, "\n");
    if (line.starts_with("Level ")) {
      heads = line;
    } else if (line.empty()) {
      heads = {};
    } else if (!heads.empty() && !line.starts_with("---")) {
      read_row(heads, line, family);
    } else if (!read_counter_line(line, family.stall_counters) &&
               !read_block_cache_line(line, family.block_cache)) {
      if (const auto bytes = figure_after(line, "Estimated pending compaction bytes: ")) {
        family.pending_compaction_bytes = bytes;
      }
    }
  }
}

ColumnFamilyDump& family_of(StatsDump& dump, std::string_view name) {
  for (auto& family : dump.column_families) {
    if (family.name == name) return family;
  }
  dump.column_families.emplace_back().name = name;
  return dump.column_families.back();
}

struct Stall {
  std::optional<double> seconds;
  std::optional<double> ratio;
};

// " 12:10:56.123 H:M:S, 98.7 percent".
Stall parse_stall(std::string_view rest) {
  Stall stall;
  stall.seconds = parse_hms(take_word(rest));
  take_word(rest);  // H:M:S,
  if (const auto percent = to_number(take_word(rest))) stall.ratio = *percent / 100;
  return stall;
}

void read_db_stats(std::string_view text, StatsDump& dump) {
  while (!text.empty()) {
    const auto line = take_until(text, "\n");
    constexpr std::string_view kCumulative = "Cumulative stall:";
    constexpr std::string_view kInterval = "Interval stall:";
    if (line.starts_with("Uptime(secs):")) {
      dump.uptime_seconds = figure_after(line, "Uptime(secs): ");
      dump.interval_seconds = figure_after(line, "total, ");
    } else if (line.starts_with(kCumulative)) {
      const auto stall = parse_stall(line.substr(kCumulative.size()));
      dump.cumulative_stall_seconds = stall.seconds;
      dump.cumulative_stall_ratio = stall.ratio;
    } else if (line.starts_with(kInterval)) {
      const auto stall = parse_stall(line.substr(kInterval.size()));
      dump.interval_stall_seconds = stall.seconds;
      dump.interval_stall_ratio = stall.ratio;
    } else if (line.starts_with("Cumulative writes:")) {
      dump.cumulative_ingest_bytes = in_gib(figure_after(line, "ingest: "));
    } else {
      read_counter_line(line, dump.stall_counters);
    }
  }
}

}  // namespace

StallCounters parse_stall_counters(std::string_view list) {
  StallCounters counters;
  while (!list.empty() && counters.size() < kCountersMax) {
    auto item = take_until(list, ",");
    while (item.starts_with(' ')) item.remove_prefix(1);
    if (item.starts_with("interval")) continue;
    const auto colon = item.rfind(": ");
    if (colon != std::string_view::npos) {
      if (const auto count = to_integer(item.substr(colon + 2))) {
        counters[std::string(item.substr(0, std::min(colon, kCounterBytesMax)))] = *count;
      }
      continue;
    }
    const auto count = to_integer(take_word(item));
    if (count && !item.empty()) counters[std::string(item.substr(0, kCounterBytesMax))] = *count;
  }
  return counters;
}

std::optional<double> parse_hms(std::string_view text) {
  const auto hours = to_number(take_until(text, ":"));
  const auto minutes = to_number(take_until(text, ":"));
  const auto seconds = to_number(text);
  if (!hours || !minutes || !seconds) return std::nullopt;
  return *hours * 3600 + *minutes * 60 + *seconds;
}

std::optional<StatsDump> parse_stats_dump(std::string_view message) {
  constexpr std::string_view kDbStats = "** DB Stats **";
  auto table = message.find(kTableOpen);
  const auto db_stats = message.substr(0, table).find(kDbStats);
  StatsDump dump;
  dump.has_db_stats = db_stats != std::string_view::npos;
  if (!dump.has_db_stats && table == std::string_view::npos) return std::nullopt;
  if (dump.has_db_stats) read_db_stats(message.substr(0, table).substr(db_stats), dump);
  while (table != std::string_view::npos) {
    auto section = message.substr(table + kTableOpen.size());
    table = message.find(kTableOpen, table + 1);
    if (table != std::string_view::npos) {
      section =
          section.substr(0, table - static_cast<std::size_t>(section.data() - message.data()));
    }
    const auto close = section.find(kTableClose);
    if (close == std::string_view::npos) continue;  // cut within the name
    if (dump.column_families.size() >= kDumpFamiliesMax) break;
    const auto body = section.substr(close + kTableClose.size());
    read_family(body, family_of(dump, section.substr(0, close)));
  }
  return dump;
}

}  // namespace nodetune
