// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "engine/metrics/history.h"
#include "engine/node/recorded_logs.h"
#include "engine/node/recorded_rules.h"
#include "engine/node/recorded_source.h"
#include "engine/tuner/database_tuner.h"

namespace nodetune {

// What a recording tells, put together piece by piece, from wherever it comes.
//
// Samples that are older than the newest (old LOGs, read beside the running node) go into the
// history alone; the rules look at what is new. Stalled seconds come late, in one lump: the rules
// see them spread over the time that follows.
// Thread: one at a time. Lifetime: within that of `history`.
class RecordedStory final : public RecordedTaker {
 public:
  RecordedStory(History& history, const TunerConfig& tuner) : history_(history), tuner_(tuner) {
    totals_.fill(kMissing);
  }

  void put(std::string_view document, std::string json) override;
  void add(const RecordedSample& sample) override;
  void add(const RecordedEvent& event) override;
  void add(const RecordedJob& job) override;

  // What is new since the last time; nothing: there was nothing new.
  std::optional<RecordedPast> news(const RecordedOrigin& origin);

 private:
  struct LateStall {
    double seconds = 0;
    double share = 0;  // of each of them
  };

  void add_to_totals(const RecordedSample& sample);
  void add_late_stalls(double seconds);
  void keep(NodeEvent event);
  RecordedRules& rules();
  NodeDescription describe(const RecordedOrigin& origin) const;
  Snapshot last_state() const;
  void tell_end(const RecordedOrigin& origin);

  History& history_;
  const TunerConfig tuner_;
  std::map<std::string, std::string, std::less<>> documents_;
  NodeDescription described_;
  std::vector<KnobState> knobs_;
  std::optional<RecordedRules> rules_;       // nothing: whose they are is not known yet
  std::array<double, kMetricCount> totals_;  // of counters, since the recording's beginning
  std::deque<LateStall> late_stalls_;
  RecordedSpan span_;
  double step_seconds_ = 1;
  std::uint64_t samples_ = 0;
  std::shared_ptr<const Snapshot> newest_;
  std::deque<NodeEvent> events_;  // not yet told
  std::deque<StorageJob> jobs_;   // likewise
  bool changed_ = true;
  bool told_obstacle_ = false;
  RecordedOrigin told_;
};

}  // namespace nodetune
