// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "engine/base/clock.h"
#include "engine/base/status.h"
#include "engine/files/sst_footer.h"

namespace nodetune {

// What an SST file says about its content. What its writer's version did not write is missing.
struct SstProperties {
  std::optional<std::int64_t> entries;           // tombstones and merge operands among them
  std::optional<std::int64_t> deletions;         // of them: tombstones, those of ranges too
  std::optional<std::int64_t> merge_operands;    // of them
  std::optional<std::int64_t> range_deletions;   // of them
  std::optional<std::int64_t> raw_key_bytes;     // before compression
  std::optional<std::int64_t> raw_value_bytes;   // likewise
  std::optional<std::int64_t> data_bytes;        // data blocks, as they are stored
  std::optional<std::int64_t> data_blocks;       // their number
  std::optional<std::int64_t> index_bytes;       // of all parts of the index, as they are stored
  std::optional<std::int64_t> index_partitions;  // 0: the index is one block
  std::optional<std::int64_t> top_level_index_bytes;
  std::optional<std::int64_t> filter_bytes;  // likewise
  std::optional<std::int64_t> column_family_id;
  std::optional<TimePoint> created;  // of its oldest data, as far as that is known
  std::optional<TimePoint> oldest_key;
  std::optional<TimePoint> file_created;
  std::string compression;         // "LZ4", "NoCompression"; empty: not written
  std::string filter_policy;       // "rocksdb.BuiltinBloomFilter"; empty: no filter
  std::string column_family_name;  // raw bytes
  std::string comparator;          // "leveldb.BytewiseComparator"
};

// The end of an SST file.
struct SstTail {
  SstFooter footer;
  std::optional<SstProperties> properties;
  // Why there are none: corrupt (the block is damaged), unsupported_format (it cannot be read here:
  // another kind of table, a compressed list of blocks, larger than the limit).
  Status properties_status;
};

// Names and texts are cut there: a hostile one is no reason to run out of memory.
constexpr std::size_t kSstNameBytesMax = 256;
// Of one block; RocksDB's own properties take about 1.5 KiB.
constexpr std::uint64_t kSstMetaBlockBytesMax = 1024 * 1024;

// Reads a footer and, as far as they can be read, the properties: with one read of the file's last
// 8 KiB, where they usually lie, else with up to two more. What was read is dropped from the page
// cache. Errors are those of read_sst_footer(). Source: RocksDB's table/meta_blocks.cc.
Result<SstTail> read_sst_tail(const std::string& path);

// The same of any bytes: `read(offset, bytes)` gives fewer only where the file ends. `path` is for
// the messages.
using SstRead = std::function<Result<std::string>(std::int64_t offset, std::size_t bytes)>;
Result<SstTail> read_sst_tail(const SstRead& read, std::int64_t file_bytes,
                              const std::string& path);

// The key-value pairs of a properties block.
Result<SstProperties> parse_sst_properties(std::string_view block);

}  // namespace nodetune
