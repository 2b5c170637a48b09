// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/node/stall_watch.h"

namespace nodetune {

void StallWatch::observe(const DatabaseEvent& event) {
  if (event.type == DatabaseEvent::Type::stall_end) held_up_.erase(event.family);
  if (event.type == DatabaseEvent::Type::stall_begin) held_up_.insert(event.family);
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

  const double stalled = snapshot.value(Metric::db_stall_seconds_total);
  const bool grew = stalled > stalled_seconds_;  // writers were held up since the last look
  stalled_seconds_ = stalled;
  const auto level = snapshot.value(Metric::db_write_stopped) > 0 ? WriteStall::Level::stopped
                     : grew                                       ? WriteStall::Level::slowed
                                                                  : WriteStall::Level::none;
  if (level_ == WriteStall::Level::none) since_ = snapshot.taken_at;
  level_ = level;
  looked_ = snapshot.taken_at;
}

WriteStall StallWatch::stall() const {
  WriteStall stall;
  stall.level = level_;
  if (level_ == WriteStall::Level::none) return stall;
  for (const auto& family : held_up_) {
    stall.families += (stall.families.empty() ? "" : ", ") + family;
  }
  stall.cause = newest_cause_;
  stall.seconds = to_seconds(looked_ - since_);
  return stall;
}

}  // namespace nodetune
