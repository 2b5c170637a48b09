// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/metrics/snapshot.h"
#include "engine/node/node.h"
#include "engine/node/observed_sums.h"
#include "engine/observe/observation.h"

// What observed databases hold, by kind of object.

namespace nodetune {

// The kinds of one database, worked out anew only where its MANIFEST or its client has changed.
//
// Thread: the observer's.
class ObservedKinds {
 public:
  // Sets `snapshot.kinds` and their metrics; after its families, whose keys are counted. Nothing
  // where there is no MANIFEST.
  void fill(const Observation& seen, Snapshot& snapshot);

 private:
  struct Kind {
    KindFigures figures;
    std::vector<std::string> families;  // whose keys it has, as shown; empty: not known
  };
  std::shared_ptr<const Manifest> manifest_;
  const ClientProfile* profile_ = nullptr;
  std::vector<Kind> kinds_;
};

// Shares of all, and what is known of this client: which kinds it keeps elsewhere.
void add_kind_facts(const Observation& seen, const Snapshot& snapshot, std::vector<Fact>& facts);

// Of several databases. One without a MANIFEST brings its files as "not told apart"; where even
// their size is not known, there are no kinds.
void sum_up_kinds(const std::vector<GroupPart>& parts, Snapshot& snapshot);
void add_kind_facts(const std::vector<GroupPart>& parts, const Snapshot& snapshot,
                    std::vector<Fact>& facts);

}  // namespace nodetune
