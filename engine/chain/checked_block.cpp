// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/chain/checked_block.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "engine/chain/keccak.h"
#include "engine/chain/ordered_trie.h"
#include "engine/chain/rlp.h"

namespace nodetune {
namespace {

// Fields of a header, in order; those in between are not looked at.
constexpr int kStateRoot = 3;
constexpr int kBloom = 6;
constexpr int kGasLimit = 9;
constexpr int kWithdrawalsRoot = 16;

Status mismatch(std::string_view what, const Hash256& found, const Hash256& said) {
  return {StatusCode::corrupt,
          fmt::format("{} not those of its header: they hash to {}, the header "
                      "says {}",
                      what, to_hex_0x(found), to_hex_0x(said))};
}

Result<Hash256> next_hash(RlpReader& reader) {
  const auto offset = reader.offset();
  const auto bytes = reader.next_string();
  if (!bytes) return bytes.status();
  const auto hash = bytes_from<Hash256>(*bytes);
  if (!hash) return RlpReader::error_at(offset, "a hash that has not 32 bytes");
  return *hash;
}

Result<Word256> next_word(RlpReader& reader) {
  const auto offset = reader.offset();
  const auto bytes = reader.next_string();
  if (!bytes) return bytes.status();
  if (!bytes->empty() && bytes->front() == 0) {
    return RlpReader::error_at(offset, "an integer has a leading zero");
  }
  const auto word = word_from(*bytes);
  if (!word) return RlpReader::error_at(offset, "an integer of more than 32 bytes");
  return *word;
}

Status read_hashes(RlpReader& reader, std::initializer_list<Hash256*> hashes) {
  for (auto* hash : hashes) {
    const auto read = next_hash(reader);
    if (!read) return read.status();
    *hash = *read;
  }
  return Status::ok();
}

Status skip(RlpReader& reader, int items) {
  for (int i = 0; i < items; ++i) {
    if (const auto item = reader.next(); !item) return item.status();
  }
  return Status::ok();
}

// What the trie holds for each item of a list: a typed transaction or receipt is a string, whose
// content counts; all else is a list, which counts as it is written.
Result<std::vector<std::string_view>> trie_values(RlpReader& reader, bool typed) {
  auto list = reader.next_list();
  if (!list) return list.status();
  std::vector<std::string_view> values;
  while (!list->at_end()) {
    const auto item = list->next();
    if (!item) return item.status();
    if (!item->is_list && (!typed || item->payload.empty())) {
      return RlpReader::error_at(item->offset, "a string where a list should be");
    }
    values.push_back(item->is_list ? item->encoded : item->payload);
  }
  return values;
}

Status check_withdrawals(RlpReader& body, const BlockHeader& header) {
  if (body.at_end()) {
    if (!header.withdrawals_root) return Status::ok();
    return {StatusCode::corrupt, "has no withdrawals, though its header has their root"};
  }
  const auto withdrawals = trie_values(body, false);
  if (!withdrawals) return withdrawals.status();
  if (!header.withdrawals_root) {
    if (withdrawals->empty()) return Status::ok();
    return {StatusCode::corrupt, "has withdrawals, of which its header knows nothing"};
  }
  const auto root = ordered_trie_root(*withdrawals);
  if (root == *header.withdrawals_root) return Status::ok();
  return mismatch("has withdrawals that are", root, *header.withdrawals_root);
}

Status check_body(CheckedBlock& block) {
  RlpReader whole(block.file.body);
  auto body = whole.next_list();
  if (!body) return body.status();
  const auto transactions = trie_values(*body, true);
  if (!transactions) return transactions.status();
  const auto& header = block.header;
  if (const auto root = ordered_trie_root(*transactions); root != header.transactions_root) {
    return mismatch("has transactions that are", root, header.transactions_root);
  }
  const auto ommers = body->next();
  if (!ommers) return ommers.status();
  if (const auto hash = keccak256(ommers->encoded); hash != header.ommers_hash) {
    return mismatch("has ommers that are", hash, header.ommers_hash);
  }
  if (auto status = check_withdrawals(*body, header); !status) return status;
  while (!body->at_end()) {
    const auto later = trie_values(*body, true);
    if (!later) return later.status();
    const auto root = ordered_trie_root(*later);
    if (std::count(header.later_hashes.begin(), header.later_hashes.end(), root) == 0) {
      return {StatusCode::corrupt,
              fmt::format("has a further list that its header knows nothing of: it hashes to {}",
                          to_hex_0x(root))};
    }
  }
  block.transactions.reserve(transactions->size());
  for (const auto transaction : *transactions) {
    block.transactions.push_back(keccak256(transaction));
  }
  return whole.expect_end();
}

Status check_receipts(const CheckedBlock& block) {
  RlpReader whole(*block.file.receipts);
  const auto receipts = trie_values(whole, true);
  if (!receipts) return receipts.status();
  if (const auto root = ordered_trie_root(*receipts); root != block.header.receipts_root) {
    return mismatch("has receipts that are", root, block.header.receipts_root);
  }
  return whole.expect_end();
}

Status unreadable(std::string_view part, const Status& why) {
  return {StatusCode::corrupt, fmt::format("has {} that cannot be read: {}", part, why.message())};
}

bool is_mismatch(const Status& status) {
  return status.message().starts_with("has ");
}

}  // namespace

Result<BlockHeader> BlockHeader::decode(std::string_view rlp) {
  RlpReader whole(rlp);
  auto fields = whole.next_list();
  if (!fields) return fields.status();
  if (auto status = whole.expect_end(); !status) return status;
  BlockHeader header;
  auto status = read_hashes(*fields, {&header.parent_hash, &header.ommers_hash});
  if (status) status = skip(*fields, kStateRoot + 1 - 2);  // the miner, and the state's root
  if (status) status = read_hashes(*fields, {&header.transactions_root, &header.receipts_root});
  if (status) status = skip(*fields, 1);  // the bloom filter
  if (!status) return status;
  static_assert(kBloom == kStateRoot + 3 && kGasLimit == kBloom + 3);
  const auto difficulty = next_word(*fields);
  if (!difficulty) return difficulty.status();
  header.difficulty = *difficulty;
  const auto number = fields->next_uint();
  if (!number) return number.status();
  header.number = *number;
  status = skip(*fields, kWithdrawalsRoot - kGasLimit - 1);  // to the nonce: all have these
  if (!status) return status;
  if (!fields->at_end()) status = skip(*fields, 1);  // the base fee
  for (int field = kWithdrawalsRoot; status && !fields->at_end(); ++field) {
    const auto value = fields->next();
    if (!value) return value.status();
    const auto hash = value->is_list ? std::nullopt : bytes_from<Hash256>(value->payload);
    if (field > kWithdrawalsRoot) {
      if (hash) header.later_hashes.push_back(*hash);
    } else if (!hash) {
      return RlpReader::error_at(value->offset, "a withdrawals' root that has not 32 bytes");
    } else if (*hash != Hash256{}) {
      header.withdrawals_root = *hash;
    }
  }
  if (!status) return status;
  return header;
}

Result<CheckedBlock> check_block(FileBlock block) {
  CheckedBlock checked;
  checked.file = std::move(block);
  const auto header = BlockHeader::decode(checked.file.header);
  if (!header) return unreadable("a header", header.status());
  checked.header = *header;
  checked.file.number = header->number;
  checked.hash = keccak256(checked.file.header);
  if (auto status = check_body(checked); !status) {
    return is_mismatch(status) ? status : unreadable("a body", status);
  }
  if (checked.file.receipts) {
    if (auto status = check_receipts(checked); !status) {
      return is_mismatch(status) ? status : unreadable("receipts", status);
    }
  }
  return checked;
}

std::optional<Word256> add(const Word256& a, const Word256& b) {
  Word256 sum;
  unsigned carry = 0;
  for (std::size_t i = sum.bytes.size(); i-- > 0;) {
    carry += unsigned{a.bytes[i]} + b.bytes[i];
    sum.bytes[i] = static_cast<std::uint8_t>(carry);
    carry >>= 8;
  }
  if (carry != 0) return std::nullopt;
  return sum;
}

}  // namespace nodetune
