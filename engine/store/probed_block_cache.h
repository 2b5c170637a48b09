// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <rocksdb/cache.h>

#include <memory>

#include "engine/store/block_cache_probe.h"

namespace nodetune {

// `inner`, with a probe that looks on; behaves as `inner` in everything else, its name included.
//
// RocksDB's own SimCache would simulate one size, with a lock and an entry for each block looked
// up; a sampled curve tells all sizes for a compare.
// Costs a hash of 16 bytes, one compare and a second virtual call a lookup or insertion.
std::shared_ptr<rocksdb::Cache> make_probed_block_cache(std::shared_ptr<rocksdb::Cache> inner,
                                                        std::shared_ptr<BlockCacheProbe> probe);

}  // namespace nodetune
