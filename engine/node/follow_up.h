// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/clock.h"
#include "engine/metrics/history.h"
#include "engine/node/node.h"
#include "engine/node/observed_views.h"
#include "engine/node/window_figures.h"
#include "engine/observe/observation.h"
#include "engine/tuner/recommendation.h"

namespace nodetune {

struct FollowUpConfig {
  Duration before = std::chrono::hours(1);        // looked at when the line is copied
  Duration warm_up = std::chrono::minutes(10);    // after a restart: caches are cold
  Duration after_min = std::chrono::minutes(30);  // then compared, and as long as the time before
  Duration wait_max = std::chrono::hours(12);     // for figures that do not come
  Duration options_grace = std::chrono::seconds(60);   // OPTIONS is seen later than the LOG's line
  Duration compare_period = std::chrono::seconds(30);  // whether it is time to
  std::size_t kept_max = 100;                          // the oldest finished ones go first
};

// Which open of the database it is, as far as that can be told from outside.
struct OpenMark {
  std::optional<TimePoint> time;  // as the LOG has it; nothing: or its zone is not known
  std::string session;            // empty: an old version, or no LOG
  std::string options;            // "OPTIONS-000060"
  int pid = 0;                    // that holds the lock; 0: nobody, or not to be seen
};
// Was the database opened anew between the two? `before` was so at `before_time`.
bool is_later_open(const OpenMark& before, TimePoint before_time, const OpenMark& now);

// What is seen of a foreign node at one moment.
struct NodeNow {
  TimePoint time{};
  OpenMark open;
  bool log_is_read = false;  // until then the open is not known
  bool runs = false;
  std::size_t databases = 1;  // of the node
  std::vector<KnobState> knobs;
  std::string caveat;  // what else is worth knowing of this client's settings
};
NodeNow node_now(const Observation& seen, const ObservedLog& log, std::vector<KnobState> knobs,
                 std::size_t databases, TimePoint time);

// A change that the operator was told, and that he brings into force by restarting the node.
struct FollowedChange {
  Recommendation item;  // with its follow_up
  TimePoint copied{};
  bool open_known = false;  // false: copied before the LOG was read
  OpenMark open;  // that was judged last; at first the one that ran when the line was copied
  std::optional<TimePoint> opened;  // with the wanted value
  WindowFigures before;

  bool is_closed() const { return is_final(item.state); }

  // Not kept across restarts of this program.
  std::optional<TimePoint> later_open_seen;
  std::optional<TimePoint> compare_next;
};

// A step: of the follow-up, and where the recommendation itself moves on, of that.
struct FollowUpMove {
  std::uint64_t id = 0;
  FollowUp::Stage from = FollowUp::Stage::copied;
  FollowUp follow_up;
  std::optional<RecommendationState> state = std::nullopt;
  Severity severity = Severity::info;
};

// Begins: `item` is approved and its line was copied.
FollowedChange begin_follow_up(const Recommendation& item, const NodeNow& now,
                               const History& history, const FollowUpConfig& config);

// What became of it by now; nothing: no step. Changes `change` but for its item's state.
std::optional<FollowUpMove> follow(FollowedChange& change, const NodeNow& now,
                                   const History& history, const FollowUpConfig& config);

}  // namespace nodetune
