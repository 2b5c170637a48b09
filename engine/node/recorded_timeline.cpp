// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/node/recorded_timeline.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace nodetune {
namespace {

double known(const std::optional<double>& value) {
  return value.value_or(kMissing);
}

void set_block_cache(const BlockCacheSum& cache, Snapshot& sample) {
  sample.set(Metric::db_block_cache_capacity_bytes, known(cache.capacity_bytes));
  sample.set(Metric::db_block_cache_usage_bytes, known(cache.usage_bytes));
  if (!cache.content) return;
  sample.set(Metric::db_block_cache_data_bytes, cache.content->data_bytes);
  sample.set(Metric::db_block_cache_index_bytes, cache.content->index_bytes);
  sample.set(Metric::db_block_cache_filter_bytes, cache.content->filter_bytes);
}

bool tells_stalls(const LoggedDump& dump) {
  return dump.interval_stall_seconds && dump.interval_seconds.value_or(0) > 0;
}

}  // namespace

void RecordedTimeline::add(const LogSummary& fresh) {
  for_each_work(fresh, [this](TimePoint time, const LoggedWork& work) { bin_at(time) += work; });
  for (const auto& dump : fresh.dump_stalls) {
    if (!dumps_.empty() && dump.time < dumps_.back().time) continue;  // another clock's
    dumps_.push_back(dump);
    if (dumps_.size() > limits_.dumps_max) dumps_.pop_front();
  }
}

void RecordedTimeline::add_run(TimePoint first, TimePoint last) {
  if (!runs_.empty() && first < runs_.back().last) first = runs_.back().last;
  if (last < first) return;
  runs_.push_back({first, last});
}

LoggedWork& RecordedTimeline::bin_at(TimePoint time) {
  const auto found = bins_.try_emplace(time.time_since_epoch() / width_).first;
  if (bins_.size() <= limits_.bins_max) return found->second;
  double_width();
  return bins_[time.time_since_epoch() / width_];
}

void RecordedTimeline::double_width() {
  std::map<std::int64_t, LoggedWork> wider;
  for (const auto& [index, bin] : bins_) wider[index / 2] += bin;
  bins_ = std::move(wider);
  width_ *= 2;
}

Duration RecordedTimeline::step() const {
  Duration covered{};
  for (const auto& run : runs_) covered += run.last - run.first;
  const auto samples = static_cast<Duration::rep>(std::max<std::size_t>(limits_.samples_max, 1));
  const auto widths = (covered / width_ + samples - 1) / samples;
  return width_ * std::max<Duration::rep>(widths, 1);
}

void RecordedTimeline::set_counted(const LoggedWork& total, const Known& what, Snapshot& sample) {
  if (what.events) {
    for (std::size_t i = 0; i < total.jobs.size(); ++i) sample.set(kJobMetrics[i], total.jobs[i]);
  }
  if (!what.stalls) return;
  for (std::size_t i = 0; i < total.stalls.size(); ++i) {
    sample.set(kStallConditions[i].entered, total.stalls[i]);
  }
}

void RecordedTimeline::set_dumped(std::size_t dump, double stalled_before, Snapshot& sample) const {
  const auto time = sample.taken_at;
  // The one that ends at or after this moment covers it; the one before tells of the trees.
  if (dump < dumps_.size() && tells_stalls(dumps_[dump])) {
    const auto& next = dumps_[dump];
    const double into = *next.interval_seconds - to_seconds(next.time - time);
    if (into >= 0) {
      sample.set(Metric::db_stall_seconds_total,
                 stalled_before + *next.interval_stall_seconds * into / *next.interval_seconds);
    }
  }
  const bool at = dump < dumps_.size() && dumps_[dump].time == time;
  if (dump == 0 && !at) return;
  const auto& last = dumps_[at ? dump : dump - 1];
  const double age_max = limits_.dump_age_max * last.interval_seconds.value_or(0);
  if (to_seconds(time - last.time) > std::max(age_max, to_seconds(step()))) return;
  sample.set(Metric::db_l0_files, known(last.l0_files));
  sample.set(Metric::db_sst_files, known(last.sst_files));
  sample.set(Metric::db_sst_bytes, known(last.sst_bytes));
  sample.set(Metric::db_pending_compaction_bytes, known(last.pending_compaction_bytes));
  set_block_cache(last.block_cache, sample);
}

void RecordedTimeline::replay(const Known& what, const Take& take) const {
  const auto length = step();
  LoggedWork total;
  auto bin = bins_.begin();
  std::size_t dump = 0;
  double stalled = 0;  // in all intervals before `dump`
  std::shared_ptr<const Snapshot> before;
  std::uint64_t sequence = 0;
  for (const auto& run : runs_) {
    TimePoint time = run.first;
    for (bool last = false; !last;) {
      last = time >= run.last;
      const auto until = last ? run.last : time;
      while (bin != bins_.end() && TimePoint(bin->first * width_) <= until) {
        total += bin->second;
        ++bin;
      }
      while (dump < dumps_.size() && dumps_[dump].time < until) {
        if (tells_stalls(dumps_[dump])) stalled += *dumps_[dump].interval_stall_seconds;
        ++dump;
      }
      auto sample = std::make_shared<Snapshot>();
      sample->sequence = ++sequence;
      sample->taken_at = until;
      set_counted(total, what, *sample);
      set_dumped(dump, stalled, *sample);
      // While the node was stopped nothing was measured.
      if (before && time != run.first) sample->derive_from(*before);
      take(sample);
      before = std::move(sample);
      time += length;
    }
  }
}

}  // namespace nodetune
