// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/workload/block_builder.h"

#include <algorithm>
#include <utility>

#include "engine/chain/keys.h"
#include "engine/workload/synthetic_bytes.h"

namespace nodetune {
namespace {

// When fewer blocks are to be kept than before, the rest goes in steps: a block stays block-sized.
constexpr std::uint64_t kMaxPrunedAtOnce = 8;

// Mainnet's, as RLP has it: since the merge it has not changed.
constexpr std::string_view kTotalDifficulty = "\x8a\x0c\x70\xd8\x15\xd5\x62\xd3\xcf\xa9\x55";

}  // namespace

BlockBuilder::BlockBuilder(std::uint64_t seed, std::uint64_t number, const ChainProgress& before)
    : seed_(seed), progress_(before) {
  record_.number = number;
  if (before.blocks == 0) {
    progress_.oldest_header = number;
    progress_.oldest_body = number;
    progress_.oldest_record = number;
  }
  ++progress_.blocks;
  progress_.last_number = number;
}

void BlockBuilder::put(ObjectKind kind, std::string key, std::string value) {
  if (kind == ObjectKind::account) ++accounts_written_;
  record_.state.push_back({hash_key(family_of(kind), key), hash_value(value)});
  group_.operations.push_back(
      WriteOperation::put(family_of(kind), std::move(key), std::move(value)));
}

void BlockBuilder::erase(ObjectKind kind, std::string key) {
  record_.state.push_back({hash_key(family_of(kind), key), kDeleted});
  group_.operations.push_back(WriteOperation::erase(family_of(kind), std::move(key)));
}

void BlockBuilder::add_chain_objects(std::uint32_t transactions) {
  auto objects = make_chain_objects(seed_, number(), progress_.last_hash);
  const auto key = block_key(number(), objects.block_hash);
  const auto add = [&](Family family, WrittenKey& written, std::string value) {
    written = {hash_key(family, key), hash_value(value)};
    group_.operations.push_back(WriteOperation::put(family, key, std::move(value)));
  };
  add(Family::headers, record_.header, std::move(objects.header));
  add(Family::blocks, record_.body, std::move(objects.body));
  add(Family::receipts, record_.receipts, std::move(objects.receipts));
  for (std::uint32_t i = 0; i < transactions; ++i) {
    put(ObjectKind::transaction, transaction_key(transaction_hash(seed_, number(), i)),
        lookup_value(number()));
  }
  record_.transactions = transactions;
  record_.block_hash = objects.block_hash;
  progress_.last_hash = objects.block_hash;
}

void BlockBuilder::add_header_index() {
  const auto& hash = progress_.last_hash;
  put(ObjectKind::header, canonical_hash_key(number()), std::string(as_view(hash)));
  put(ObjectKind::header, total_difficulty_key(number(), hash), std::string(kTotalDifficulty));
}

Status BlockBuilder::prune(const Pruning& pruning) {
  if (number() + 1 < pruning.keep_blocks) return Status::ok();
  const auto oldest_kept = number() + 1 - pruning.keep_blocks;
  const auto end = std::min(oldest_kept, progress_.oldest_body + kMaxPrunedAtOnce);
  if (end > progress_.oldest_body) {
    for (auto pruned = progress_.oldest_body; pruned < end; ++pruned) {
      const auto transactions = pruning.transactions_of(pruned);
      if (!transactions) return transactions.status();
      for (std::uint32_t i = 0; i < *transactions; ++i) {
        erase(ObjectKind::transaction, transaction_key(transaction_hash(seed_, pruned, i)));
      }
    }
    const auto range = block_range(progress_.oldest_body, end);
    for (const auto family : {Family::blocks, Family::receipts}) {
      group_.operations.push_back(WriteOperation::delete_range(family, range.begin, range.end));
    }
    progress_.oldest_body = end;
  }
  return pruning.header_hash_of ? prune_headers(pruning, end) : Status::ok();
}

Status BlockBuilder::prune_headers(const Pruning& pruning, std::uint64_t end) {
  for (; progress_.oldest_header < end; ++progress_.oldest_header) {
    const auto pruned = progress_.oldest_header;
    const auto hash = pruning.header_hash_of(pruned);
    if (!hash) return hash.status();
    if (hash->has_value()) {
      erase(ObjectKind::header, block_key(pruned, **hash));
      erase(ObjectKind::header, total_difficulty_key(pruned, **hash));
      erase(ObjectKind::header, canonical_hash_key(pruned));
    } else {
      auto range = block_range(pruned, pruned + 1);
      group_.operations.push_back(WriteOperation::delete_range(
          Family::headers, std::move(range.begin), std::move(range.end)));
    }
  }
  return Status::ok();
}

void BlockBuilder::put_own(std::string_view key, std::string value) {
  group_.operations.push_back(WriteOperation::put(Family::own, std::string(key), std::move(value)));
}

WriteGroup BlockBuilder::finish() {
  record_.writes = static_cast<std::uint32_t>(record_.listed());
  put_own(record_key(number()), record_.encode());
  while (progress_.oldest_record + kKeptRecords <= number()) {
    group_.operations.push_back(
        WriteOperation::erase(Family::own, record_key(progress_.oldest_record++)));
  }
  progress_.transactions += record_.transactions;
  progress_.accounts_written += accounts_written_;
  put_own(kProgressKey, progress_.encode());
  const auto count = [&](std::string_view counter, std::uint64_t by) {
    group_.operations.push_back(WriteOperation::merge_add(Family::own, std::string(counter), by));
  };
  count(kBlocksCounter, 1);
  count(kTransactionsCounter, record_.transactions);
  count(kAccountsWrittenCounter, accounts_written_);
  return std::move(group_);
}

}  // namespace nodetune
