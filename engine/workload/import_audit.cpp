// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/workload/import_audit.h"

#include <fmt/format.h>

#include <array>
#include <string>
#include <utility>

#include "engine/chain/checked_block.h"
#include "engine/chain/keys.h"
#include "engine/workload/block_damage.h"
#include "engine/workload/block_record.h"
#include "engine/workload/import_record.h"
#include "engine/workload/synthetic_bytes.h"

namespace nodetune {
namespace {

class ImportAudit {
 public:
  ImportAudit(KeyValueStore& store, const ImportRecord& record) : store_(store), record_(record) {}

  Result<BlockAudit> run();

 private:
  Result<std::string> need(Family family, const std::string& key, std::uint64_t number);
  Status check(std::uint64_t number);
  Status check_lookups(const CheckedBlock& block);
  Status check_count(Family family);
  Status check_counter(std::string_view counter, std::uint64_t expected);

  KeyValueStore& store_;
  const ImportRecord record_;
  Hash256 parent_{};
  std::array<std::uint64_t, kFamilyCount> found_{};  // keys that a block accounts for
};

Result<BlockAudit> ImportAudit::run() {
  for (auto number = record_.first_number; number <= record_.last.number; ++number) {
    if (auto status = check(number); !status) return status;
  }
  if (parent_ != record_.last.hash) {
    return damaged(record_.last.number, "it is not the block where the import is said to stand");
  }
  BlockAudit audit;
  for (const auto family : kFamilies) {
    if (family == Family::own) continue;
    if (auto status = check_count(family); !status) return status;
    audit.verified_keys += found_[index_of(family)];
  }
  if (found_[index_of(Family::transactions)] != record_.transactions) {
    return damaged(record_.last.number,
                   "the import counts other transactions than the blocks have");
  }
  if (auto status = check_counter(kBlocksCounter, record_.blocks); !status) return status;
  audit.blocks = record_.blocks;
  audit.first_number = record_.first_number;
  audit.last_number = record_.last.number;
  return audit;
}

Result<std::string> ImportAudit::need(Family family, const std::string& key, std::uint64_t number) {
  auto value = store_.get(family, key);
  if (!value) return value.status();
  if (!value->has_value()) {
    return damaged(number, fmt::format("{} has not what it wrote", to_string(family)));
  }
  ++found_[index_of(family)];
  return **std::move(value);
}

Status ImportAudit::check(std::uint64_t number) {
  const auto stored_hash = need(Family::headers, canonical_hash_key(number), number);
  if (!stored_hash) return stored_hash.status();
  const auto hash = bytes_from<Hash256>(*stored_hash);
  if (!hash) return damaged(number, "its hash has not 32 bytes");
  const auto key = block_key(number, *hash);
  auto header = need(Family::headers, key, number);
  if (!header) return header.status();
  auto body = need(Family::blocks, key, number);
  if (!body) return body.status();
  auto receipts = store_.get(Family::receipts, key);
  if (!receipts) return receipts.status();
  const auto total = store_.get(Family::headers, total_difficulty_key(number, *hash));
  if (!total) return total.status();
  found_[index_of(Family::receipts)] += receipts->has_value() ? 1 : 0;
  found_[index_of(Family::headers)] += total->has_value() ? 1 : 0;

  FileBlock block;
  block.header = *std::move(header);
  block.body = *std::move(body);
  block.receipts = *std::move(receipts);
  const auto checked = check_block(std::move(block));
  if (!checked) return damaged(number, checked.status().message());
  if (checked->hash != *hash) return damaged(number, "its header does not have its hash");
  if (checked->file.number != number) return damaged(number, "its header has another number");
  if (number > record_.first_number && checked->header.parent_hash != parent_) {
    return damaged(number, "it does not follow the block before it");
  }
  parent_ = *hash;
  return check_lookups(*checked);
}

Status ImportAudit::check_lookups(const CheckedBlock& block) {
  for (const auto& transaction : block.transactions) {
    const auto number = block.file.number;
    const auto value = need(Family::transactions, transaction_key(transaction), number);
    if (!value) return value.status();
    if (*value != lookup_value(number)) {
      return damaged(number, "a transaction of it is looked up elsewhere");
    }
  }
  return Status::ok();
}

Status ImportAudit::check_count(Family family) {
  std::uint64_t count = 0;
  auto status = store_.scan(family, "", kBehindEverything, [&](std::string_view, std::string_view) {
    ++count;
    return true;
  });
  if (!status || count == found_[index_of(family)]) return status;
  return damaged(record_.last.number,
                 fmt::format("{} has {} keys, the blocks account for {}", to_string(family), count,
                             found_[index_of(family)]));
}

Status ImportAudit::check_counter(std::string_view counter, std::uint64_t expected) {
  const auto value = store_.get(Family::own, counter);
  if (!value) return value.status();
  const auto counted = value->has_value() ? decode_counter(**value) : 0;
  if (counted == expected) return Status::ok();
  return damaged(record_.last.number,
                 fmt::format("{} says {}, the blocks say {}", counter, counted, expected));
}

}  // namespace

Result<BlockAudit> verify_import(KeyValueStore& store) {
  const auto stored = store.get(Family::own, kImportKey);
  if (!stored) return stored.status();
  if (!stored->has_value()) {
    for (const auto family : kFamilies) {  // then no block may have left a trace
      bool found = false;
      const auto see = [&](std::string_view, std::string_view) {
        found = true;
        return false;
      };
      if (family == Family::own) continue;
      auto status = store.scan(family, "", kBehindEverything, see);
      if (!status) return status;
      if (found) return damaged(0, fmt::format("{} is not empty", to_string(family)));
    }
    return BlockAudit{};
  }
  const auto record = ImportRecord::decode(**stored);
  if (!record) return record.status();
  return ImportAudit(store, *record).run();
}

}  // namespace nodetune
