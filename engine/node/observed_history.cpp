// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/node/observed_history.h"

#include <algorithm>
#include <cmath>

#include "engine/metrics/snapshot.h"

namespace nodetune {
namespace {

constexpr double kStepSeconds = 10;             // so that charts draw a line, not dots
constexpr int kStepsMax = 120;                  // of one interval
constexpr std::size_t kSamplesMax = 20'000;     // 2 days of steps
constexpr double kIntervalMax = 24.0 * 3600.0;  // longer ones are no dump's

int steps_of(double interval) {
  return std::clamp(static_cast<int>(std::ceil(interval / kStepSeconds)), 1, kStepsMax);
}

bool is_usable(const LoggedDump& dump) {
  const double interval = dump.interval_seconds.value_or(0);
  return dump.interval_stall_seconds && interval > 0 && interval <= kIntervalMax;
}

}  // namespace

void fill_back(const std::deque<LoggedDump>& dumps, History& history) {
  std::size_t samples = 0;
  auto first = dumps.end();
  while (first != dumps.begin() && samples < kSamplesMax) {
    --first;
    if (is_usable(*first)) samples += static_cast<std::size_t>(steps_of(*first->interval_seconds));
  }
  for (auto dump = first; dump != dumps.end(); ++dump) {
    if (!is_usable(*dump)) continue;
    const int steps = steps_of(*dump->interval_seconds);
    Snapshot sample;
    sample.interval_seconds = *dump->interval_seconds / steps;
    sample.rates[index_of(Metric::db_stall_seconds_total)] =
        *dump->interval_stall_seconds / *dump->interval_seconds;
    for (int step = 1; step <= steps; ++step) {
      sample.taken_at = dump->time - from_seconds(sample.interval_seconds * (steps - step));
      history.add(sample);
    }
  }
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
