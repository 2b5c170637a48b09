// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "engine/base/clock.h"
#include "engine/base/status.h"
#include "engine/objects/object_store.h"

namespace nodetune {

// A chain that reads and writes through an ObjectStore, one block after the other.
//
// Thread: the driver's alone. Lifetime: the store outlives it.
class Workload {
 public:
  virtual ~Workload() = default;

  // "50 Ethereum mainnet blocks, 20615532 to 20615581": for the window's title.
  virtual std::string describe() const = 0;
  // What of it is real and what is made up, for labels.
  virtual std::string provenance() const = 0;
  // Stores what must be there before the first block; called once. Resumes after a reopen: what
  // is there already is not written again.
  virtual Status prepare(ObjectStore& store) = 0;
  // Reads and writes one block, then submits its writes as one group. False: there are no more.
  virtual Result<bool> run_block(ObjectStore& store) = 0;
  // Blocks that the whole workload has; nothing for an endless one.
  virtual std::optional<std::uint64_t> total_blocks() const = 0;
};

struct AccessListConfig {
  std::string path;  // a folder of NUMBER_with_reads.rlp, or one file
  std::uint64_t seed = 1;
  int keep_blocks = 32;  // older bodies and receipts are pruned by delete range
};
Result<std::unique_ptr<Workload>> make_access_list_replay(const AccessListConfig& config);

struct SyntheticConfig {
  std::uint64_t seed = 1;
  std::optional<std::uint64_t> blocks;  // nothing: endless
  std::int64_t prefill_bytes = 0;       // state stored before the first block
  std::int64_t prune_above_bytes = 0;   // 0: only by keep_blocks
  int keep_blocks = 1'024;              // older bodies and receipts are pruned
};
Result<std::unique_ptr<Workload>> make_synthetic_chain(const SyntheticConfig& config);

// What a stored block says of itself, so that a reader after a crash can tell a whole block from
// half of one: how many writes it had and a checksum over them.
//
// Verifies every committed block against what the families hold; names the first that is not
// whole. Reads past caches. Returns the number of blocks that are there.
struct BlockAudit {
  std::uint64_t blocks = 0;       // committed and whole
  std::uint64_t last_number = 0;  // of the newest; 0 when there is none
};
class Database;
Result<BlockAudit> verify_blocks(Database& database);

}  // namespace nodetune
