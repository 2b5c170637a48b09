// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include "engine/base/status.h"
#include "engine/store/key_value_store.h"
#include "engine/workload/block_audit.h"

namespace nodetune {

// Compares all that an import has stored with what the blocks themselves say: each number from the
// first to the last has one header, whose hash is that of its key and links to the one before, a
// body and receipts that hash to the header's roots, and a lookup for each transaction; nothing
// else is there. `corrupt` names the block and what is wrong with it.
// Reads past the caches; scans every family. Thread: any; nobody writes meanwhile.
Result<BlockAudit> verify_import(KeyValueStore& store);

}  // namespace nodetune
