// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "ui/chart/timeline_layout.h"

#include <algorithm>
#include <cmath>

namespace nodetune {
namespace {

constexpr int kBarWidthMin = 2;  // pixels: narrower cannot be seen

// What is known of a row while its lane is filled from the left.
struct Row {
  qint64 end_us = 0;    // of its newest job
  std::size_t bar = 0;  // its last
};

class Filler {
 public:
  Filler(const TimelineData& data, const TimelineScale& scale, int rows_max)
      : data_(data), scale_(scale), rows_max_(rows_max), rows_(data.lanes.size()) {
    layout_.rows.resize(data.lanes.size());
    layout_.next.assign(data.jobs.size(), TimelineLayout::kNone);
    last_crowd_.assign(data.lanes.size(), TimelineLayout::kNone);
    us_per_column_ = static_cast<double>(scale.span_us) / scale.width;
  }

  TimelineLayout fill() {
    for (std::size_t i = 0; i < data_.jobs.size(); ++i) place(i);
    for (std::size_t lane = 0; lane < rows_.size(); ++lane) {
      layout_.rows[lane] = static_cast<int>(rows_[lane].size());
    }
    return std::move(layout_);
  }

 private:
  void place(std::size_t index) {
    const auto& job = data_.jobs[index];
    if (job.lane < 0 || job.lane >= static_cast<int>(rows_.size())) return;
    const qint64 end_us = std::max(job.begin_us, job.end_us.value_or(scale_.end_us));
    if (job.begin_us > scale_.end_us || end_us < scale_.end_us - scale_.span_us) return;
    TimelineBar bar;
    bar.lane = job.lane;
    bar.first = bar.newest = index;
    bar.runs = !job.end_us;
    bar.left = std::clamp(scale_.x(job.begin_us), 0, std::max(0, scale_.width - kBarWidthMin));
    bar.right = std::min(std::max(scale_.x(end_us) + 1, bar.left + kBarWidthMin), scale_.width);
    bar.busy = busy_of(bar, index);
    auto& rows = rows_[static_cast<std::size_t>(job.lane)];
    // The first row that is free in time; one that is free in the picture is better.
    Row* free = nullptr;
    for (auto& row : rows) {
      if (row.end_us > job.begin_us) continue;
      const bool has_room = layout_.bars[row.bar].right <= bar.left;
      if (free == nullptr || has_room) free = &row;
      if (has_room) break;
    }
    if (free != nullptr) {
      follow(*free, bar, end_us);
    } else if (static_cast<int>(rows.size()) < rows_max_) {
      bar.row = static_cast<int>(rows.size());
      rows.push_back({end_us, layout_.bars.size()});
      layout_.bars.push_back(bar);
    } else {
      crowd(bar);
    }
  }

  // What part of a bar's pixels a job fills.
  double busy_of(const TimelineBar& bar, std::size_t index) const {
    const auto& job = data_.jobs[index];
    const qint64 begin_us = std::max(job.begin_us, scale_.end_us - scale_.span_us);
    const qint64 end_us = std::min(job.end_us.value_or(scale_.end_us), scale_.end_us);
    const double pixels_us = us_per_column_ * std::max(1, bar.right - bar.left);
    return std::clamp(static_cast<double>(end_us - begin_us) / pixels_us, 0.0, 1.0);
  }

  void follow(Row& row, TimelineBar bar, qint64 end_us) {
    auto& last = layout_.bars[row.bar];
    row.end_us = end_us;
    if (bar.right <= last.right) return join(last, bar);
    bar.row = last.row;
    if (bar.left < last.right) {
      bar.left = last.right;
      bar.busy = busy_of(bar, bar.first);
    }
    row.bar = layout_.bars.size();
    layout_.bars.push_back(bar);
  }

  void join(TimelineBar& into, const TimelineBar& bar) {
    layout_.next[into.newest] = bar.first;
    into.newest = bar.first;
    into.count += 1;
    into.runs = into.runs || bar.runs;
    const double narrower = static_cast<double>(bar.right - bar.left) / (into.right - into.left);
    into.busy = std::min(1.0, into.busy + bar.busy * narrower);
  }

  void crowd(const TimelineBar& bar) {
    auto& last = last_crowd_[static_cast<std::size_t>(bar.lane)];
    if (last != TimelineLayout::kNone && bar.left <= layout_.crowds[last].right) {
      auto& into = layout_.crowds[last];
      into.right = std::max(into.right, bar.right);
      return join(into, bar);
    }
    last = layout_.crowds.size();
    layout_.crowds.push_back(bar);
  }

  const TimelineData& data_;
  const TimelineScale& scale_;
  const int rows_max_;
  double us_per_column_ = 1;
  std::vector<std::vector<Row>> rows_;  // by lane
  std::vector<std::size_t> last_crowd_;
  TimelineLayout layout_;
};

}  // namespace

qint64 TimelineScale::column(qint64 time_us) const {
  if (width <= 0 || span_us <= 0) return 0;
  const double us_per_column = static_cast<double>(span_us) / width;
  return static_cast<qint64>(std::floor(static_cast<double>(time_us) / us_per_column));
}

int TimelineScale::x(qint64 time_us) const {
  constexpr qint64 kFar = 1 << 24;  // pixels: outside of any picture
  const qint64 from_right = std::clamp(column(time_us) - column(end_us), -kFar, kFar);
  return width - 1 + static_cast<int>(from_right);
}

qint64 TimelineScale::time_at(double x) const {
  if (width <= 0) return end_us;
  return end_us - static_cast<qint64>((width - x) / width * static_cast<double>(span_us));
}

TimelineLayout lay_out(const TimelineData& data, const TimelineScale& scale, int rows_max) {
  if (scale.width < kBarWidthMin || scale.span_us <= 0) {
    TimelineLayout nothing;
    nothing.rows.resize(data.lanes.size());
    nothing.next.assign(data.jobs.size(), TimelineLayout::kNone);
    return nothing;
  }
  return Filler(data, scale, rows_max).fill();
}

}  // namespace nodetune
