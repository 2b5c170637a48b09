// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "engine/base/clock.h"

namespace nodetune {

// What a RocksDB block cache holds, by the use that RocksDB makes of it.
struct BlockCacheContent {
  double data_bytes = 0;
  double index_bytes = 0;
  double filter_bytes = 0;
  double memtable_bytes = 0;  // memtables that are charged to the cache
  double other_bytes = 0;

  double total_bytes() const;
};

// One block cache as a family's statistics tell of it, from RocksDB 6.21 on.
struct BlockCacheStats {
  // "0x7f6d284d2490", as the list of options has it: the same in two families is one cache.
  std::string address;
  std::optional<double> capacity_bytes;
  std::optional<double> usage_bytes;  // versions before 7.4 do not say
  // Since both were counted: RocksDB does so every 3 minutes at most, and seldom where it takes
  // long.
  std::optional<double> age_seconds;
  std::optional<BlockCacheContent> content;

  // As the node says, else what its content adds up to.
  std::optional<double> used_bytes() const;
};

// Takes "Block cache LRUCache@0x…" or the line of its content that follows it. False: it is
// neither, and `cache` is left as it was.
bool read_block_cache_line(std::string_view line, std::optional<BlockCacheStats>& cache);

// The address in the options of a table: "block_cache: 0x7f…"; empty where there is none.
std::string block_cache_address(std::string_view table_options);

// A cache of the node's present run, as it was last told of.
struct LoggedBlockCache {
  // When its content was counted; nothing: the options alone name it.
  std::optional<TimePoint> time;
  BlockCacheStats stats;
};

// All caches together. A figure that one of them does not have is missing: a sum without a part
// would look like good news.
struct BlockCacheSum {
  std::optional<double> capacity_bytes;
  std::optional<double> usage_bytes;
  std::optional<BlockCacheContent> content;
  std::optional<TimePoint> oldest;  // of the figures; nothing: some are not told
};
using BlockCachesByAddress = std::map<std::string, LoggedBlockCache>;
BlockCacheSum sum_of(const BlockCachesByAddress& caches);

// The block caches of the newest run that a LOG tells of, and which family has which.
//
// Invariant: at most `entries_max` of each. Thread: its owner's.
struct LoggedBlockCaches {
  BlockCachesByAddress caches;
  std::map<std::string, std::string> families;  // column family -> address

  // As the options list it at the open.
  void list(const std::string& family, std::string address,
            std::optional<std::int64_t> capacity_bytes, std::size_t entries_max);
  // As statistics of `time` tell. Two families with one cache tell the same of it.
  void tell(const std::string& family, const BlockCacheStats& stats, TimePoint time,
            std::size_t entries_max);
  // Another run has others, which may lie where those of the last one did.
  void forget();
  void move_times(Duration by);  // once the zone is known

 private:
  LoggedBlockCache* take(const std::string& family, const std::string& address,
                         std::size_t entries_max);
};

}  // namespace nodetune
