// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "engine/base/status.h"
#include "engine/objects/object_store.h"
#include "engine/store/key_value_store.h"
#include "engine/workload/import_progress.h"

namespace nodetune {

// How prepare() is watched and ended early; it may write gigabytes.
struct PrepareWatch {
  std::stop_token stop;                        // prepare() then returns `cancelled`
  std::function<void(double ratio)> progress;  // 0 to 1, on the caller's thread; may be empty
};

// A chain that reads and writes through an ObjectStore, one block after the other.
//
// Invariant: a block's writes are one group. What the next block is, is read from Family::own, so
// that a reopened directory goes on after its last committed block.
// A directory belongs to one chain (kind and seed): prepare() refuses any other.
// Thread: the driver's alone. Lifetime: the store outlives it.
class Workload {
 public:
  virtual ~Workload() = default;

  // "50 Ethereum mainnet blocks, 20615532 to 20615581": for the window's title.
  virtual std::string describe() const = 0;
  // What of it is real and what is made up, for labels.
  virtual std::string provenance() const = 0;
  // Stores what must be there before the first block; at once ok when it is there already. Writes
  // past the ObjectStore, so that the replay starts with cold caches: to be called before anything
  // is read through the ObjectStore, whose caches would not learn of it.
  virtual Status prepare(KeyValueStore& store, const PrepareWatch& watch) = 0;
  // Reads and writes one block, then submits its writes as one group; to be called after
  // prepare(). False: there are no more. After an error the same block is run again.
  virtual Result<bool> run_block(ObjectStore& store) = 0;
  // Blocks that the whole workload has, earlier runs included; nothing for an endless one.
  virtual std::optional<std::uint64_t> total_blocks() const = 0;
  // What to say when there are no more.
  virtual std::string conclusion() const {
    return "all blocks of the workload are stored in this directory";
  }
  // Any thread. Nothing: it is no import.
  virtual std::optional<ImportProgress> import_progress() const { return std::nullopt; }
};

struct AccessListConfig {
  std::string path;  // a folder of NUMBER_with_reads.rlp, or one file
  std::uint64_t seed = 1;
  int keep_blocks = 32;  // older bodies and receipts are pruned by delete range
  // How often the lists run in this directory, all its runs together: a directory that has had
  // them is finished, and more rounds go on where it stands (later rounds are numbered on).
  std::uint64_t rounds = 1;
  bool hints = false;  // each block's keys are fetched while the block before runs
};
Result<std::unique_ptr<Workload>> make_access_list_replay(const AccessListConfig& config);

struct SyntheticConfig {
  std::uint64_t seed = 1;
  std::optional<std::uint64_t> blocks;  // of the directory in all; nothing: endless
  // Both hold for a new directory; one that has begun keeps what it began with.
  std::int64_t prefill_bytes = 0;      // state stored before the first block
  std::int64_t prune_above_bytes = 0;  // about how large the database may grow; 0: unbounded
  int keep_blocks = 64;                // older headers, bodies, receipts, lookups are pruned
  bool hints = false;                  // what a block reads is fetched while the block before runs
};
Result<std::unique_ptr<Workload>> make_synthetic_chain(const SyntheticConfig& config);

// Real blocks out of files: headers, bodies, transaction lookups, receipts where there are any. The
// files may hold what the directory has already: the import goes on behind its last block, which
// must be theirs too.
struct ImportConfig {
  // RLP block exports and era1 archives, or folders of them; one chain, in any order.
  std::vector<std::string> paths;
  std::optional<std::uint64_t> from;  // numbers; nothing: all that is there
  std::optional<std::uint64_t> to;
};
// The files are opened by prepare(): a directory can be opened though they are gone.
Result<std::unique_ptr<Workload>> make_chain_import(const ImportConfig& config);
// Whether the files are there and begin with blocks, so that nobody makes a directory for others.
Status check_import(const ImportConfig& config);

}  // namespace nodetune
