// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
//
// Who holds the database, and what its machine suffers from, in words.
#include <fmt/format.h>

#include <cmath>

#include "engine/base/format.h"
#include "engine/node/observed_views.h"

namespace nodetune {
namespace {

void add_part(std::string& text, const std::string& part) {
  if (!text.empty()) text += ", ";
  text += part;
}

std::string process_text(const Snapshot& snapshot) {
  std::string text;
  const double files = snapshot.value(Metric::process_open_files);
  const double limit = snapshot.value(Metric::process_open_files_limit);
  if (!std::isnan(limit)) {
    add_part(text, std::isnan(files) ? fmt::format("at most {} open files", format_count(limit))
                                     : fmt::format("{} of {} open files", format_count(files),
                                                   format_count(limit)));
  }
  const double resident = snapshot.value(Metric::process_resident_bytes);
  if (!std::isnan(resident)) add_part(text, format_bytes(resident) + " resident");
  const double read = snapshot.value(Metric::process_disk_read_bytes_total);
  const double written = snapshot.value(Metric::process_disk_write_bytes_total);
  if (!std::isnan(read) && !std::isnan(written)) {
    add_part(text, fmt::format("{} read from and {} written to disk since it started",
                               format_bytes(read), format_bytes(written)));
  }
  return text;
}

// "disk 12.5 % (all tasks 1.0 %)"
std::string pressure_text(const Snapshot& snapshot) {
  std::string text;
  const auto add = [&](const char* name, Metric some, std::optional<Metric> full) {
    const double some_ratio = snapshot.value(some);
    if (std::isnan(some_ratio)) return;
    auto part = fmt::format("{} {:.1f} %", name, some_ratio * 100);
    const double full_ratio = full ? snapshot.value(*full) : kMissing;
    if (full_ratio > 0) part += fmt::format(" (all tasks {:.1f} %)", full_ratio * 100);
    add_part(text, part);
  };
  add("disk", Metric::pressure_disk_some_ratio, Metric::pressure_disk_full_ratio);
  add("CPU", Metric::pressure_cpu_some_ratio, std::nullopt);
  add("memory", Metric::pressure_memory_some_ratio, Metric::pressure_memory_full_ratio);
  return text;
}

// "41 days", "9 h 12 min"
std::string days_text(double seconds) {
  constexpr double kDay = 86'400;
  if (seconds < 3 * kDay) return format_seconds(std::floor(seconds / 60) * 60);
  if (seconds > 3'650 * kDay) return "more than 10 years";
  return fmt::format("{:.0f} days", std::floor(seconds / kDay));
}

}  // namespace

void add_growth_facts(const Snapshot& snapshot, double growth_window_seconds,
                      std::vector<Fact>& facts) {
  constexpr double kDay = 86'400;
  const double growth = snapshot.value(Metric::disk_growth_bytes_per_second);
  if (std::isnan(growth)) return;
  const auto per_day = format_bytes(std::fabs(growth) * kDay);
  const auto window = days_text(growth_window_seconds);
  facts.push_back({"Growth",
                   growth < 0 ? fmt::format("shrinks by {} a day, over {}", per_day, window)
                              : fmt::format("{} a day, over {}", per_day, window),
                   "derived: live SST files, in the LOG and since"});
  const double left = snapshot.value(Metric::disk_seconds_until_full);
  if (std::isnan(left)) return;
  facts.push_back(
      {"Disk full in",
       fmt::format("{} at this growth, with {} left free for compaction", days_text(left),
                   format_bytes(snapshot.value(Metric::disk_headroom_bytes))),
       "derived: (free space - room for compaction) / growth"});
}

void add_machine_facts(const Snapshot& snapshot, const std::optional<LockHolder>& holder,
                       std::vector<Fact>& facts) {
  if (auto text = process_text(snapshot); holder && !text.empty()) {
    facts.push_back({"Node's process", std::move(text), fmt::format("/proc/{}", holder->pid)});
  }
  if (auto waited = pressure_text(snapshot); !waited.empty()) {
    facts.push_back({"Waited for, of 10 seconds", std::move(waited), "/proc/pressure"});
  }
}

}  // namespace nodetune
