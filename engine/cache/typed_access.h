// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/status.h"
#include "engine/cache/cache_manager.h"
#include "engine/chain/keys.h"
#include "engine/chain/object_kind.h"

namespace nodetune {

// A key that knows its kind: a header's key cannot be looked up among the accounts.
//
// Functions here are thin wrappers of CacheManager's and engine/chain/keys.h's: any thread.
template <ObjectKind K>
class Key {
 public:
  static constexpr ObjectKind kind = K;
  // `bytes` as engine/chain/keys.h makes them for this kind.
  explicit Key(std::string bytes) : bytes_(std::move(bytes)) {}
  std::string_view bytes() const { return bytes_; }
  auto operator<=>(const Key&) const = default;

 private:
  std::string bytes_;
};

using BlockKey = Key<ObjectKind::block>;
using HeaderKey = Key<ObjectKind::header>;
using StateNodeKey = Key<ObjectKind::state_node>;
using AccountKey = Key<ObjectKind::account>;
using StorageKey = Key<ObjectKind::storage>;
using TransactionKey = Key<ObjectKind::transaction>;
using ReceiptKey = Key<ObjectKind::receipt>;

inline BlockKey make_block_key(std::uint64_t number, const Hash256& block_hash) {
  return BlockKey(block_key(number, block_hash));
}
inline HeaderKey make_header_key(std::uint64_t number, const Hash256& block_hash) {
  return HeaderKey(block_key(number, block_hash));
}
inline ReceiptKey make_receipt_key(std::uint64_t number, const Hash256& block_hash) {
  return ReceiptKey(block_key(number, block_hash));
}
inline StateNodeKey make_account_node_key(const Hash256& address_hash, int depth) {
  return StateNodeKey(account_path_node_key(address_hash, depth));
}
inline StateNodeKey make_storage_node_key(const Hash256& address_hash, const Hash256& slot_hash,
                                          int depth) {
  return StateNodeKey(storage_path_node_key(address_hash, slot_hash, depth));
}
inline AccountKey make_account_key(const Hash256& address_hash) {
  return AccountKey(account_key(address_hash));
}
inline StorageKey make_storage_key(const Hash256& address_hash, const Hash256& slot_hash) {
  return StorageKey(storage_key(address_hash, slot_hash));
}
inline TransactionKey make_transaction_key(const Hash256& transaction_hash) {
  return TransactionKey(transaction_key(transaction_hash));
}

// `load(key)` gives a Result<CachedValue>; null means absent.
template <ObjectKind K, typename Load>
Result<CachedValue> get_or_load(CacheManager& caches, const Key<K>& key, Load&& load) {
  return caches.get_or_load(K, key.bytes(), [&](std::string_view) -> Result<CachedValue> {
    return std::invoke(load, key);
  });
}

template <ObjectKind K>
std::vector<std::string_view> bytes_of(std::span<const Key<K>> keys) {
  std::vector<std::string_view> bytes;
  bytes.reserve(keys.size());
  for (const Key<K>& key : keys) bytes.push_back(key.bytes());
  return bytes;
}

template <ObjectKind K>
Result<std::vector<CachedValue>> multi_get_or_load(CacheManager& caches,
                                                   std::span<const Key<K>> keys,
                                                   const CacheManager::BatchLoader& load) {
  return caches.multi_get_or_load(K, bytes_of(keys), load);
}

template <ObjectKind K>
Status prefetch(CacheManager& caches, std::span<const Key<K>> keys,
                const CacheManager::BatchLoader& load) {
  return caches.prefetch(K, bytes_of(keys), load);
}

}  // namespace nodetune
