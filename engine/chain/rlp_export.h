// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <stop_token>
#include <string_view>
#include <utility>

#include "engine/chain/block_file.h"

namespace nodetune {

// Blocks in RLP, one after the other: [header, transactions, ommers] or, since Shanghai, with
// withdrawals behind. So do `geth export` and `besu blocks export` write them.
// Memory: bounded by the largest block, which is bounded by kMaxBlockBytes and by what is there.
class RlpExport final : public BlockFile {
 public:
  explicit RlpExport(ByteWindow window) : window_(std::move(window)) {}

  // Whether what comes next looks like a block: a list whose first item is a list.
  static Result<bool> recognises(ByteWindow& window);

  std::string_view format() const override { return "RLP block export"; }
  Result<std::optional<FileBlock>> next() override;
  Status skip_below(std::uint64_t number, std::uint64_t hint, const std::stop_token& stop) override;
  const ByteInput& input() const override { return window_.input(); }

 private:
  struct Ahead {
    std::uint64_t number = 0;
    std::size_t bytes = 0;  // of the block
  };
  Result<std::size_t> block_bytes();
  Result<std::optional<Ahead>> look_ahead();
  bool is_at(std::uint64_t number);

  ByteWindow window_;
  std::optional<std::uint64_t> expected_;  // the number that the next block should have
};

}  // namespace nodetune
