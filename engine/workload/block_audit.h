// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <cstdint>

#include "engine/base/status.h"

namespace nodetune {

class Database;

struct BlockAudit {
  std::uint64_t blocks = 0;        // committed in this directory, ever
  std::uint64_t first_number = 0;  // of the oldest whose record is kept; 0 when there is none
  std::uint64_t last_number = 0;   // of the newest; 0 when there is none
  std::uint64_t verified_keys = 0;
};

// Compares all that the families hold with what the blocks say they wrote.
//
// Each block's record lists its writes by hash; records of the newest kKeptRecords blocks are
// kept. The newest record to name a key decides what must be there. So are found: a write that is
// missing or differs, a write of a block that has no record (half a block), a gap in the numbers,
// a merge applied twice. As long as no record has been dropped, state that no block wrote must be
// what was prepared. `corrupt` names the block and what is wrong with it.
// Reads past the caches; scans every family: as long as reading the database takes. Thread: any;
// nobody writes meanwhile.
Result<BlockAudit> verify_blocks(Database& database);

}  // namespace nodetune
