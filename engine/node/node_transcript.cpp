// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/node/node_transcript.h"

#include <algorithm>

#include "engine/node/recorded_documents.h"

namespace nodetune {
namespace {

constexpr std::size_t kEventsEach = 5'000;
constexpr std::size_t kStallPointsMax = 100'000;
constexpr auto kStallsReachBack = std::chrono::hours(48);

}  // namespace

NodeTranscript::NodeTranscript(const Node& node, TimePoint known_samples, TimePoint known_events)
    : node_(node),
      jobs_(node),
      known_samples_(known_samples),
      known_events_(known_events),
      last_stall_(known_samples) {}

NodeTranscript::News NodeTranscript::look() {
  News news;
  const auto snapshot = node_.snapshot();
  if (snapshot->sequence != last_snapshot_ && snapshot->taken_at > known_samples_) {
    last_snapshot_ = snapshot->sequence;
    news.samples.push_back(sample_of(*snapshot));
    take_stalls(news.samples);
  }
  for (const auto& event : node_.events(last_event_, kEventsEach)) {
    last_event_ = event.sequence;
    if (event.source == Source::logged && event.time <= known_events_) continue;
    news.events.push_back(to_recorded(event));
  }
  news.jobs = jobs_.look();
  return news;
}

// A snapshot never has them: the history does, once the node has told.
void NodeTranscript::take_stalls(std::vector<RecordedSample>& samples) {
  const auto& history = node_.history();
  const auto end = history.last() + std::chrono::seconds(1);
  const auto begin = std::max(last_stall_, end - kStallsReachBack);
  for (const auto& point :
       history.range(Metric::db_stall_seconds_total, begin, end, kStallPointsMax)) {
    if (point.begin < begin || !(point.seconds > 0)) continue;
    RecordedSample sample;
    sample.time = point.end;
    sample.seconds = point.seconds;
    sample.figures = {{Metric::db_stall_seconds_total, point.sum / point.seconds}};
    samples.push_back(std::move(sample));
    last_stall_ = point.end;
  }
}

}  // namespace nodetune
