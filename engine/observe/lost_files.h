// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <unordered_set>
#include <vector>

#include "engine/base/clock.h"
#include "engine/files/directory_listing.h"
#include "engine/files/manifest.h"

namespace nodetune {

// Tells SST and blob files that somebody deleted under the database: its MANIFEST names them, they
// lay in the directory at an earlier look, and they lie there no longer.
//
// A node deletes a file after its MANIFEST has forgotten it; but listing and MANIFEST are not of
// one moment, so that a file counts only once it has been missed for a while. What never lay here
// lies elsewhere (db_paths, cf_paths). Thread: one at a time.
class LostFileWatch {
 public:
  static constexpr Duration kMissedMin = std::chrono::seconds(5);

  // Their names, by number.
  std::vector<std::string> look(const DirectoryListing& listing, const Manifest& manifest,
                                TimePoint now);

 private:
  std::unordered_set<std::uint64_t> present_;         // and named, at the last look
  std::map<std::uint64_t, TimePoint> missing_since_;  // by number
};

// "000012.sst is gone, but MANIFEST-000058 names it"; empty where none is. `holder`: the process
// that has the database open; negative: nobody.
std::string lost_files_text(const std::vector<std::string>& names, const std::string& manifest,
                            int holder);

}  // namespace nodetune
