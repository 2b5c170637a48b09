// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "engine/node/node.h"
#include "engine/recording/recording_format.h"

namespace nodetune {

RecordedJob to_recorded(const StorageJob& job);
// Nothing: its times make no sense.
std::optional<StorageJob> from_recorded(const RecordedJob& recorded);

// The jobs of a node that have ended since the last look, for whoever writes them down; one that
// runs is written when it has ended. Some end in the order of another database: whoever keeps them
// must bear the same one twice.
//
// Thread: one at a time. Lifetime: the node's.
class JobTranscript {
 public:
  explicit JobTranscript(const Node& node) : node_(node) {}

  std::vector<RecordedJob> look();

 private:
  const Node& node_;
  TimePoint newest_end_{};
  std::map<std::uint64_t, TimePoint> told_;  // by sequence: ends, the newest
};

}  // namespace nodetune
