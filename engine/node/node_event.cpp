// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/node/node_event.h"

#include <algorithm>
#include <array>
#include <utility>

namespace nodetune {

std::string_view to_string(Severity severity) {
  static constexpr std::array<std::string_view, 3> kNames = {"info", "warning", "error"};
  return kNames[static_cast<std::size_t>(severity)];
}

std::string_view to_string(EventCategory category) {
  static constexpr std::array<std::string_view, 11> kNames = {
      "flush",          "compaction", "stall", "error",    "recovery", "knob",
      "recommendation", "cache",      "batch", "workload", "node"};
  return kNames[static_cast<std::size_t>(category)];
}

void EventRing::add(NodeEvent event) {
  const std::lock_guard lock(mutex_);
  event.sequence = ++last_sequence_;
  events_.push_back(std::move(event));
  if (events_.size() > capacity_) {
    events_.pop_front();
    ++dropped_;
  }
}

std::vector<NodeEvent> EventRing::since(std::uint64_t sequence, std::size_t limit) const {
  const std::lock_guard lock(mutex_);
  auto first = std::partition_point(events_.begin(), events_.end(), [&](const NodeEvent& event) {
    return event.sequence <= sequence;
  });
  const auto found = static_cast<std::size_t>(events_.end() - first);
  if (found > limit) first += static_cast<std::ptrdiff_t>(found - limit);
  return {first, events_.end()};
}

std::uint64_t EventRing::dropped() const {
  const std::lock_guard lock(mutex_);
  return dropped_;
}

}  // namespace nodetune
