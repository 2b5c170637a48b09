// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/status.h"
#include "engine/chain/types.h"
#include "engine/store/family.h"

namespace nodetune {

// What the workload keeps in Family::own.
inline constexpr std::string_view kPreparedKey = "workload/prepared";  // which chain: an identity
inline constexpr std::string_view kProgressKey = "workload/progress";
inline constexpr std::string_view kRecordPrefix = "block/";  // + number, big-endian: BlockRecord
inline constexpr std::string_view kRecordPrefixEnd = "block0";
// Counted by merges.
inline constexpr std::string_view kBlocksCounter = "counter/blocks";
inline constexpr std::string_view kTransactionsCounter = "counter/transactions";
inline constexpr std::string_view kAccountsWrittenCounter = "counter/accounts_written";

// Records of older blocks are dropped: 20 to 60 KiB each.
inline constexpr std::uint64_t kKeptRecords = 256;

// One put or delete of a block, by hash: enough to prove that it is there, small enough to keep.
struct WrittenKey {
  std::uint64_t key_hash = 0;    // of family and key
  std::uint32_t value_hash = 0;  // kDeleted: the block deleted the key

  bool operator==(const WrittenKey&) const = default;
};
inline constexpr std::uint32_t kDeleted = 0;

std::uint64_t hash_key(Family family, std::string_view key);
std::uint32_t hash_value(std::string_view value);  // never kDeleted

// What a block says of itself; written in the group that it describes.
struct BlockRecord {
  std::uint64_t number = 0;
  std::uint32_t writes = 0;  // how many the group has, besides pruned ranges and Family::own
  std::uint32_t transactions = 0;
  Hash256 block_hash{};
  WrittenKey header;
  WrittenKey body;
  WrittenKey receipts;
  std::vector<WrittenKey> state;  // accounts, slots, nodes and transaction lookups

  // How many `writes` must be, by what is listed.
  std::size_t listed() const { return 3 + state.size(); }
  std::string encode() const;  // ends with a checksum over all of it
  // `corrupt` when checksum, layout or count is wrong.
  static Result<BlockRecord> decode(std::string_view bytes);
};

std::string record_key(std::uint64_t number);

// Where the chain stands; rewritten by every block.
struct ChainProgress {
  std::uint64_t blocks = 0;  // committed ever; the rest means nothing while it is 0
  std::uint64_t last_number = 0;
  Hash256 last_hash{};
  std::uint64_t oldest_header = 0;  // numbers: what is below is pruned
  std::uint64_t oldest_body = 0;    // and its receipts
  std::uint64_t oldest_record = 0;
  std::uint64_t transactions = 0;
  std::uint64_t accounts_written = 0;

  std::uint64_t first_number() const { return last_number + 1 - blocks; }
  std::string encode() const;
  static Result<ChainProgress> decode(std::string_view bytes);
};

}  // namespace nodetune
