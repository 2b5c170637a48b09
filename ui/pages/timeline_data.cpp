// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "ui/pages/timeline_data.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <tuple>

#include "engine/metrics/stall_conditions.h"
#include "engine/node/stall_event.h"
#include "ui/bridge/node_session.h"
#include "ui/bridge/text.h"
#include "ui/models/job_table.h"
#include "ui/shell/theme.h"

namespace nodetune {
namespace {

constexpr std::size_t kPointsMax = 4'000;  // of a history: more than there are pixels
constexpr std::size_t kMarksMax = 20'000;  // of all causes
constexpr int kFlushColour = 0;
constexpr std::array kLevelColours = {3, 2, 4, 5, 6, 1};  // by the level that is read
constexpr int kUnknownLevel = 1'000'000;                  // behind all others

QString cause_name(StallCause cause) {
  switch (cause) {
    case StallCause::memtables:
      return QObject::tr("Memtables");
    case StallCause::level0_files:
      return QObject::tr("L0 files");
    case StallCause::pending_compaction_bytes:
      return QObject::tr("Compaction debt");
  }
  return {};
}

int lane_colour(const StorageJob& job) {
  if (job.kind == StorageJob::Kind::flush) return kFlushColour;
  if (!job.input_level) return -1;
  return kLevelColours[static_cast<std::size_t>(*job.input_level) % kLevelColours.size()];
}

void add_jobs(const std::vector<StorageJob>& jobs, TimelineData& data) {
  using Place = std::tuple<bool, int, int>;  // flushes first, then by level
  const auto place_of = [](const StorageJob& job) {
    return Place{job.kind != StorageJob::Kind::flush, job.input_level.value_or(kUnknownLevel),
                 job.output_level.value_or(kUnknownLevel)};
  };
  if (jobs.empty()) return;  // the reason takes the lanes' place
  StorageJob flush;
  flush.output_level = 0;
  std::map<Place, TimelineLane> lanes;
  lanes[place_of(flush)] = {job_levels(flush), kFlushColour};
  for (const auto& job : jobs) {
    auto& lane = lanes[place_of(job)];
    if (lane.name.isEmpty()) lane = {job_levels(job), lane_colour(job)};
  }
  std::map<Place, int> numbers;
  for (const auto& [place, lane] : lanes) {
    numbers[place] = static_cast<int>(data.lanes.size());
    data.lanes.push_back(lane);
  }
  for (const auto& job : jobs) {
    TimelineJob shown;
    shown.id = job.sequence;
    shown.begin_us = to_us(job.begin);
    if (job.end) shown.end_us = to_us(*job.end);
    shown.lane = numbers[place_of(job)];
    if (job.output_bytes) shown.bytes = static_cast<double>(*job.output_bytes);
    data.jobs.push_back(shown);
  }
}

// Messages where there are any; before the oldest event that is kept, and of a managed node, what
// was counted.
void add_stalls(const NodeSession& session, TimelineData& data) {
  const auto begin = session.shown_begin();
  const auto end = session.shown_now();
  std::array<std::size_t, kStallCauses.size()> strips{};
  for (const auto cause : kStallCauses) {
    strips[static_cast<std::size_t>(cause)] = data.strips.size();
    data.strips.push_back({cause_name(cause), {}});
  }
  const bool told = session.description().way != OpenWay::managed;
  auto counted_until = end;
  std::size_t marks = 0;
  if (told) {
    const auto& events = session.events();
    if (!events.empty()) counted_until = events.front().time;
    for (auto event = events.rbegin(); event != events.rend() && marks < kMarksMax; ++event) {
      if (event->time < begin || event->time > end) continue;
      const auto message = stall_message(*event);
      if (!message) continue;
      ++marks;
      const qint64 at_us = to_us(event->time);
      data.strips[strips[static_cast<std::size_t>(message->cause)]].marks.push_back(
          {at_us, at_us, message->stopped});
    }
  }
  if (counted_until <= begin) return;
  for (const auto& each : kStallConditions) {
    for (const auto& point :
         session.history()->range(each.entered, begin, std::min(end, counted_until), kPointsMax)) {
      if (!(point.sum > 0) || point.end > counted_until) continue;
      data.strips[strips[static_cast<std::size_t>(each.cause)]].marks.push_back(
          {to_us(point.begin), to_us(point.end), each.stopped});
    }
  }
}

void add_shares(const NodeSession& session, TimelineData& data) {
  for (const auto& point :
       session.history()->range(Metric::db_stall_seconds_total, session.shown_begin(),
                                session.shown_now(), kPointsMax)) {
    if (!(point.seconds > 0)) continue;
    // What a LOG's statistics tell is of all the time since the ones before.
    const auto begin = std::min(point.begin, point.end - from_seconds(point.seconds));
    data.shares.push_back({to_us(begin), to_us(point.end), point.sum / point.seconds});
  }
}

}  // namespace

TimelineData timeline_data(const std::vector<StorageJob>& jobs, const NodeSession& session) {
  TimelineData data;
  add_jobs(jobs, data);
  add_stalls(session, data);
  add_shares(session, data);
  return data;
}

std::vector<TooltipRow> job_tooltip(const StorageJob& job, TimePoint now, bool utc) {
  const bool dark = is_dark(QGuiApplication::palette());
  std::vector<TooltipRow> rows;
  const QString what = job.kind == StorageJob::Kind::flush
                           ? job_levels(job)
                           : QObject::tr("%1 %2").arg(job_kind(job), job_levels(job));
  rows.push_back({series_colour(lane_colour(job), dark), what,
                  job_bytes(job) + QStringLiteral(", ") + job_took(job, now)});
  if (!job.family.empty()) rows.push_back({{}, QObject::tr("Family"), to_qt(job.family)});
  rows.push_back({{}, QObject::tr("Began"), clock_text(job.begin, utc)});
  if (!job.reason.empty()) rows.push_back({{}, QObject::tr("Reason"), to_qt(job.reason)});
  return rows;
}

bool tells_jobs(const NodeSession& session) {
  const auto& snapshot = *session.snapshot();
  return session.description().way == OpenWay::managed ||
         std::isfinite(snapshot.value(Metric::db_flushes_total)) ||
         std::isfinite(snapshot.value(Metric::db_compactions_total));
}

QString why_no_jobs(const NodeSession& session) {
  if (tells_jobs(session)) {
    return QObject::tr(
        "Nothing was flushed or compacted in the shown window. A longer one may "
        "show more.");
  }
  if (session.description().kind == "logs") {
    return QObject::tr(
        "Not known: these LOG files tell of no flush or compaction. Their node wrote only warnings "
        "into them (log level WARN), or they are too young.");
  }
  if (session.description().recorded) {
    return QObject::tr("Not known: no flush or compaction was recorded.");
  }
  return QObject::tr(
      "Not known: the LOG tells of no flush or compaction. There is no LOG, or the "
      "node writes only warnings into it (log level WARN), or it is too young.");
}

}  // namespace nodetune
