// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "engine/base/status.h"
#include "engine/chain/block_file.h"

namespace nodetune {

// Where a chain stands.
struct ImportPoint {
  std::uint64_t number = 0;
  Hash256 hash{};
  std::optional<Word256> total_difficulty;  // nothing: the chain does not begin at its first block
  std::uint64_t offset = 0;                 // where the block was found in its file: a hint
};

// The blocks of one or more files as one chain: checked, each linked to the one before.
//
// Files are read in the order of their first blocks, whatever order they are given in; of a folder,
// those that hold blocks. Blocks that overlap are taken once. Errors name the file, the block and
// the byte; a block that does not follow the one before is shown with both hashes.
// Invariant: a block is given only when the next one has named it as its parent, or there is none:
// so is a damaged header found before it is stored.
// Thread: one at a time.
class ImportSource {
 public:
  static Result<std::unique_ptr<ImportSource>> open(const std::vector<std::string>& paths);

  std::size_t files() const { return files_.size(); }
  std::uint64_t first_number() const { return files_.front().first_number; }
  const Hash256& first_hash() const { return files_.front().first_hash; }
  std::string describe() const;  // "mainnet-1000.blocks (RLP block export)", "3 files"

  // Goes to the block behind `after`, whose hash must be the file's too if the file has it; without
  // one to the first, or to block `from`. Again after an error.
  Status start(std::optional<ImportPoint> after, std::optional<std::uint64_t> from,
               const std::stop_token& stop);
  // The next block, total difficulty filled in where it is known; nothing at the end.
  Result<std::optional<CheckedBlock>> next();

  std::uint64_t file_bytes() const { return file_bytes_; }  // of all files
  std::uint64_t file_bytes_done() const;

 private:
  struct File {
    std::string path;
    std::uint64_t bytes = 0;
    std::uint64_t first_number = 0;
    Hash256 first_hash{};
    std::string format;
  };

  ImportSource() = default;
  Status add_file(const std::string& path);
  Status add_folder(const std::string& path);
  Status open_file(std::size_t index);
  Result<std::optional<CheckedBlock>> read();
  Status follow(CheckedBlock& block);
  Status broken_link(const CheckedBlock& block);
  Status error(const FileBlock& block, std::string_view what) const;

  std::vector<File> files_;  // in the order of their first blocks
  std::uint64_t file_bytes_ = 0;

  std::stop_token stop_;
  std::optional<ImportPoint> last_;   // the block before the next
  bool last_is_stored_ = false;       // it came with start(), not out of a file
  std::optional<CheckedBlock> held_;  // until the next one confirms it
  Status failure_;                    // what comes behind the block that was given last
  std::uint64_t skip_to_ = 0;         // the first block that is wanted from the next file
  std::size_t index_ = 0;             // of the file that is open
  std::unique_ptr<BlockFile> file_;
};

}  // namespace nodetune
