// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "engine/node/node.h"
#include "engine/node/recorded_jobs.h"
#include "engine/recording/recording_format.h"

namespace nodetune {

// What became known of a node since the last look, for whoever writes it down: samples, events,
// jobs. Stalled seconds come late, at the time that they belong to.
//
// Thread: one at a time. Lifetime: the node's.
class NodeTranscript {
 public:
  // Samples and logged events up to these times are known already: an earlier recording's.
  NodeTranscript(const Node& node, TimePoint known_samples, TimePoint known_events);

  struct News {
    std::vector<RecordedSample> samples;
    std::vector<RecordedEvent> events;
    std::vector<RecordedJob> jobs;
  };
  News look();

 private:
  void take_stalls(std::vector<RecordedSample>& samples);

  const Node& node_;
  JobTranscript jobs_;
  const TimePoint known_samples_;
  const TimePoint known_events_;
  std::uint64_t last_snapshot_ = 0;
  std::uint64_t last_event_ = 0;
  TimePoint last_stall_{};
};

}  // namespace nodetune
