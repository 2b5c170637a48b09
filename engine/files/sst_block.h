// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>

#include "engine/files/coding.h"

// The blocks that SST files are made of. Source: RocksDB's table/format.cc and
// table/block_based/block.cc.

namespace nodetune {

// After each block: how it is compressed (1 byte) and its checksum (4 bytes).
constexpr std::uint64_t kSstBlockTrailerBytes = 5;

// Where a block lies in its file; its trailer follows.
struct SstBlockHandle {
  std::uint64_t offset = 0;
  std::uint64_t bytes = 0;

  std::uint64_t end() const { return offset + bytes + kSstBlockTrailerBytes; }
};

// Nothing where the bytes are no handle, or one whose end is beyond any file's.
std::optional<SstBlockHandle> take_block_handle(Decoder& decoder);

enum class SstChecksum { none, crc32c, xxhash32, xxhash64, xxh3, unknown };
SstChecksum sst_checksum(char type);

// How the blocks of one file are protected.
struct SstBlockGuard {
  SstChecksum checksum = SstChecksum::none;
  std::uint32_t context = 0;  // from format version 6 on: mixed into each; 0: none
};

enum class BlockCheck { intact, damaged, unknown };

// `block` and its 5 bytes of trailer, which stood at `offset`, against the checksum in it. Unknown
// where there is none, or one of a kind not known here.
BlockCheck check_block(std::string_view with_trailer, std::uint64_t offset,
                       const SstBlockGuard& guard);

// Calls `entry` with each key and value, in the block's order, until it returns false. The value's
// place is `value.data() - block.data()`. False: the bytes are no such block.
bool for_each_block_entry(
    std::string_view block,
    const std::function<bool(std::string_view key, std::string_view value)>& entry);

}  // namespace nodetune
