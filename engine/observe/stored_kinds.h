// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/files/manifest.h"
#include "engine/observe/client_profile.h"

namespace nodetune {

// What the live files of a database hold of one kind.
struct StoredKind {
  HeldKind holds;
  std::int64_t files = 0;  // SST and blob files
  std::int64_t bytes = 0;
  std::vector<std::string> families;  // raw names of those that hold nothing else
  bool whole_families = true;         // no family holds another kind beside this one
};

// All live files by kind, in kObjectKinds' order, then "other", then "not told apart"; kinds
// without a file are left out. The bytes of all are those of Manifest::total() and blob_total().
//
// A file belongs to a kind where both its smallest and its largest key do, and all that may stand
// between them; a blob file where every table that may point into it does. `profile` null: nothing
// is told apart. `directory`: the database's. Walks over all files once: for a new MANIFEST only.
std::vector<StoredKind> stored_kinds(const Manifest& manifest, const ClientProfile* profile,
                                     const std::string& directory);

}  // namespace nodetune
