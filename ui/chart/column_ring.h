// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <QtGlobal>
#include <vector>

#include "ui/chart/chart_types.h"

namespace nodetune {

// What one pixel column of a series holds: every point whose time falls into it.
struct Column {
  qint64 index = -1;  // time_us / column_us
  double min = 0;
  double max = 0;
  double sum = 0;
  int count = 0;      // 0: empty
  double offset = 0;  // where its first point lies, 0 to 1 of the column
  bool gap_before = false;

  double mean() const { return sum / count; }
};

// The newest pixel columns of one series, reduced by min and max, so that a spike of a single
// sample survives whatever the span.
//
// Invariant: points enter in the order of time; memory is `capacity` columns, whatever comes.
// Thread: GUI.
class ColumnRing {
 public:
  // Forgets everything.
  void reset(qint64 column_us, int capacity);

  // Returns the column that it fell into; -1 when it was not taken (a gap, or not newer).
  qint64 add(const ChartPoint& point);

  // Null where the column is empty or forgotten.
  const Column* at(qint64 index) const;
  // The nearest column with data on that side, exclusive; null when there is none.
  const Column* before(qint64 index) const;
  const Column* after(qint64 index) const;

  qint64 newest() const { return newest_; }  // -1: nothing yet
  qint64 last_time_us() const { return last_time_us_; }
  qint64 column_us() const { return column_us_; }

 private:
  Column* slot(qint64 index) {
    return &columns_[static_cast<std::size_t>(index) % columns_.size()];
  }

  std::vector<Column> columns_;
  qint64 column_us_ = 1;
  qint64 newest_ = -1;
  qint64 last_time_us_ = -1;
  bool gap_pending_ = false;
};

}  // namespace nodetune
