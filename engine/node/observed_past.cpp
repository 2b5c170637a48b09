// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/node/observed_past.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "engine/node/job_limits.h"
#include "engine/node/observed_views.h"

namespace nodetune {
namespace {

constexpr History::Config kGrid{};
constexpr std::size_t kDumpsMax = 20'000;  // half a year of one every ten minutes
// So that a sample at a step's end lies within it.
constexpr Duration kMoment = std::chrono::microseconds(1);

using Figures = ObservedPast::Figures;

constexpr std::array kTreeMetrics = {
    Metric::db_l0_files,
    Metric::db_sst_files,
    Metric::db_sst_bytes,
    Metric::db_pending_compaction_bytes,
};
constexpr std::size_t kStallsAt = kJobMetrics.size();
constexpr std::size_t kTreesAt = kStallsAt + kStallConditions.size();
constexpr std::size_t kLevel0FilesAt = kTreesAt;
static_assert(kTreesAt + kTreeMetrics.size() == ObservedPast::kMetricCount);

constexpr auto kMetrics = [] {
  std::array<Metric, ObservedPast::kMetricCount> all{};
  std::ranges::copy(kJobMetrics, all.begin());
  for (std::size_t i = kStallsAt; i < kTreesAt; ++i) {
    all[i] = kStallConditions[i - kStallsAt].entered;
  }
  std::ranges::copy(kTreeMetrics, all.begin() + kTreesAt);
  return all;
}();

// Where they stand in kMetrics, in the catalogue's order.
std::array<std::size_t, ObservedPast::kMetricCount> ascending() {
  std::array<std::size_t, ObservedPast::kMetricCount> order{};
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::ranges::sort(order, {}, [](std::size_t i) { return kMetrics[i]; });
  return order;
}

TimePoint floor_to(TimePoint time, Duration step) {
  return TimePoint(time.time_since_epoch() / step * step);
}

// A file may claim any time.
bool is_possible(TimePoint time) {
  return time > TimePoint() && time < kJobTimeMax;
}

template <typename List>
TimePoint first_of(const List& list, TimePoint otherwise) {
  return list.empty() ? otherwise : std::min(otherwise, list.begin()->time);
}

double worst_of(double one, double other) {
  return std::isnan(one) || std::isnan(other) ? kMissing : std::max(one, other);
}

}  // namespace

void ObservedPast::count(TimePoint time, const LoggedWork& work) {
  if (!is_possible(time)) return;
  newest_ = std::max(newest_, time);
  for (std::size_t level = 0; level < work_.size(); ++level) {
    const auto& [step, points] = kGrid.levels[level];
    const auto oldest = newest_.time_since_epoch() / step - static_cast<std::int64_t>(points);
    const auto tick = time.time_since_epoch() / step;
    auto& kept = work_[level];
    if (tick >= oldest) kept[tick] += work;
    while (!kept.empty() && kept.begin()->first < oldest) kept.erase(kept.begin());
  }
}

void ObservedPast::add(const LogSummary& lists, const LogSummaryLimits& limits) {
  if (!lists.utc_offset) {
    zone_was_unknown_ = lists.records > 0;  // then what stands here is of another clock
    return;
  }
  if (zone_was_unknown_) {
    zone_was_unknown_ = false;
    const auto now = lists.last_time.value_or(TimePoint());
    stalls_from_ = first_of(lists.stalls, now);
    jobs_from_ = std::min(first_of(lists.flushes, now), first_of(lists.compactions, now));
  }
  const auto ran_over = [](const auto& list, std::size_t entries_max, TimePoint& from) {
    if (list.size() >= entries_max) from = std::max(from, list.begin()->time);
  };
  ran_over(lists.flushes, limits.jobs_max, jobs_from_);
  ran_over(lists.compactions, limits.jobs_max, jobs_from_);
  ran_over(lists.stalls, limits.list_entries_max, stalls_from_);
  for_each_work(lists, [this](TimePoint time, const LoggedWork& work) { count(time, work); });
  for (const auto& dump : lists.dump_stalls) {
    if (!dumps_.empty() && dump.time < dumps_.back().time) continue;  // another clock's
    dumps_.push_back(dump);
    if (dumps_.size() > kDumpsMax) dumps_.pop_front();
  }
}

void ObservedPast::finish(const LogSummary& story, TimePoint until) {
  has_events_ = !story.events.empty();
  until_ = until + kMoment;
  first_ = story.utc_offset ? story.first_time.value_or(until) : until;
  pauses_.clear();
  for (const auto& open : story.opens) {
    if (open.line_before) pauses_.push_back({*open.line_before, open.time});
  }
}

bool ObservedPast::was_open(const Step& step) const {
  return std::ranges::none_of(pauses_, [&](const Pause& pause) {
    return pause.begin <= step.begin && step.end <= pause.end;
  });
}

LoggedWork ObservedPast::work_of(const Step& step) const {
  const auto length = kGrid.levels[step.level].step;
  const auto& all = work_[step.level];
  const auto last = (step.end - kMoment).time_since_epoch() / length;
  LoggedWork sum;
  for (auto at = all.lower_bound(step.begin.time_since_epoch() / length);
       at != all.end() && at->first <= last; ++at) {
    sum += at->second;
  }
  return sum;
}

// The newest statistics, until the next are overdue.
const LoggedDump* ObservedPast::dump_of(const Step& step) const {
  const auto next =
      std::upper_bound(dumps_.begin(), dumps_.end(), step.end,
                       [](TimePoint time, const LoggedDump& dump) { return time < dump.time; });
  if (next == dumps_.begin()) return nullptr;
  const auto& dump = *(next - 1);
  const double age_max = kDumpAgeMax * dump.interval_seconds.value_or(0);
  const double age = to_seconds(step.end - dump.time);
  return age <= std::max(age_max, to_seconds(step.end - step.begin)) ? &dump : nullptr;
}

Figures ObservedPast::figures(const Step& step) const {
  Figures figures;
  figures.fill(kMissing);
  if (step.begin < floor_to(first_, kGrid.levels[step.level].step) || !was_open(step)) {
    return figures;
  }
  const double seconds = to_seconds(step.end - step.begin);
  const auto work = work_of(step);
  if (has_events_ && step.begin >= jobs_from_) {
    for (std::size_t i = 0; i < work.jobs.size(); ++i) figures[i] = work.jobs[i] / seconds;
  }
  if (step.begin >= stalls_from_) {
    for (std::size_t i = 0; i < work.stalls.size(); ++i) {
      figures[kStallsAt + i] = work.stalls[i] / seconds;
    }
  }
  if (const auto* dump = dump_of(step)) {
    const std::array trees = {dump->l0_files, dump->sst_files, dump->sst_bytes,
                              dump->pending_compaction_bytes};
    static_assert(trees.size() == kTreeMetrics.size());
    for (std::size_t i = 0; i < trees.size(); ++i) {
      figures[kTreesAt + i] = trees[i].value_or(kMissing);
    }
  }
  return figures;
}

std::vector<ObservedPast::Step> past_steps(TimePoint first, TimePoint until) {
  std::vector<ObservedPast::Step> steps;
  if (!is_possible(first) || !is_possible(until)) return steps;
  const auto span = [](std::size_t level) {
    return kGrid.levels[level].step * static_cast<Duration::rep>(kGrid.levels[level].points);
  };
  auto begin = TimePoint();
  for (std::size_t level = kGrid.levels.size(); level-- > 0;) {
    const auto length = kGrid.levels[level].step;
    begin = std::max({begin, floor_to(first, length), floor_to(until - span(level), length)});
    // There the finer level begins.
    const auto end =
        level == 0 ? floor_to(until, length) : floor_to(until - span(level - 1), length) + length;
    for (; begin + length <= end; begin += length) steps.push_back({begin, begin + length, level});
  }
  // What has passed of a second is no step of its own.
  if (!steps.empty() && steps.back().level == 0) {
    steps.back().end = until;
  } else if (begin < until) {
    steps.push_back({begin, until, 0});
  }
  return steps;
}

void fill_back(std::span<const ObservedPast* const> databases, History& history) {
  auto first = TimePoint::max();
  auto until = TimePoint::max();
  for (const auto* database : databases) {
    first = std::min(first, database->first());
    until = std::min(until, database->until());
  }
  if (databases.empty()) return;
  static const auto order = ascending();
  History::Sample sample;
  sample.figures.resize(order.size());
  for (const auto& step : past_steps(first, until)) {
    auto all = databases.front()->figures(step);
    for (const auto* database : databases.subspan(1)) {
      const auto one = database->figures(step);
      for (std::size_t i = 0; i < all.size(); ++i) {
        // A missing one makes the sum missing.
        all[i] = i == kLevel0FilesAt ? worst_of(all[i], one[i]) : all[i] + one[i];
      }
    }
    for (std::size_t i = 0; i < order.size(); ++i) {
      sample.figures[i] = {kMetrics[order[i]], all[order[i]]};
    }
    sample.taken_at = step.end - kMoment;
    sample.interval_seconds = to_seconds(step.end - step.begin);
    history.add(sample);
  }
}

}  // namespace nodetune
