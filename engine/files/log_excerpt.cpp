// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/files/log_excerpt.h"

#include <algorithm>
#include <deque>
#include <optional>
#include <string_view>
#include <utility>

#include "engine/files/directory_listing.h"
#include "engine/files/file_reader.h"
#include "engine/files/line_splitter.h"
#include "engine/files/log_events.h"
#include "engine/files/log_line.h"
#include "engine/files/log_place.h"

namespace nodetune {
namespace {

constexpr std::int64_t kProbeBytes = 128 * 1024;  // RocksDB cuts a record at 64 KiB
constexpr std::int64_t kZoneBytes = 512 * 1024;   // searched for an event, at a file's both ends

// Where the first record at or after `from` starts, and when it was written.
struct Found {
  std::int64_t offset = 0;
  TimePoint local;
};
std::optional<Found> first_record(const FileReader& file, std::int64_t from) {
  const auto text = file.read_at(from, kProbeBytes);
  if (!text) return std::nullopt;
  std::size_t at = 0;
  if (from > 0) {  // `from` is in the middle of a line, or we cannot know
    at = text->find('\n');
    if (at == std::string::npos) return std::nullopt;
    ++at;
  }
  while (at < text->size()) {
    const auto line = std::string_view(*text).substr(at);
    if (const auto time = parse_log_time(line)) return Found{from + std::int64_t(at), *time};
    at = text->find('\n', at);
    if (at == std::string::npos) return std::nullopt;
    ++at;
  }
  return std::nullopt;
}

std::optional<Duration> zone_in(std::string_view text) {
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    const auto line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const auto record = parse_log_record(line);
    const auto event = record ? event_json(record->message) : std::nullopt;
    const auto utc = event ? event_time(*event) : std::nullopt;
    if (!utc) continue;
    if (const auto zone = zone_offset(record->time, *utc)) return zone;
  }
  return std::nullopt;
}

std::optional<Duration> zone_of(const FileReader& file) {
  const auto size = file.size_at_open();
  for (const auto from : {std::max<std::int64_t>(0, size - kZoneBytes), std::int64_t{0}}) {
    const auto text = file.read_at(from, kZoneBytes);
    if (!text) continue;
    if (const auto zone = zone_in(*text)) return zone;
    if (from == 0) break;
  }
  return std::nullopt;
}

// The offset of a record from which on everything of `local` or later is found.
std::int64_t lower_bound(const FileReader& file, TimePoint local) {
  std::int64_t low = 0;
  std::int64_t high = file.size_at_open();
  while (high - low > kProbeBytes) {
    const auto middle = low + (high - low) / 2;
    const auto found = first_record(file, middle);
    if (found && found->local < local) {
      low = found->offset;
    } else {
      high = middle;
    }
  }
  return low;
}

// Keeps the nearest lines on either side of a moment.
class Keeper {
 public:
  Keeper(TimePoint moment, const LogExcerptLimits& limits)
      : moment_(moment), half_(std::max<std::size_t>(limits.lines_max / 2, 1)) {}

  void add(TimePoint time, std::string line) {
    if (time <= moment_) {
      before_.push_back(std::move(line));
      if (before_.size() > half_) {
        before_.pop_front();
        ++dropped_;
      }
    } else if (after_.size() < half_) {
      after_.push_back(std::move(line));
    } else {
      ++dropped_;
    }
  }

  void give(LogExcerpt& excerpt) {
    std::move(before_.begin(), before_.end(), std::back_inserter(excerpt.lines));
    std::move(after_.begin(), after_.end(), std::back_inserter(excerpt.lines));
    excerpt.lines_dropped = dropped_;
  }

 private:
  const TimePoint moment_;
  const std::size_t half_;
  std::deque<std::string> before_;
  std::vector<std::string> after_;
  std::size_t dropped_ = 0;
};

// Hands over the lines of [begin, end], local time, from `offset` on. True: there were any.
bool take_lines(const FileReader& file, TimePoint begin, TimePoint end, Duration zone,
                const LogExcerptLimits& limits, Keeper& keeper) {
  LineSplitter lines(limits.line_bytes_max);
  std::optional<TimePoint> time;  // of the record that the line belongs to
  std::size_t of_record = 0;
  bool any = false;
  bool past = false;
  const auto on_line = [&](std::string_view line) {
    if (const auto own = parse_log_time(line)) {
      time = own;
      of_record = 0;
    }
    if (!time || *time < begin) return;
    past = past || *time > end;
    if (past) return;
    ++of_record;
    if (of_record > limits.record_lines_max + 1) return;
    any = true;
    keeper.add(*time - zone, of_record > limits.record_lines_max ? "  […]" : std::string(line));
  };
  const auto read = read_chunks(file, lower_bound(file, begin), [&](std::string_view chunk) {
    lines.feed(chunk, on_line);
    return !past;
  });
  if (read && !past) lines.finish(on_line);
  return any;
}

}  // namespace

LogExcerpt read_log_excerpt(const std::string& directory, TimePoint moment, Duration span,
                            const LogExcerptLimits& limits) {
  LogExcerpt excerpt;
  const auto place = find_log_place(directory);
  const auto listing = list_database_files(place.directory);
  if (!listing) return excerpt;
  Keeper keeper(moment, limits);
  std::optional<Duration> zone;
  for (const auto& path : info_log_paths(place.directory, *listing, place.prefix)) {
    const auto file = FileReader::open(path, SymbolicLinks::refuse);
    if (!file) continue;
    if (const auto own = zone_of(*file)) zone = own;  // else that of the file before
    const auto offset = zone.value_or(Duration::zero());
    const auto first = first_record(*file, 0);
    if (!first || first->local - offset > moment + span) continue;
    if (take_lines(*file, moment - span + offset, moment + span + offset, offset, limits, keeper)) {
      excerpt.files.push_back(path.substr(path.rfind('/') + 1));
    }
  }
  excerpt.zone_known = zone.has_value();
  keeper.give(excerpt);
  return excerpt;
}

}  // namespace nodetune
