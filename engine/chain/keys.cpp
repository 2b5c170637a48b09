// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/chain/keys.h"

#include <cassert>

namespace nodetune {
namespace {

constexpr char kAccountTrie = 'A';
constexpr char kStorageTrie = 'S';
constexpr char kCode = 'C';
constexpr char kTotalDifficultySuffix = 't';
constexpr char kCanonicalHashSuffix = 'n';
constexpr std::size_t kNumberBytes = sizeof(std::uint64_t);

void append_number(std::string& key, std::uint64_t number) {
  for (int shift = 56; shift >= 0; shift -= 8) key.push_back(static_cast<char>(number >> shift));
}

void append_path(std::string& key, const Hash256& hash, int depth) {
  assert(depth >= 0 && static_cast<std::size_t>(depth) <= 2 * hash.size());
  for (std::size_t i = 0; i < static_cast<std::size_t>(depth); ++i) {
    const auto byte = hash[i / 2];
    key.push_back(static_cast<char>(i % 2 == 0 ? byte >> 4 : byte & 15));
  }
}

}  // namespace

std::string block_key(std::uint64_t number, const Hash256& block_hash) {
  std::string key;
  key.reserve(kNumberBytes + block_hash.size());
  append_number(key, number);
  key += as_view(block_hash);
  return key;
}

std::string total_difficulty_key(std::uint64_t number, const Hash256& block_hash) {
  return block_key(number, block_hash) + kTotalDifficultySuffix;
}

std::string canonical_hash_key(std::uint64_t number) {
  std::string key;
  append_number(key, number);
  key.push_back(kCanonicalHashSuffix);
  return key;
}

KeyRange block_range(std::uint64_t first, std::uint64_t end) {
  KeyRange range;
  append_number(range.begin, first);
  append_number(range.end, end);
  return range;
}

std::string account_key(const Hash256& address_hash) {
  return std::string(as_view(address_hash));
}

std::string storage_key(const Hash256& address_hash, const Hash256& slot_hash) {
  std::string key;
  key.reserve(address_hash.size() + slot_hash.size());
  key += as_view(address_hash);
  key += as_view(slot_hash);
  return key;
}

std::string transaction_key(const Hash256& transaction_hash) {
  return std::string(as_view(transaction_hash));
}

std::string code_key(const Hash256& code_hash) {
  std::string key(1, kCode);
  key += as_view(code_hash);
  return key;
}

std::string account_path_node_key(const Hash256& address_hash, int depth) {
  std::string key(1, kAccountTrie);
  append_path(key, address_hash, depth);
  return key;
}

std::string storage_path_node_key(const Hash256& address_hash, const Hash256& slot_hash,
                                  int depth) {
  std::string key;
  key.reserve(1 + address_hash.size() + static_cast<std::size_t>(depth));
  key.push_back(kStorageTrie);
  key += as_view(address_hash);
  append_path(key, slot_hash, depth);
  return key;
}

}  // namespace nodetune
