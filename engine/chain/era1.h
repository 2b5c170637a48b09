// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/chain/accumulator.h"
#include "engine/chain/block_file.h"

namespace nodetune {

// 8,192 blocks of the chain before the merge, with receipts and total difficulties: records of
// e2store (type, length, content), blocks compressed by snappy, then an accumulator over all of
// them and an index.
//
// Everything that it holds is compared: the compressed parts' checksums, the accumulator with the
// headers and difficulties (when all blocks were read), the index with where the blocks lie.
// Memory: as of one block. A file that is cut off gives its blocks up to there, then the error.
// Source: the era1 specification of Ethereum's execution clients
// (eth-clients/e2store-format-specs).
class Era1File final : public BlockFile {
 public:
  explicit Era1File(ByteWindow window) : window_(std::move(window)) {}

  static bool recognises(std::string_view first_bytes);

  std::string_view format() const override { return "era1 archive"; }
  Result<std::optional<FileBlock>> next() override;
  Status skip_below(std::uint64_t number, std::uint64_t hint, const std::stop_token& stop) override;
  const ByteInput& input() const override { return window_.input(); }

 private:
  struct Record {
    std::uint16_t type = 0;
    std::string_view content;  // valid until the window moves
  };

  Status error(std::uint64_t offset, std::string_view what) const;
  Result<Record> peek_record(std::uint64_t block_offset);
  Status take(const Record& record);
  Result<std::uint16_t> peek_type();
  Result<std::string> compressed(std::uint16_t type, std::string_view name, std::uint64_t offset);
  Status read_begin();
  Status read_block(FileBlock& block);
  Status read_end();
  Status check_accumulator(std::string_view said);
  Status check_index(std::string_view index, std::uint64_t at);

  ByteWindow window_;
  bool begun_ = false;
  bool ended_ = false;
  bool skipped_ = false;                   // then the accumulator cannot be compared
  std::optional<std::uint64_t> expected_;  // the number that the next block should have
  std::vector<HeaderRecord> records_;      // of all blocks so far
  std::vector<std::uint64_t> offsets_;     // where they begin
  std::optional<std::uint64_t> first_number_;
};

}  // namespace nodetune
