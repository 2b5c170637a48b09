// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/metrics/history.h"
#include "engine/metrics/snapshot.h"
#include "engine/node/node.h"
#include "engine/observe/client_profile.h"
#include "engine/tuner/database_tuner.h"

namespace nodetune {

// What the rules would have said while a recording was made: the same rules, window by window, at
// the recording's own times. Nobody can decide about them, so nothing is noted anywhere.
//
// Thread: one at a time.
class RecordedRules {
 public:
  RecordedRules(RecognisedClient client, const TunerConfig& config);

  // The knobs as far as they are known; without what the rules need they say nothing.
  void set_knobs(const std::vector<KnobState>& knobs, std::size_t families);
  // The next sample; a gap between two of them ends a window.
  void observe(const std::shared_ptr<const Snapshot>& sample, const History& history);

  // Oldest first; those whose evidence was gone at the end are expired.
  const std::vector<Recommendation>& recommendations() const { return items_; }
  // Why the rules could not look; empty: they could.
  std::string obstacle() const;

 private:
  void run(const Snapshot& older, const Snapshot& newer, const History& history);
  void merge(Proposal proposal, TimePoint time);

  const RecognisedClient client_;
  TunerConfig config_;
  std::optional<KnobValues> values_;
  std::string obstacle_;
  std::shared_ptr<const Snapshot> window_begin_;
  std::vector<Recommendation> items_;
  std::uint64_t next_id_ = 1;
  std::uint64_t rounds_ = 0;
};

}  // namespace nodetune
