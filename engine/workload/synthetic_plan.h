// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/workload/touch_stream.h"

namespace nodetune {

// What a block of the synthetic chain reads, writes and deletes, by key.
struct BlockPlan {
  struct Keys {
    std::vector<std::string> read;
    std::vector<std::string> put;
    std::vector<std::string> erased;
  };
  Keys storage;
  Keys accounts;
  Keys nodes;  // contract code is among them
  std::uint32_t transactions = 0;
  std::uint32_t rewritten_lookups = 0;  // of the block before: put once more as they are
  std::uint32_t headers_read = 0;       // entries: headers, canonical hashes, total difficulties
  std::uint32_t bodies_read = 0;
  std::uint32_t receipts_read = 0;
};

// Plans the blocks of a chain with the class shares that tinoryj/EthAnalysis measured on mainnet
// (20.5M to 21.5M): 2.7K operations a block, each class with its reads, writes and deletes.
//
// The reference counts what leaves a node's own caches, so there are more writes than reads: most
// writes are blind. Slots and accounts are reused as mainnet's access lists do it (TouchStream).
// Contract code has no object kind of its own: it lies among the trie nodes, as in eth's NodeData.
// Of 52 lookups put 48 are deleted: the others are put again, as after a reorganisation, so that a
// pruned chain does not grow. Thread: any.
class SyntheticPlan {
 public:
  struct Config {
    std::uint64_t seed = 1;
    std::uint64_t prefilled_slots = 0;
    std::uint64_t slot_limit = 0;  // slots alive at most; 0: no limit
  };
  explicit SyntheticPlan(const Config& config);

  BlockPlan block(std::uint64_t block) const;  // counts from 0
  std::uint32_t transactions(std::uint64_t block) const;

  // What is stored before the first block.
  std::uint64_t prefilled_slots() const { return slots_.stored_before(); }
  std::uint64_t prefilled_accounts() const { return accounts_.stored_before(); }
  std::string slot_key(std::uint64_t slot) const;
  std::string account_key(std::uint64_t account) const;
  std::uint64_t prefilled_codes() const { return codes_before_; }
  std::string code_key(std::uint64_t code) const;
  // The nodes that are stored for it: of its own first, then shared ones.
  std::vector<std::string> slot_nodes(std::uint64_t slot) const;
  std::vector<std::string> account_nodes(std::uint64_t account) const;

 private:
  struct SlotTouches;
  struct AccountTouches;
  SlotTouches plan_slots(std::uint64_t block) const;
  AccountTouches plan_accounts(std::uint64_t block) const;
  void plan_code(std::uint64_t block, BlockPlan& plan) const;
  std::uint64_t contract_of(std::uint64_t slot) const;

  const std::uint64_t seed_;
  const std::uint64_t contract_groups_;  // 0: grows with the slots
  const std::uint64_t codes_before_;
  const std::uint64_t code_limit_;  // then old code is deployed again; 0: none
  TouchStream slots_;
  TouchStream accounts_;
};

// Operations of each class a block, on average.
struct ClassRates {
  double reads = 0;
  double writes = 0;
  double deletes = 0;
};
inline constexpr double kOperationsPerBlock = 2'700;
inline constexpr ClassRates class_rates(double share, double read, double write, double erased) {
  return {kOperationsPerBlock * share * read, kOperationsPerBlock * share * write,
          kOperationsPerBlock * share * erased};
}
inline constexpr ClassRates kSlotRates = class_rates(0.179, 0.45, 0.469, 0.081);
inline constexpr ClassRates kAccountRates = class_rates(0.075, 0.279, 0.721, 0);
inline constexpr ClassRates kStorageNodeRates = class_rates(0.385, 0.357, 0.594, 0.049);
inline constexpr ClassRates kAccountNodeRates = class_rates(0.235, 0.377, 0.624, 0);
inline constexpr ClassRates kCodeRates = class_rates(0.0041, 0.872, 0.128, 0);
inline constexpr ClassRates kLookupRates = class_rates(0.111, 0, 0.52, 0.48);
// As many transactions are new as old ones are deleted.
inline constexpr double kTransactionsPerBlock = kLookupRates.deletes;

// Of these a block writes exactly one (three entries for a header), and as many are deleted: the
// ratios alone say how many are read. Scans of headers: 5.6 %, one a block.
inline constexpr double kHeadersRead = 3 * 60.6 / 16.9;
inline constexpr double kBodiesRead = 51.6 / 24.2;
inline constexpr double kReceiptsRead = 35.8 / 32.1;

// Bytes of keys and values that a slot, with its part of nodes and accounts, takes; the test of
// prefill_bytes checks it.
inline constexpr double kBytesPerSlot = 355;
inline constexpr double kAccountsPerSlot = 0.22;  // EthAnalysis: 269M to 1,222M
inline constexpr double kCodesPerSlot = 0.0012;   // 1.47M to 1,222M

}  // namespace nodetune
