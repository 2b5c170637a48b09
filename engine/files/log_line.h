// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/base/clock.h"
#include "engine/files/eight_bytes.h"
#include "engine/files/line_splitter.h"

namespace nodetune {

enum class LogLevel { debug, info, warn, error, fatal };

// One record of RocksDB's LOG: a line with a prefix, and the lines without one that follow it
// (statistics, and whatever comes after a newline in a column family's name).
//
// Lifetime: views into the reader's memory, valid during the call that hands it over.
struct LogRecord {
  TimePoint time;           // the prefix as if it were UTC: the node's local time, zone unknown
  TimePoint original_time;  // of "(Original Log Time …)", else `time`
  LogLevel level = LogLevel::info;
  std::string_view message;  // behind level and [file:line], lines joined by '\n'
};

// "2024/11/10-10:23:09.139440", at the front of `line`. Nothing unless it is exactly that.
std::optional<TimePoint> parse_log_time(std::string_view line);

// The same for lines that follow each other: most are of the minute of the one before.
// Thread: its owner's.
class LogTimeReader {
 public:
  // Whether the time is one; then `time` is it. An optional would cost as much as the reading.
  bool read(std::string_view line, TimePoint& time);
  // The same of a line that starts a record; false where none starts.
  bool read_record(std::string_view line, TimePoint& time);

 private:
  // "2024/11/10-10:23", of the last whole reading, or the epoch's; and what it means.
  std::array<std::uint64_t, 2> minute_text_{load_eight("1970/01/"), load_eight("01-00:00")};
  TimePoint minute_{};
};

// Local time minus UTC, of a line's prefix and its event's own time: to the quarter of an hour, as
// zones are. Nothing where the two are not of one moment, or no zone on earth fits.
std::optional<Duration> zone_offset(TimePoint local, TimePoint utc);

// Whether a record starts here. Cheap: it is asked of every line.
bool starts_log_record(std::string_view line);

// Takes a whole record apart; nothing where it does not start with a prefix.
std::optional<LogRecord> parse_log_record(std::string_view text);
// Likewise of text that starts a record, at this time.
LogRecord parse_log_record(std::string_view text, TimePoint time);

struct LogLimits {
  std::size_t line_bytes_max = 256 * 1024;    // RocksDB itself cuts a record at 64 KiB
  std::size_t record_bytes_max = 512 * 1024;  // the rest of a longer one is dropped
};

// Turns a stream of bytes into records, in bounded memory.
//
// A record is handed over once the next one starts, or at finish(). What stands before the first
// prefix (a file cut at its head) is dropped. Thread: its owner's.
class LogRecordReader {
 public:
  explicit LogRecordReader(const LogLimits& limits = {})
      : limits_(limits), lines_(limits.line_bytes_max) {}

  template <typename OnRecord>
  void feed(std::string_view bytes, OnRecord&& on_record) {
    lines_.feed(bytes, [&](std::string_view line) { add_line(line, on_record); });
    hold();
  }

  template <typename OnRecord>
  void finish(OnRecord&& on_record) {
    lines_.finish([&](std::string_view line) { add_line(line, on_record); });
    hand_over(on_record);
  }

 private:
  template <typename OnRecord>
  void add_line(std::string_view line, OnRecord&& on_record) {
    TimePoint time;
    const bool timed = times_.read_record(line, time);
    if (timed || starts_log_record(line)) {
      hand_over(on_record);
      record_ = line;
      record_time_ = time;
      is_timed_ = timed;
      // A line that the splitter kept is gone after this call.
      if (lines_.is_held(line)) hold();
    } else if (!record_.empty() || !held_.empty()) {
      extend(line);
    }
  }

  // Lines that follow each other in the fed bytes are one piece already, newline and all.
  void extend(std::string_view line) {
    const auto size = record_.empty() ? held_.size() : record_.size();
    if (size + line.size() >= limits_.record_bytes_max) return;
    if (!record_.empty() && line.data() == record_.data() + size + 1 && !lines_.is_held(line)) {
      record_ = {record_.data(), size + 1 + line.size()};
      return;
    }
    hold();
    held_ += '\n';
    held_ += line;
  }

  // Makes the record outlive the bytes that it was fed with.
  void hold() {
    if (record_.empty()) return;
    held_.assign(record_);
    record_ = {};
  }

  template <typename OnRecord>
  void hand_over(OnRecord&& on_record) {
    // A time that is in no calendar belongs to no record.
    if (is_timed_) on_record(parse_log_record(record_.empty() ? held_ : record_, record_time_));
    is_timed_ = false;
    record_ = {};
    held_.clear();
  }

  const LogLimits limits_;
  LineSplitter lines_;
  LogTimeReader times_;
  TimePoint record_time_;
  bool is_timed_ = false;    // whether record_time_ is one
  std::string_view record_;  // into the bytes that are being fed; between two feeds it is empty
  std::string held_;         // a record that began in earlier ones; one of the two is empty
};

}  // namespace nodetune
