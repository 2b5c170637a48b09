// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <memory>
#include <string>

#include "engine/base/clock.h"
#include "engine/base/status.h"
#include "engine/node/node.h"
#include "engine/observe/inspect.h"
#include "engine/observe/metrics_scraper.h"
#include "engine/tuner/database_tuner.h"

namespace nodetune {

// So many databases of one directory are opened, the largest; the others are named. (Aptos keeps
// some 40.)
inline constexpr std::size_t kGroupDatabasesMax = 64;

// All databases that `found.databases` names, as one node: it shows them together, databases() each
// alone. One thread looks at all of them, and at fewer in a round where looking takes long; what
// may be read of old LOG files is shared among them. `scraper`: one process serves one address for
// all of them; may be null.
// Errors: none of them could be opened (the message is the first one's).
Result<std::unique_ptr<Node>> open_observed_group(const Inspection& found, std::string reason,
                                                  Clock& clock, const TunerConfig& tuner,
                                                  std::shared_ptr<MetricsScraper> scraper = {});

}  // namespace nodetune
