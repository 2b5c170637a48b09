// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/base/status.h"
#include "engine/files/sst_block.h"

namespace nodetune {

enum class SstTable {
  block_based,
  block_based_legacy,  // LevelDB's magic: RocksDB's format version 0, or LevelDB itself
  plain,
  cuckoo,
};

// What an SST file ends with, unless it is a rare one.
constexpr std::uint64_t kSstBlockBasedMagic = 0x88e241b785f4cff7;

// The newest format version whose footer is understood here (RocksDB 10.4 and later write 7).
constexpr std::uint32_t kSstFormatVersionMax = 7;

// What the end of an SST file says about it.
struct SstFooter {
  SstTable table = SstTable::block_based;
  std::uint32_t format_version = 0;
  std::int64_t file_bytes = 0;
  // Of block-based tables alone: where the list of what else the file holds lies, and how each of
  // its blocks is protected.
  SstBlockHandle metaindex;
  SstBlockGuard guard;
};

std::string_view to_string(SstTable table);

// Reads and checks a footer: magic, version, and that the blocks that it points to lie before it.
// A file that lost or gained bytes in the middle fails that check. Only the tail is read.
// Errors: corrupt (truncated, foreign, damaged), unsupported_format (a newer version), file errors.
// Source: RocksDB's table/format.cc.
Result<SstFooter> read_sst_footer(const std::string& path);

// The same for the last bytes of a file of `file_bytes`; `path` is for the message.
Result<SstFooter> parse_sst_footer(std::string_view tail, std::int64_t file_bytes,
                                   const std::string& path);

constexpr std::size_t kSstFooterBytesMax = 53;

}  // namespace nodetune
