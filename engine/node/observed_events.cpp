// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
//
// One line of the Events page for each thing that a LOG tells, with the time that the LOG gives it.
#include <fmt/format.h>

#include <algorithm>

#include "engine/base/format.h"
#include "engine/node/observed_views.h"

namespace nodetune {
namespace {

NodeEvent logged_event(TimePoint time, EventCategory category, Severity severity,
                       std::string text) {
  NodeEvent entry;
  entry.time = time;
  entry.category = category;
  entry.severity = severity;
  entry.source = Source::logged;
  entry.text = std::move(text);
  return entry;
}

std::string bytes_text(std::optional<std::int64_t> bytes) {
  return bytes ? format_bytes(static_cast<double>(*bytes)) : std::string("unknown size");
}

std::string took(std::optional<double> seconds) {
  return seconds ? " in " + format_seconds(*seconds) : std::string();
}

std::string because(const std::string& reason) {
  return reason.empty() ? reason : fmt::format(" ({})", escape_name(reason));
}

std::string flush_text(const LoggedFlush& flush) {
  return fmt::format("Flushed {} to {}{}{}", bytes_text(flush.memtable_bytes),
                     bytes_text(flush.output_bytes), took(flush.seconds), because(flush.reason));
}

std::string compaction_text(const LoggedCompaction& done) {
  std::string levels;
  if (done.input_level && done.output_level) {
    levels = fmt::format(" from level {} to {}", *done.input_level, *done.output_level);
  }
  return fmt::format("Compacted {} to {}{}{}{}", bytes_text(done.input_bytes),
                     bytes_text(done.output_bytes), levels, took(done.seconds),
                     because(done.reason));
}

std::string stall_amount(const LoggedStall& stall) {
  if (!stall.amount) return {};
  if (stall.cause == StallCause::pending_compaction_bytes) {
    return ", " + format_bytes(static_cast<double>(*stall.amount));
  }
  return fmt::format(", {}", *stall.amount);
}

std::string stall_text(const LoggedStall& stall) {
  const auto rate =
      stall.rate_bytes_per_second
          ? fmt::format(", slowed to {}/s",
                        format_bytes(static_cast<double>(*stall.rate_bytes_per_second)))
          : std::string();
  return fmt::format("Writes {}: {}{}{}",
                     stall.action == StallAction::stop ? "stopped" : "slowed down",
                     display_name(stall.cause), stall_amount(stall), rate);
}

}  // namespace

std::vector<NodeEvent> logged_events(const LogSummary& fresh, const ClientProfile* client) {
  std::vector<NodeEvent> events;
  const auto add = [&](NodeEvent entry, const std::optional<std::string>& family) {
    if (family) entry.family = family_title(client, *family);
    events.push_back(std::move(entry));
  };
  for (const auto& each : fresh.flushes) {
    add(logged_event(each.time, EventCategory::flush, Severity::info, flush_text(each)),
        each.column_family);
  }
  for (const auto& each : fresh.compactions) {
    add(logged_event(each.time, EventCategory::compaction, Severity::info, compaction_text(each)),
        each.column_family);
  }
  for (const auto& each : fresh.stalls) {
    add(logged_event(each.time, EventCategory::stall, Severity::warning, stall_text(each)),
        each.column_family);
  }
  for (const auto& each : fresh.problems) {
    const bool error = each.level == LogLevel::error || each.level == LogLevel::fatal;
    add(logged_event(each.time, EventCategory::error, error ? Severity::error : Severity::warning,
                     escape_name(each.text)),
        std::nullopt);
  }
  for (const auto& each : fresh.recoveries) {
    const auto files =
        each.wal_files ? fmt::format(", {} WAL files replayed", *each.wal_files) : std::string();
    add(logged_event(
            each.time, EventCategory::recovery, Severity::info,
            fmt::format("Database opened{}{}", files,
                        each.seconds ? ", recovery took " + format_seconds(*each.seconds) : "")),
        std::nullopt);
  }
  std::stable_sort(events.begin(), events.end(),
                   [](const NodeEvent& a, const NodeEvent& b) { return a.time < b.time; });
  return events;
}

}  // namespace nodetune
