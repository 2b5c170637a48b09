// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "engine/chain/object_kind.h"
#include "engine/chain/types.h"

namespace nodetune {

// Everything that is made up: pure functions of the seed and of what is named, so that two runs,
// and an audit years later, agree on every byte. Any thread.

// A stream of random bits (splitmix64), the same on every machine.
class RandomStream {
 public:
  explicit RandomStream(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next();
  double unit() { return static_cast<double>(next() >> 11) * 0x1p-53; }  // 0 to 1, 1 excluded
  std::uint64_t below(std::uint64_t bound);                              // bound > 0
  void append(std::string& out, std::size_t bytes);

 private:
  std::uint64_t state_;
};

std::uint64_t mix_bits(std::uint64_t a, std::uint64_t b);
std::uint64_t hash_bytes(std::string_view bytes, std::uint64_t seed);  // xxh3

// The state a chain starts with, and what a block leaves in it.
inline constexpr std::uint64_t kBeforeFirstBlock = 0;

// An account, a slot's value or a trie node under `key`, as block `version` left it. Sizes as
// tinoryj/EthAnalysis measured them (tables 2 to 4). Other kinds have no state: empty.
std::string state_value(ObjectKind kind, std::uint64_t seed, std::string_view key,
                        std::uint64_t version);

struct ChainObjects {
  Hash256 block_hash{};
  std::string header;    // RLP of the shape that mainnet has had since Cancun
  std::string body;      // 79 KB on average, about half of it compressible, as calldata is
  std::string receipts;  // 75 KB on average
};
ChainObjects make_chain_objects(std::uint64_t seed, std::uint64_t number, const Hash256& parent);

Hash256 transaction_hash(std::uint64_t seed, std::uint64_t number, std::uint32_t index);
// What a transaction lookup holds: the block's number without leading zeroes, as geth stores it.
std::string lookup_value(std::uint64_t number);

}  // namespace nodetune
