// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <QString>
#include <QtGlobal>
#include <cstddef>
#include <optional>
#include <vector>

#include "engine/base/missing.h"

// What ran when, in lanes: what a timeline shows, and where its bars lie. Pure functions.

namespace nodetune {

struct TimelineJob {
  quint64 id = 0;
  qint64 begin_us = 0;           // since the epoch
  std::optional<qint64> end_us;  // nothing: it runs
  int lane = 0;
  double bytes = kMissing;  // what its label tells
};

struct TimelineLane {
  QString name;  // "L0 → L1"
  int colour_index = 0;
};

// Something that was told, or counted, within a time.
struct TimelineMark {
  qint64 begin_us = 0;
  qint64 end_us = 0;
  bool strong = false;  // stopped, not only slowed
};

struct TimelineStrip {
  QString name;  // "Memtables"
  std::vector<TimelineMark> marks;
};

// Which part of a time was so: measured.
struct TimelineShare {
  qint64 begin_us = 0;
  qint64 end_us = 0;
  double share = 0;  // 0 to 1
};

struct TimelineData {
  std::vector<TimelineLane> lanes;
  std::vector<TimelineJob> jobs;  // ascending by begin
  std::vector<TimelineStrip> strips;
  std::vector<TimelineShare> shares;
};

// Times and pixel columns. Columns are counted since the epoch, so that a picture that moves on
// keeps its bars' widths.
struct TimelineScale {
  qint64 end_us = 0;  // the right edge
  qint64 span_us = 60'000'000;
  int width = 0;  // pixels

  qint64 column(qint64 time_us) const;  // since the epoch
  int x(qint64 time_us) const;          // may lie outside of [0, width)
  qint64 time_at(double x) const;
};

// One job, or several that share the same pixels one after the other.
struct TimelineBar {
  int lane = 0;
  int row = 0;             // within its lane
  int left = 0;            // pixels
  int right = 0;           // exclusive
  std::size_t first = 0;   // of its jobs
  std::size_t newest = 0;  // likewise
  int count = 1;
  double busy = 1;  // share of its pixels' time in which a job ran
  bool runs = false;
};

struct TimelineLayout {
  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);

  std::vector<TimelineBar> bars;    // by lane and row not sorted; ascending by left within a row
  std::vector<TimelineBar> crowds;  // jobs that found no row: how many, and where
  std::vector<int> rows;            // of each lane, 0 where it is empty
  std::vector<std::size_t> next;    // by job: the next one in the same bar; kNone: the last
};

// Invariant: bars of one row never overlap; each job of the window is in a bar or a crowd. Jobs
// that run at the same time stand in rows of their own, at most `rows_max` a lane.
TimelineLayout lay_out(const TimelineData& data, const TimelineScale& scale, int rows_max);

}  // namespace nodetune
