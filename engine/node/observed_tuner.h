// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/node/command.h"
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

// The rules, run on what is seen of a foreign node. It can change nothing: an approval is noted,
// and the operator gets the exact flag or line of the client.
//
// Thread: recommendations() and audit() from any; the rest from the observer's.
class ObservedTuner {
 public:
  // Errors: no state folder, not writable, or another program has it: then there are no rules.
  static Result<std::unique_ptr<ObservedTuner>> open(const std::string& path,
                                                     const RecognisedClient& client,
                                                     const TunerConfig& config, Clock& clock);
  ~ObservedTuner();

  Result<bool> observe(const std::shared_ptr<const Snapshot>& newest, const KnobValues& values,
                       const History& history);
  Result<std::string> tune_now(const std::shared_ptr<const Snapshot>& newest,
                               const KnobValues& values, const History& history);
  Result<std::string> decide(const DecideRecommendation& decision);

  std::vector<Recommendation> recommendations() const;
  std::vector<AuditEntry> audit() const;

 private:
  ObservedTuner(RecognisedClient client, int lock);
  void learn_limits(const Snapshot& newest);

  const RecognisedClient client_;
  const int lock_;  // held as long as the audit log is written here
  std::unique_ptr<AuditLog> audit_;
  std::unique_ptr<DatabaseTuner> tuner_;
};

}  // namespace nodetune
