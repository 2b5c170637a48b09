// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/node/stall_watch.h"

#include <algorithm>

namespace nodetune {

void StallWatch::observe(const DatabaseEvent& event) {
  if (event.type == DatabaseEvent::Type::stall_end) held_up_.erase(event.family);
  if (event.type != DatabaseEvent::Type::stall_begin) return;
  auto& one = held_up_[event.family];
  one.stopped = event.stopped;
  if (one.since == TimePoint{}) one.since = event.time;  // slowed, then stopped: one stall
}

void StallWatch::observe(const Snapshot& snapshot) {
  std::array<std::uint64_t, kStallCauses.size()> counts{};
  for (const auto& stall : snapshot.stalls) {
    counts[static_cast<std::size_t>(stall.cause)] += stall.count;
  }
  std::uint64_t most = 0;
  for (const auto cause : kStallCauses) {
    const auto at = static_cast<std::size_t>(cause);
    const auto grown = counts[at] > counts_[at] ? counts[at] - counts_[at] : 0;
    if (grown <= most) continue;
    most = grown;
    newest_cause_ = cause;
  }
  counts_ = counts;
}

WriteStall StallWatch::stall(TimePoint now) const {
  WriteStall stall;
  for (const auto& [family, one] : held_up_) {
    stall.level =
        std::max(stall.level, one.stopped ? WriteStall::Level::stopped : WriteStall::Level::slowed);
    stall.families += (stall.families.empty() ? "" : ", ") + family;
    stall.seconds = std::max(stall.seconds, to_seconds(now - one.since));
  }
  if (!held_up_.empty()) stall.cause = newest_cause_;
  return stall;
}

}  // namespace nodetune
