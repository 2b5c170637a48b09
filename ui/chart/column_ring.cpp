// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "ui/chart/column_ring.h"

#include <algorithm>
#include <cmath>

namespace nodetune {

void ColumnRing::reset(qint64 column_us, int capacity) {
  columns_.assign(static_cast<std::size_t>(std::max(1, capacity)), Column{});
  column_us_ = std::max<qint64>(1, column_us);
  newest_ = -1;
  last_time_us_ = -1;
  gap_pending_ = false;
}

qint64 ColumnRing::add(const ChartPoint& point) {
  if (columns_.empty() || point.time_us <= last_time_us_) return -1;
  last_time_us_ = point.time_us;
  if (!std::isfinite(point.mean)) {
    gap_pending_ = true;
    return -1;
  }
  const double low = std::isfinite(point.min) ? std::min(point.min, point.mean) : point.mean;
  const double high = std::isfinite(point.max) ? std::max(point.max, point.mean) : point.mean;
  const qint64 index = point.time_us / column_us_;
  Column* column = slot(index);
  if (column->index != index || column->count == 0) {
    const double offset =
        static_cast<double>(point.time_us % column_us_) / static_cast<double>(column_us_);
    *column = {index, low, high, point.mean, 1, offset, point.gap_before || gap_pending_};
  } else {
    column->min = std::min(column->min, low);
    column->max = std::max(column->max, high);
    column->sum += point.mean;
    ++column->count;
  }
  gap_pending_ = false;
  newest_ = index;
  return index;
}

const Column* ColumnRing::at(qint64 index) const {
  if (index < 0 || columns_.empty()) return nullptr;
  const Column& column = columns_[static_cast<std::size_t>(index) % columns_.size()];
  return column.count > 0 && column.index == index ? &column : nullptr;
}

const Column* ColumnRing::before(qint64 index) const {
  const qint64 start = std::min(index - 1, newest_);
  const qint64 end = std::max<qint64>(0, newest_ - static_cast<qint64>(columns_.size()) + 1);
  for (qint64 i = start; i >= end; --i) {
    if (const Column* column = at(i)) return column;
  }
  return nullptr;
}

const Column* ColumnRing::after(qint64 index) const {
  const qint64 start = std::max(index + 1, newest_ - static_cast<qint64>(columns_.size()) + 1);
  for (qint64 i = std::max<qint64>(0, start); i <= newest_; ++i) {
    if (const Column* column = at(i)) return column;
  }
  return nullptr;
}

}  // namespace nodetune
