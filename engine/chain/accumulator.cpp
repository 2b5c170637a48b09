// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/chain/accumulator.h"

#include <cryptopp/sha.h>

#include <algorithm>
#include <cassert>
#include <cstdint>
#include <vector>

namespace nodetune {
namespace {

static_assert((kEra1BlocksMax & (kEra1BlocksMax - 1)) == 0, "the tree is a full one");

Hash256 hash_pair(const Hash256& left, const Hash256& right) {
  CryptoPP::SHA256 sha;
  sha.Update(left.data(), left.size());
  sha.Update(right.data(), right.size());
  Hash256 hash;
  sha.Final(hash.data());
  return hash;
}

Hash256 to_little_endian(const Word256& word) {
  Hash256 bytes;
  std::reverse_copy(word.bytes.begin(), word.bytes.end(), bytes.begin());
  return bytes;
}

}  // namespace

Hash256 accumulator_root(std::span<const HeaderRecord> records) {
  assert(records.size() <= kEra1BlocksMax);
  std::vector<Hash256> level;
  level.reserve(records.size() + 1);
  for (const auto& record : records) {
    level.push_back(hash_pair(record.block_hash, to_little_endian(record.total_difficulty)));
  }
  Hash256 zero{};  // the root of a subtree of which nothing is there
  for (std::size_t width = kEra1BlocksMax; width > 1; width /= 2) {
    if (level.size() % 2 != 0) level.push_back(zero);
    for (std::size_t i = 0; i < level.size() / 2; ++i) {
      level[i] = hash_pair(level[2 * i], level[2 * i + 1]);
    }
    level.resize(level.size() / 2);
    zero = hash_pair(zero, zero);
  }
  Hash256 length{};
  for (std::size_t i = 0; i < sizeof(std::uint64_t); ++i) {
    length[i] = static_cast<std::uint8_t>(std::uint64_t{records.size()} >> 8 * i);
  }
  return hash_pair(level.empty() ? zero : level.front(), length);
}

}  // namespace nodetune
