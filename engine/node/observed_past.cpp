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

constexpr std::array<Metric, ObservedPast::kMetricCount> kMetrics = {
    Metric::db_flushes_total,
    Metric::db_flush_bytes_total,
    Metric::db_compactions_total,
    Metric::db_compaction_read_bytes_total,
    Metric::db_compaction_write_bytes_total,
    kStallConditions[0].entered,
    kStallConditions[1].entered,
    kStallConditions[2].entered,
    kStallConditions[3].entered,
    kStallConditions[4].entered,
    kStallConditions[5].entered,
    Metric::db_l0_files,
    Metric::db_sst_files,
    Metric::db_sst_bytes,
    Metric::db_pending_compaction_bytes,
};
constexpr std::size_t kStallsAt = 5;
constexpr std::size_t kTreesAt = kStallsAt + kStallConditions.size();
constexpr std::size_t kLevel0FilesAt = kTreesAt;

// Where they stand in kMetrics, in the catalogue's order.
std::array<std::size_t, ObservedPast::kMetricCount> ascending() {
  std::array<std::size_t, ObservedPast::kMetricCount> order{};
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::ranges::sort(order, {}, [](std::size_t i) { return kMetrics[i]; });
  return order;
}

double known(const std::optional<std::int64_t>& value) {
  return value && *value > 0 ? static_cast<double>(*value) : 0;
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

ObservedPast::Work& ObservedPast::Work::operator+=(const Work& other) {
  flushes += other.flushes;
  flush_bytes += other.flush_bytes;
  compactions += other.compactions;
  read_bytes += other.read_bytes;
  written_bytes += other.written_bytes;
  for (std::size_t i = 0; i < stalls.size(); ++i) stalls[i] += other.stalls[i];
  return *this;
}

template <typename Change>
void ObservedPast::count(TimePoint time, Change change) {
  if (!is_possible(time)) return;
  newest_ = std::max(newest_, time);
  for (std::size_t level = 0; level < work_.size(); ++level) {
    const auto& [step, points] = kGrid.levels[level];
    const auto oldest = newest_.time_since_epoch() / step - static_cast<std::int64_t>(points);
    const auto tick = time.time_since_epoch() / step;
    auto& work = work_[level];
    if (tick >= oldest) change(work[tick]);
    while (!work.empty() && work.begin()->first < oldest) work.erase(work.begin());
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
  for (const auto& flush : lists.flushes) {
    count(flush.time, [&](Work& work) {
      work.flushes += 1;
      work.flush_bytes += known(flush.output_bytes);
    });
  }
  for (const auto& done : lists.compactions) {
    count(done.time, [&](Work& work) {
      work.compactions += 1;
      work.read_bytes += known(done.input_bytes);
      work.written_bytes += known(done.output_bytes);
    });
  }
  for (const auto& stall : lists.stalls) {
    const auto at = stall_condition_index(stall.cause, stall.action == StallAction::stop);
    count(stall.time, [&](Work& work) { work.stalls[at] += 1; });
  }
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

ObservedPast::Work ObservedPast::work_of(const Step& step) const {
  const auto length = kGrid.levels[step.level].step;
  const auto& all = work_[step.level];
  const auto last = (step.end - kMoment).time_since_epoch() / length;
  Work sum;
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
    const std::array gained = {work.flushes, work.flush_bytes, work.compactions, work.read_bytes,
                               work.written_bytes};
    static_assert(gained.size() == kStallsAt);
    for (std::size_t i = 0; i < gained.size(); ++i) figures[i] = gained[i] / seconds;
  }
  if (step.begin >= stalls_from_) {
    for (std::size_t i = 0; i < work.stalls.size(); ++i) {
      figures[kStallsAt + i] = work.stalls[i] / seconds;
    }
  }
  if (const auto* dump = dump_of(step)) {
    const std::array trees = {dump->l0_files, dump->sst_files, dump->sst_bytes,
                              dump->pending_compaction_bytes};
    static_assert(kTreesAt + trees.size() == kMetricCount);
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
