// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/files/log_summary.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "engine/files/file_reader.h"
#include "engine/files/log_summariser.h"

namespace nodetune {
namespace {

constexpr std::size_t kFirstTimeBytes = 256 * 1024;  // where a LOG's first record is looked for

// The time of a LOG's first record; nothing where none stands at its beginning.
Result<std::optional<TimePoint>> first_time_of(const std::string& path) {
  const auto head = read_head(path, kFirstTimeBytes);
  if (!head) return head.status();
  std::optional<TimePoint> first;
  LineSplitter lines(LogLimits().line_bytes_max);
  const auto look = [&first](std::string_view line) {
    if (!first && starts_log_record(line)) first = parse_log_time(line);
  };
  lines.feed(*head, look);
  lines.finish(look);
  return first;
}

}  // namespace

std::string_view to_string(StallAction action) {
  switch (action) {
    case StallAction::delay:
      return "delay";
    case StallAction::stop:
      return "stop";
  }
  return "unknown";
}

std::int64_t LogSummary::stall_total() const {
  std::int64_t total = 0;
  for (const auto& [key, count] : stall_counts) total += count;
  return total;
}

Result<LogSummary> summarise_logs(const std::vector<std::string>& files,
                                  const LogSummaryLimits& limits,
                                  const std::function<bool()>& stop) {
  std::vector<std::pair<TimePoint, std::string>> ordered;
  std::vector<std::string> unread;
  std::optional<Status> first_error;
  const auto pass_over = [&](Status status) {
    unread.push_back(status.message());
    if (!first_error) first_error = std::move(status);
  };
  for (const auto& path : files) {
    auto time = first_time_of(path);
    if (!time) {
      pass_over(time.status());
    } else if (!time->has_value()) {
      pass_over({StatusCode::not_a_database,
                 fmt::format("{}: holds no line of a RocksDB LOG; give a LOG file", path)});
    } else {
      ordered.emplace_back(time->value(), path);
    }
  }
  std::stable_sort(ordered.begin(), ordered.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });

  LogSummariser summariser(limits);
  std::size_t read = 0;
  bool stopped = false;
  for (const auto& [time, path] : ordered) {
    const auto file = FileReader::open(path);
    const auto end = file ? read_chunks(*file, 0,
                                        [&](std::string_view chunk) {
                                          summariser.feed(chunk);
                                          stopped = stop && stop();
                                          return !stopped;
                                        })
                          : Result<std::int64_t>(file.status());
    summariser.end_file();
    if (stopped) return Status(StatusCode::cancelled, "reading the LOG was cancelled");
    if (end) {
      ++read;
    } else {
      pass_over(end.status());
    }
  }
  if (read == 0) {
    return first_error.value_or(Status(StatusCode::invalid_argument, "no LOG file was given"));
  }
  auto summary = summariser.summary();
  summary.unread_files = std::move(unread);
  return summary;
}

}  // namespace nodetune
