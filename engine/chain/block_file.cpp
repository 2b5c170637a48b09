// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/chain/block_file.h"

#include <fmt/format.h>

#include <utility>

#include "engine/chain/era1.h"
#include "engine/chain/rlp_export.h"

namespace nodetune {
namespace {

constexpr std::size_t kMagicBytes = 8;

}  // namespace

Result<std::unique_ptr<BlockFile>> open_block_file(const std::string& path) {
  auto input = open_byte_input(path);
  if (!input) return input.status();
  return open_block_file(*std::move(input));
}

Result<std::unique_ptr<BlockFile>> open_block_file(std::unique_ptr<ByteInput> input) {
  ByteWindow window(std::move(input));
  const auto magic = window.peek(kMagicBytes);
  if (!magic) return magic.status();
  const std::string path = window.input().path();
  if (magic->empty()) return Status(StatusCode::not_found, path + ": is empty: it holds no block");
  if (Era1File::recognises(*magic)) {
    return std::unique_ptr<BlockFile>(std::make_unique<Era1File>(std::move(window)));
  }
  const auto is_export = RlpExport::recognises(window);
  if (!is_export) return is_export.status();
  if (!*is_export) {
    return Status(StatusCode::invalid_argument,
                  fmt::format("{}: holds no blocks: it is neither an RLP block export (as `geth "
                              "export` and Besu write them) nor an era1 archive",
                              path));
  }
  return std::unique_ptr<BlockFile>(std::make_unique<RlpExport>(std::move(window)));
}

Status block_error(const ByteInput& input, std::optional<std::uint64_t> number,
                   std::uint64_t offset, std::string_view what) {
  return {StatusCode::corrupt,
          fmt::format("{}: {} at byte {} {}", input.path(),
                      number ? fmt::format("block {}", *number) : std::string("the first block"),
                      offset, what)};
}

Status cut_off(const ByteInput& input, std::optional<std::uint64_t> number, std::uint64_t offset,
               std::uint64_t bytes, std::uint64_t left) {
  return block_error(
      input, number, offset,
      fmt::format("is cut off: it says that it has {} bytes, {} are there", bytes, left));
}

}  // namespace nodetune
