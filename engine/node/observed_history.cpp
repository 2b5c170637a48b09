// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/node/observed_history.h"

#include <algorithm>
#include <cmath>

namespace nodetune {
namespace {

// So that charts draw a line, not dots: history keeps the newest hour by the second.
constexpr double kStepSeconds = 10;
constexpr double kFineStepSeconds = 1;
constexpr Duration kFineSpan = std::chrono::hours(1);
constexpr int kStepsMax = 120;                  // of one interval
constexpr int kFineStepsMax = 3'600;            // likewise
constexpr std::size_t kSamplesMax = 20'000;     // 2 days of steps
constexpr std::size_t kIntervalsMax = 5'000;    // that wait for another database's
constexpr double kIntervalMax = 24.0 * 3600.0;  // longer ones are no dump's

int steps_of(double interval, Duration age) {
  const bool fine = age < kFineSpan;
  const double steps = std::ceil(interval / (fine ? kFineStepSeconds : kStepSeconds));
  return std::clamp(static_cast<int>(steps), 1, fine ? kFineStepsMax : kStepsMax);
}

bool is_usable(const LoggedDump& dump) {
  const double interval = dump.interval_seconds.value_or(0);
  return dump.interval_stall_seconds && interval > 0 && interval <= kIntervalMax;
}

StallInterval interval_of(const LoggedDump& usable) {
  return {usable.time - from_seconds(*usable.interval_seconds), usable.time,
          *usable.interval_stall_seconds / *usable.interval_seconds};
}

// As samples of steps, each at its end; `age`: how long before the newest it ended.
void add_share(const StallInterval& interval, Duration age, History& history) {
  const auto& [begin, end, stalled_share] = interval;
  const double seconds = to_seconds(end - begin);
  const int steps = steps_of(seconds, age);
  History::Sample sample;
  sample.interval_seconds = seconds / steps;
  sample.figures = {{Metric::db_stall_seconds_total, stalled_share}};
  for (int step = 1; step <= steps; ++step) {
    sample.taken_at = end - from_seconds(sample.interval_seconds * (steps - step));
    history.add(sample);
  }
}

}  // namespace

void fill_back_stalls(const std::deque<LoggedDump>& dumps, History& history) {
  std::size_t samples = 0;
  auto first = dumps.end();
  while (first != dumps.begin() && samples < kSamplesMax) {
    --first;
    if (!is_usable(*first)) continue;
    const auto steps = steps_of(*first->interval_seconds, dumps.back().time - first->time);
    samples += static_cast<std::size_t>(steps);
  }
  for (auto dump = first; dump != dumps.end(); ++dump) {
    if (is_usable(*dump)) add_share(interval_of(*dump), dumps.back().time - dump->time, history);
  }
}

std::vector<StallInterval> stall_intervals(const std::deque<LoggedDump>& dumps) {
  std::vector<StallInterval> intervals;
  for (const auto& dump : dumps) {
    if (is_usable(dump)) intervals.push_back(interval_of(dump));
  }
  return intervals;
}

void WorstStalls::add(std::size_t database, const std::vector<StallInterval>& fresh) {
  auto& told = told_[database];
  for (const auto& interval : fresh) {
    if (told.empty() || interval.end > told.back().end) told.push_back(interval);
  }
  while (told.size() > kIntervalsMax) told.pop_front();
}

void WorstStalls::fill(History& history) {
  auto until = TimePoint::max();
  auto from = filled_until_;
  for (const auto& told : told_) {
    if (told.empty()) return;
    until = std::min(until, told.back().end);
    from = std::max(from, told.front().begin);
  }
  from =
      std::max(from, until - from_seconds(kStepSeconds) * static_cast<Duration::rep>(kSamplesMax));
  while (from < until) {
    auto to = until;
    double worst = 0;
    for (auto& told : told_) {
      while (told.front().end <= from) told.pop_front();  // the last one ends at `until` or later
      const bool silent = told.front().begin > from;
      to = std::min(to, silent ? told.front().begin : told.front().end);
      worst = silent ? kMissing : std::max(told.front().stalled_share, worst);
      if (std::isnan(worst)) break;
    }
    if (!std::isnan(worst)) add_share({from, to, worst}, until - to, history);
    from = to;
  }
  filled_until_ = from;
}

void PacedStalls::add(const LoggedDump& dump) {
  if (is_usable(dump) && dump.cumulative_stall_seconds) dump_ = dump;
}

double PacedStalls::total(TimePoint now) const {
  if (!dump_) return kMissing;
  const double passed = to_seconds(now - dump_->time) / *dump_->interval_seconds;
  return *dump_->cumulative_stall_seconds -
         *dump_->interval_stall_seconds * (1 - std::clamp(passed, 0.0, 1.0));
}

}  // namespace nodetune
