// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <vector>

#include "engine/base/clock.h"
#include "engine/metrics/catalogue.h"

namespace nodetune {

enum class Severity : std::uint8_t { info, warning, error };
enum class EventCategory : std::uint8_t {
  flush,
  compaction,
  stall,
  error,
  recovery,
  knob,
  recommendation,
  cache,
  batch,
  workload,
  node
};

std::string_view to_string(Severity severity);
std::string_view to_string(EventCategory category);

// One line of the Events page.
struct NodeEvent {
  std::uint64_t sequence = 0;  // 1, 2, … in the order they became known
  TimePoint time{};            // when it happened
  Severity severity = Severity::info;
  EventCategory category = EventCategory::node;
  Source source = Source::measured;
  std::string family;  // printable; empty when it concerns the whole database
  std::string text;
};

inline constexpr std::size_t kEventsKept = 10'000;  // of one node

// The newest events, and how many older ones were dropped for them.
//
// Thread: any.
class EventRing {
 public:
  explicit EventRing(std::size_t capacity = kEventsKept) : capacity_(capacity) {}

  void add(NodeEvent event);  // gives it its sequence number
  // Those with a sequence number above `sequence`, ascending, the newest `limit` of them.
  std::vector<NodeEvent> since(std::uint64_t sequence, std::size_t limit) const;
  std::uint64_t dropped() const;

 private:
  const std::size_t capacity_;
  mutable std::mutex mutex_;
  std::deque<NodeEvent> events_;     // guarded by mutex_
  std::uint64_t last_sequence_ = 0;  // guarded by mutex_
  std::uint64_t dropped_ = 0;        // guarded by mutex_
};

}  // namespace nodetune
