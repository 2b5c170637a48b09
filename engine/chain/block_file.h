// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "engine/base/status.h"
#include "engine/chain/byte_window.h"
#include "engine/chain/checked_block.h"

namespace nodetune {

// The largest block, header, body or receipts that is read. Ethereum's own are below 10 MiB
// (EIP-7934); a length above this is damage, or meant to exhaust memory.
inline constexpr std::size_t kMaxBlockBytes = std::size_t{64} << 20;

// A file of blocks in ascending order, read from the front.
//
// Errors are `corrupt` where the bytes are wrong, name the file, the block's number (as far as it
// is known) and the byte where it begins in the file's content; blocks before it were whole.
// What the blocks say is not checked here: check_block() does that.
// Thread: one at a time.
class BlockFile {
 public:
  virtual ~BlockFile() = default;

  // "RLP block export", "era1 archive".
  virtual std::string_view format() const = 0;
  // The next block; nothing at the end.
  virtual Result<std::optional<FileBlock>> next() = 0;
  // Goes to the first block of that number or a higher one. `hint`: the byte where it was found
  // before; it is looked for there first. Only once, and before the first next().
  virtual Status skip_below(std::uint64_t number, std::uint64_t hint,
                            const std::stop_token& stop) = 0;
  virtual const ByteInput& input() const = 0;
};

// Which kind it is, its content says; neither of them: `not_found` where it is empty, else
// `invalid_argument`.
Result<std::unique_ptr<BlockFile>> open_block_file(const std::string& path);
Result<std::unique_ptr<BlockFile>> open_block_file(std::unique_ptr<ByteInput> input);

// "FILE: block 12 at byte 4711 …": for every message about a block.
Status block_error(const ByteInput& input, std::optional<std::uint64_t> number,
                   std::uint64_t offset, std::string_view what);
Status cut_off(const ByteInput& input, std::optional<std::uint64_t> number, std::uint64_t offset,
               std::uint64_t bytes, std::uint64_t left);

}  // namespace nodetune
