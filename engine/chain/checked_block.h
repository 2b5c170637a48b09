// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/status.h"
#include "engine/chain/types.h"

namespace nodetune {

// What of a block's header links it to its parent and to its own content.
struct BlockHeader {
  std::uint64_t number = 0;
  Hash256 parent_hash{};
  Hash256 ommers_hash{};
  Hash256 transactions_root{};
  Hash256 receipts_root{};
  std::optional<Hash256> withdrawals_root;  // since Shanghai
  std::vector<Hash256> later_hashes;        // what later forks append, as far as it has 32 bytes
  Word256 difficulty;

  // `rlp` is one list and nothing more. A withdrawals' root of zero is none: so does Besu write it.
  static Result<BlockHeader> decode(std::string_view rlp);
};

// A block as a file holds it.
struct FileBlock {
  std::uint64_t number = 0;  // by its header
  std::uint64_t offset = 0;  // where it begins in the file's content
  std::string header;        // RLP
  std::string body;          // RLP: [transactions, ommers], since Shanghai [.., .., withdrawals]
  std::optional<std::string> receipts;      // RLP: a list of them
  std::optional<Word256> total_difficulty;  // of the chain up to this block

  std::size_t bytes() const {
    return header.size() + body.size() + (receipts ? receipts->size() : 0);
  }
};

// A block whose content is what its header says.
struct CheckedBlock {
  FileBlock file;
  BlockHeader header;
  Hash256 hash{};
  std::vector<Hash256> transactions;  // their hashes, in order
};

// Hashes the header, and compares with it: the roots of transactions, withdrawals and receipts
// (where there are any receipts) and the ommers' hash. A list that a later fork adds to the body
// must have its root among the hashes that the header ends with. `corrupt` says what does not
// match, in words that go on after "block 12 …". Pure: any thread.
Result<CheckedBlock> check_block(FileBlock block);

// The sum; nothing where it needs more than 256 bits.
std::optional<Word256> add(const Word256& a, const Word256& b);

}  // namespace nodetune
