// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/workload/synthetic_bytes.h"

#include <xxhash.h>

#include <algorithm>

#include "engine/chain/keccak.h"
#include "engine/chain/rlp.h"
#include "engine/workload/slim_account.h"

namespace nodetune {
namespace {

constexpr std::uint64_t kBodySalt = 0x626f6479;
constexpr std::uint64_t kReceiptsSalt = 0x72637074;
constexpr std::uint64_t kHeaderSalt = 0x68656164;

constexpr double kContractShare = 0.4;
constexpr std::size_t kBodyMeanBytes = 79'348;      // EthAnalysis: BlockBody
constexpr std::size_t kReceiptsMeanBytes = 75'911;  // BlockReceipts
constexpr std::size_t kFullBranchBytes = 532;       // RLP of 16 hashes and an empty value
constexpr std::size_t kAccountNodeMeanBytes = 116;  // TrieNodeAccount
constexpr std::size_t kStorageNodeMeanBytes = 70;   // TrieNodeStorage
constexpr std::size_t kCodeMeanBytes = 6'733;       // Code
// Root and its children. Deeper nodes keep the published mean, so that a block's writes come to
// the published 0.3 MB; mainnet has 16^4 full ones.
constexpr std::size_t kFullAccountDepths = 2;

std::string random_bytes(RandomStream& random, std::size_t bytes) {
  std::string out;
  random.append(out, bytes);
  return out;
}

// Never with a leading zero byte: stored integers have none.
std::string random_integer(RandomStream& random, std::size_t bytes) {
  auto out = random_bytes(random, bytes);
  if (!out.empty() && out.front() == 0) out.front() = 1;
  return out;
}

// Access lists of August 2024: one value in ten is full, nine bytes are the most common.
std::string slot_value(RandomStream& random) {
  const double pick = random.unit();
  if (pick < 0.10) return random_integer(random, 32);
  if (pick < 0.45) return random_integer(random, 9);
  if (pick < 0.60) return random_integer(random, 1);
  if (pick < 0.80) return random_integer(random, 20);  // an address
  return random_integer(random, 2 + random.below(15));
}

std::string account_value(RandomStream& random) {
  SlimAccount account;
  account.nonce = random.below(100);
  account.balance = random_integer(random, 6 + random.below(4));
  if (random.unit() < kContractShare) {
    account.storage_root = random_bytes(random, 32);
    account.code_hash = random_bytes(random, 32);
  }
  return account.encode();
}

bool is_code(std::string_view key) {
  return !key.empty() && key.front() == 'C';
}

std::string node_value(RandomStream& random, std::string_view key) {
  const bool of_account_trie = !key.empty() && key.front() == 'A';
  if (of_account_trie && key.size() <= kFullAccountDepths) {
    return random_bytes(random, kFullBranchBytes);
  }
  std::size_t mean = of_account_trie ? kAccountNodeMeanBytes : kStorageNodeMeanBytes;
  if (is_code(key)) mean = kCodeMeanBytes;
  return random_bytes(random, mean / 2 + random.below(mean + 1));
}

// Words of 32 bytes, every other one mostly zeroes: calldata and receipts compress about so.
std::string words(std::uint64_t seed, std::size_t mean_bytes) {
  RandomStream random(seed);
  const std::size_t size = mean_bytes / 2 + random.below(mean_bytes + 1);
  std::string out;
  out.reserve(size + 32);
  while (out.size() < size) {
    if (random.next() % 2 == 0) {
      random.append(out, 32);
    } else {
      out.append(24, '\0');
      random.append(out, 8);
    }
  }
  out.resize(size);
  return out;
}

std::string make_header(std::uint64_t seed, std::uint64_t number, const Hash256& parent) {
  RandomStream random(mix_bits(mix_bits(seed, kHeaderSalt), number));
  RlpWriter rlp;
  rlp.begin_list();
  rlp.add_string(as_view(parent));
  rlp.add_string(random_bytes(random, 32));   // uncles
  rlp.add_string(random_bytes(random, 20));   // fee recipient
  rlp.add_string(random_bytes(random, 32));   // state root
  rlp.add_string(random_bytes(random, 32));   // transactions root
  rlp.add_string(random_bytes(random, 32));   // receipts root
  rlp.add_string(random_bytes(random, 256));  // logs bloom
  rlp.add_uint(0);                            // difficulty
  rlp.add_uint(number);
  rlp.add_uint(30'000'000);                        // gas limit
  rlp.add_uint(random.below(30'000'000));          // gas used
  rlp.add_uint(1'606'824'023 + number * 12);       // a slot is 12 seconds
  rlp.add_string("synthetic");                     // extra data
  rlp.add_string(random_bytes(random, 32));        // randomness
  rlp.add_string(std::string(8, '\0'));            // nonce
  rlp.add_uint(1 + random.below(50'000'000'000));  // base fee
  rlp.add_string(random_bytes(random, 32));        // withdrawals root
  rlp.add_uint(random.below(786'432));             // blob gas used
  rlp.add_uint(random.below(10'000'000));          // excess blob gas
  rlp.add_string(random_bytes(random, 32));        // parent beacon block root
  rlp.end_list();
  return rlp.take();
}

}  // namespace

std::uint64_t RandomStream::next() {
  state_ += 0x9e3779b97f4a7c15;
  std::uint64_t bits = state_;
  bits = (bits ^ (bits >> 30)) * 0xbf58476d1ce4e5b9;
  bits = (bits ^ (bits >> 27)) * 0x94d049bb133111eb;
  return bits ^ (bits >> 31);
}

std::uint64_t RandomStream::below(std::uint64_t bound) {
  return next() % bound;  // bounds are far below 2^64: the bias does not show
}

void RandomStream::append(std::string& out, std::size_t bytes) {
  while (bytes > 0) {
    std::uint64_t bits = next();
    const std::size_t part = std::min<std::size_t>(bytes, sizeof bits);
    for (std::size_t i = 0; i < part; ++i, bits >>= 8) out.push_back(static_cast<char>(bits));
    bytes -= part;
  }
}

std::uint64_t mix_bits(std::uint64_t a, std::uint64_t b) {
  return RandomStream(a ^ RandomStream(b).next()).next();
}

std::uint64_t hash_bytes(std::string_view bytes, std::uint64_t seed) {
  return XXH3_64bits_withSeed(bytes.data(), bytes.size(), seed);
}

std::string state_value(ObjectKind kind, std::uint64_t seed, std::string_view key,
                        std::uint64_t version) {
  if (kind == ObjectKind::state_node && is_code(key)) version = kBeforeFirstBlock;  // never changes
  RandomStream random(mix_bits(hash_bytes(key, seed), version));
  switch (kind) {
    case ObjectKind::account:
      return account_value(random);
    case ObjectKind::storage:
      return slot_value(random);
    case ObjectKind::state_node:
      return node_value(random, key);
    case ObjectKind::block:
    case ObjectKind::header:
    case ObjectKind::transaction:
    case ObjectKind::receipt:
      break;
  }
  return {};
}

ChainObjects make_chain_objects(std::uint64_t seed, std::uint64_t number, const Hash256& parent) {
  ChainObjects objects;
  objects.header = make_header(seed, number, parent);
  objects.block_hash = keccak256(objects.header);
  objects.body = words(mix_bits(mix_bits(seed, kBodySalt), number), kBodyMeanBytes);
  objects.receipts = words(mix_bits(mix_bits(seed, kReceiptsSalt), number), kReceiptsMeanBytes);
  return objects;
}

Hash256 transaction_hash(std::uint64_t seed, std::uint64_t number, std::uint32_t index) {
  RandomStream random(mix_bits(mix_bits(seed, number), index));
  return keccak256(random_bytes(random, 32));
}

std::string lookup_value(std::uint64_t number) {
  std::string value;
  for (int shift = 56; shift >= 0; shift -= 8) {
    const char byte = static_cast<char>(number >> shift);
    if (byte != 0 || !value.empty()) value.push_back(byte);
  }
  return value;
}

}  // namespace nodetune
