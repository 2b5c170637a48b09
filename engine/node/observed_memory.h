// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/missing.h"
#include "engine/files/log_block_cache.h"
#include "engine/metrics/snapshot.h"
#include "engine/node/memory_part.h"
#include "engine/observe/machine_probe.h"
#include "engine/observe/observation.h"
#include "engine/store/lock_holder.h"

namespace nodetune {

struct ObservedLog;

// Index or filter blocks of live files, as they lie on disk.
struct TableBlocks {
  double cached_bytes = kMissing;      // they take their place in the block cache
  double beside_bytes = kMissing;      // open files hold them beside it
  double beside_max_bytes = kMissing;  // as far as so many files may be open
};

// What one foreign database, or several of one node, may take of memory.
struct DatabaseMemory {
  std::size_t databases = 0;
  std::size_t families = 0;
  std::int64_t files = 0;  // live SST files
  bool runs = false;       // a process holds it: what it may take, it may take now

  // Block caches: each once, however many families share it.
  BlockCachesByAddress caches;
  bool content_is_fresh = false;        // of all of them
  std::size_t families_with_cache = 0;  // of which the LOG tells the cache
  double alone_bytes = 0;               // of families whose capacity is known, and no more
  std::size_t families_alone = 0;

  double memtables_max_bytes = kMissing;
  double memtables_limit_bytes = kMissing;  // db_write_buffer_size, where it is what limits them
  double wal_bytes = kMissing;

  bool tables_known = false;                   // options say where index and filter blocks go
  std::optional<std::int64_t> open_files_max;  // the smallest of all; -1: no limit
  TableBlocks index;
  TableBlocks filter;

  std::string options_origin;  // "OPTIONS-000123"

  // Families whose cache nobody told of.
  std::size_t families_unknown() const;
};

// `snapshot`: for the index and filter blocks of each family, if they are known there, and the
// time. `runs`: a process holds the database, or did at that time.
DatabaseMemory memory_of(const Observation& seen, const ObservedLog& log, const Snapshot& snapshot,
                         bool runs);
// A cache that both have is counted once: one process shares it between its databases.
void add_memory(const DatabaseMemory& one, DatabaseMemory& all);

// The block cache's metrics, while the node's last statistics are fresh; what is known already
// stays.
void fill_block_cache(const DatabaseMemory& memory, Snapshot& snapshot);

// All parts; the first of a kind is the whole of it, those that follow are what it is made of.
// `limit`: nothing where no process can be bound by one, as in an old LOG.
std::vector<MemoryPart> parts_of(const DatabaseMemory& memory, const Snapshot& snapshot,
                                 const std::optional<LockHolder>& holder,
                                 const std::optional<MemoryLimit>& limit);

// "128 MiB in each of 13 caches, one for each family"; empty: nothing is known.
std::string block_caches_text(const DatabaseMemory& memory);

}  // namespace nodetune
