// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/clock.h"
#include "engine/files/directory_listing.h"
#include "engine/files/manifest.h"

namespace nodetune {

// SST and blob files that lie in the directory although no version of the database names them.
struct Orphans {
  std::int64_t files = 0;
  std::int64_t bytes = 0;
  std::vector<std::string> names;  // the largest ones
};

struct OrphanLimits {
  // So long a running node may take to finish a compaction's files, or to let go of replaced ones.
  Duration age_min = std::chrono::minutes(10);
  std::size_t names_max = 5;
  std::size_t watched_max = 100'000;  // files
};

// Tells files that are left over from those that are just being written or about to be deleted.
//
// Beside a running node a file counts that is older than its MANIFEST (each open begins a new one,
// out of the same numbers, so no compaction of this run wrote it), was not written to for a while,
// and was seen unnamed for as long. Beside a stopped one it must have been seen so before.
// Thread: one at a time.
class OrphanWatch {
 public:
  explicit OrphanWatch(const OrphanLimits& limits = {}) : limits_(limits) {}

  // Nothing: that cannot be told yet.
  std::optional<Orphans> look(const DirectoryListing& listing, const Manifest& manifest,
                              bool node_runs, TimePoint now);

 private:
  const OrphanLimits limits_;
  std::optional<TimePoint> first_look_;
  std::map<std::string, TimePoint> unnamed_since_;  // by the file's name
};

}  // namespace nodetune
