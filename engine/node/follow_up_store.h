// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/base/clock.h"
#include "engine/base/status.h"
#include "engine/node/follow_up.h"

namespace nodetune {

// What the operator of a foreign node has decided.
struct FollowUps {
  std::vector<FollowedChange> changes;   // lines that were copied; the oldest first
  std::vector<Recommendation> approved;  // whose line nobody has copied yet
};

// FOLLOWUPS.json: what the operator was told to change and what has become of it, kept across
// restarts of this program in the state folder of the node's directory.
//
// Invariant: the file is whole at any time: a new one is written beside it, fsynced and renamed
// over it. One that cannot be read is moved aside, never written over.
// Thread: one at a time. Lifetime: one writer a folder (the folder's lock sees to it).
class FollowUpStore {
 public:
  explicit FollowUpStore(std::string path) : path_(std::move(path)) {}

  struct Found {
    FollowUps follow_ups;
    std::string trouble;  // what became of a file that could not be read; empty: nothing was wrong
  };
  // Not ok: it can neither be read nor moved aside.
  Result<Found> read(TimePoint now) const;
  Status write(const FollowUps& follow_ups) const;

 private:
  const std::string path_;
};

// Approved or overridden, and nobody has copied its line yet.
bool waits_for_copy(const Recommendation& item);

// The file's text, and back.
std::string to_json(const FollowUps& follow_ups);
Result<FollowUps> follow_ups_from_json(std::string_view text);

}  // namespace nodetune
