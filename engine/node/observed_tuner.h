// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/base/published.h"
#include "engine/node/command.h"
#include "engine/node/follow_up.h"
#include "engine/node/follow_up_store.h"
#include "engine/node/memory_headroom.h"
#include "engine/node/node.h"
#include "engine/observe/client_profile.h"
#include "engine/tuner/audit_log.h"
#include "engine/tuner/database_tuner.h"

namespace nodetune {

// "$XDG_STATE_HOME/nodetune/<hash of the path>", else below ~/.local/state: where NodeTune keeps
// what concerns a directory that is not its own. Empty when neither is set.
std::string state_folder(const std::string& path);

// "In Besu set: --Xplugin…; then restart it": how this client is told. Empty where it is no knob.
std::string apply_text(const RecognisedClient& client, const Recommendation& item);
// The exact flag or line alone, to be copied. Empty: not settable in this client.
std::string setting_line(const RecognisedClient& client, const Recommendation& item);

// "write_buffer_size (16 MiB to 64 MiB)": what keeps rules from looking. Empty: all of them can.
std::string unknown_knobs(const std::vector<KnobState>& states, const KnownKnobs& knobs);

// The rules, run on what is seen of a foreign node. It can change nothing: an approval is noted,
// the operator gets the exact flag or line of the client, and what was copied is followed up,
// across restarts of the node and of this program.
//
// Thread: recommendations() and audit() from any; the rest from the observer's.
class ObservedTuner {
 public:
  // Errors: no state folder, not writable, or another program has it: then there are no rules.
  static Result<std::unique_ptr<ObservedTuner>> open(const std::string& path,
                                                     const RecognisedClient& client,
                                                     const TunerConfig& config, Clock& clock,
                                                     const FollowUpConfig& follow_up = {});
  ~ObservedTuner();

  Result<bool> observe(const std::shared_ptr<const Snapshot>& newest, const KnownKnobs& knobs,
                       const History& history);
  Result<std::string> tune_now(const std::shared_ptr<const Snapshot>& newest,
                               const KnownKnobs& knobs, const History& history);
  // A rejection of what is followed up gives it up.
  Result<std::string> decide(const DecideRecommendation& decision);
  // Its line was copied; approves it where nobody has decided yet.
  Result<std::string> follow_up(const FollowRecommendation& command, const NodeNow& now,
                                const History& history);
  // What was copied moves on with what is seen: an event a step.
  std::vector<NodeEvent> look(const NodeNow& now, const History& history);
  void take_memory(const MemoryNow& memory);

  std::vector<Recommendation> recommendations() const;
  std::vector<AuditEntry> audit() const;

 private:
  ObservedTuner(RecognisedClient client, const FollowUpConfig& follow_up, Clock& clock, int lock);
  Status restore(const std::string& folder);
  void learn_limits(const Snapshot& newest);
  Status give_up(const Recommendation& item);
  void name_successor(FollowedChange& change, FollowUpMove& move) const;
  NodeEvent take(const FollowUpMove& move, Actor who, FollowedChange& change);
  Status make_room();
  Status save();
  void complete(Recommendation& item) const;

  const RecognisedClient client_;
  const FollowUpConfig follow_up_config_;
  Clock& clock_;
  const int lock_;  // held as long as anything is written here
  std::unique_ptr<AuditLog> audit_;
  std::unique_ptr<DatabaseTuner> tuner_;

  // The observer's alone.
  std::unique_ptr<FollowUpStore> store_;
  std::vector<FollowedChange> changes_;  // the oldest first
  std::vector<NodeEvent> news_;          // that no look() has told yet

  Published<MemoryNow> memory_{nullptr};
};

}  // namespace nodetune
