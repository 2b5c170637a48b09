// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <cstdint>
#include <string>

#include "engine/chain/types.h"

namespace nodetune {

// The keys under which NodeTune stores its objects, each kind in a column family of its own.
//
//   block, receipt   number (8 bytes, big-endian) + block hash     oldest first, for delete range
//   header           the same; + 't': total difficulty; number + 'n': the canonical block's hash
//   account          keccak(address)
//   storage          keccak(address) + keccak(slot)                a contract's slots lie together
//   transaction      transaction hash
//   state_node       'A' + path, 'S' + keccak(address) + path      a node before its children
//                    'C' + code hash                               contract code
//
// A path is one byte a nibble (0 to 15) of the keccak of address or slot, as many as the node is
// deep; the root's is empty. Two nodes never share a key: the first byte tells the tries apart, the
// length the depths. Callers hash once and pass the hash on. Functions are pure: any thread.

// How many nodes lie on the way to one account or slot, root included: depths 0 to n - 1. Mainnet's
// tries are about so deep; one depth for all keeps the replay comparable between runs.
inline constexpr int kAccountPathNodes = 8;
inline constexpr int kSlotPathNodes = 6;

struct KeyRange {  // begin <= key < end
  std::string begin;
  std::string end;
};

std::string block_key(std::uint64_t number, const Hash256& block_hash);
std::string total_difficulty_key(std::uint64_t number, const Hash256& block_hash);
std::string canonical_hash_key(std::uint64_t number);
// The keys of blocks `first` to `end` - 1, whatever their hashes: for block, receipt and header.
KeyRange block_range(std::uint64_t first, std::uint64_t end);

std::string account_key(const Hash256& address_hash);
std::string storage_key(const Hash256& address_hash, const Hash256& slot_hash);
std::string transaction_key(const Hash256& transaction_hash);

std::string code_key(const Hash256& code_hash);
// 0 <= depth <= 64, the nibbles in a hash.
std::string account_path_node_key(const Hash256& address_hash, int depth);
std::string storage_path_node_key(const Hash256& address_hash, const Hash256& slot_hash, int depth);

}  // namespace nodetune
