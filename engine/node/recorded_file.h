// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "engine/metrics/history.h"
#include "engine/node/node_event.h"
#include "engine/node/recorded_logs.h"
#include "engine/node/recorded_rules.h"
#include "engine/recording/recording_reader.h"

namespace nodetune {

// A recording as it is read, and read on while somebody writes it.
//
// Thread: one at a time.
class RecordedFile {
 public:
  RecordedFile(std::string path, std::unique_ptr<RecordingReader> reader, const TunerConfig& tuner);

  // What is new since the last time goes into `history`; nothing: there was nothing new.
  Result<std::optional<RecordedPast>> read(History& history);

 private:
  void take(const RecordedSample& sample, History& history);
  NodeDescription describe(const std::string& document) const;
  Snapshot last_state(const std::string& document);

  const std::string path_;
  const std::unique_ptr<RecordingReader> reader_;
  const TunerConfig tuner_;
  std::optional<RecordedRules> rules_;
  std::array<double, kMetricCount> totals_;  // of counters, since the recording's beginning
  RecordedSpan span_;
  double step_seconds_ = 1;
  std::uint64_t samples_ = 0;
  bool told_obstacle_ = false;
  std::shared_ptr<const Snapshot> newest_;
};

}  // namespace nodetune
