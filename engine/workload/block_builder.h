// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "engine/batch/batch_processor.h"
#include "engine/chain/object_kind.h"
#include "engine/workload/block_record.h"

namespace nodetune {

// Gathers what one block writes into its group, and what it says of itself into its record.
//
// Invariant: each key is put or erased once a block. The group holds everything or the block is
// not submitted: header, body, receipts, lookups, state, pruning, record, progress, counters.
// Thread: one.
class BlockBuilder {
 public:
  BlockBuilder(std::uint64_t seed, std::uint64_t number, const ChainProgress& before);

  std::uint64_t number() const { return record_.number; }
  void put(ObjectKind kind, std::string key, std::string value);
  void erase(ObjectKind kind, std::string key);

  // Header, body, receipts and a lookup for each transaction: all synthetic.
  void add_chain_objects(std::uint32_t transactions);
  // What finds the header by its number, as geth keeps it: canonical hash and total difficulty.
  // After add_chain_objects().
  void add_header_index();
  // Deletes bodies and receipts beyond the newest `keep_blocks` by range, transaction lookups one
  // by one; headers with what finds them one by one, by range where the hash is not known.
  struct Pruning {
    std::uint64_t keep_blocks = 0;
    std::function<Result<std::uint32_t>(std::uint64_t number)> transactions_of;
    // No function: headers are kept for good.
    std::function<Result<std::optional<Hash256>>(std::uint64_t number)> header_hash_of = {};
  };
  Status prune(const Pruning& pruning);

  WriteGroup finish();
  const ChainProgress& progress() const { return progress_; }  // as it is once the group is in

 private:
  Status prune_headers(const Pruning& pruning, std::uint64_t end);
  void put_own(std::string_view key, std::string value);

  const std::uint64_t seed_;
  WriteGroup group_;
  BlockRecord record_;
  ChainProgress progress_;
  std::uint64_t accounts_written_ = 0;
};

}  // namespace nodetune
