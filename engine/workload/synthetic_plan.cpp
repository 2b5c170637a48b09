// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/workload/synthetic_plan.h"

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <iterator>
#include <unordered_set>
#include <utility>

#include "engine/chain/keys.h"
#include "engine/workload/chain_state.h"
#include "engine/workload/synthetic_bytes.h"

namespace nodetune {
namespace {

constexpr std::uint64_t kSlotSalt = 0x736c6f74;
constexpr std::uint64_t kAccountSalt = 0x61636374;
constexpr std::uint64_t kContractSalt = 0x636f6e74;
constexpr std::uint64_t kTransactionSalt = 0x74786e73;
constexpr std::uint64_t kCodeSalt = 0x636f6465;

// Mainnet's access lists of August 2024: the top ten contracts take 30 % of the slots touched.
constexpr std::uint64_t kHotContracts = 10;
constexpr double kHotShare = 0.3;
constexpr std::uint64_t kLeastCodes = 2 * kHotContracts;
// Other slots: neighbours by age share a contract, 350 slots each.
constexpr std::uint64_t kSlotsPerGroup = 35'000;
constexpr std::uint64_t kContractsPerGroup = 100;

constexpr int kSlotsTouched = 383;  // a block; with it 100 of 266 writes are preceded by a read
constexpr int kAccountsTouched = 172;
constexpr double kFreshShare = 0.438;  // not seen in the window before
constexpr int kSlotsCreated = 100;
constexpr double kColdWritten = 0.37;  // of the cold ones that are read
constexpr int kAccountsCreated = 22;
constexpr std::size_t kColdAccountsWritten = 40;

// A trie node of its own for each slot, a second one for some, so that deleted slots take 1.3
// nodes with them (EthAnalysis); the rest of the path is shared with other slots of the contract.
constexpr int kSlotLeaf = kSlotPathNodes - 1;
constexpr double kSecondNodeShare = 4.0 / 13.0;
constexpr int kAccountLeaf = kAccountPathNodes - 1;

// The operations of block n when there are `rate` a block on average: whole numbers.
int count_in(std::uint64_t block, double rate) {
  const auto n = static_cast<double>(block);
  return static_cast<int>(std::floor((n + 1) * rate) - std::floor(n * rate));
}

std::uint64_t codes_for(std::uint64_t slots) {
  return std::max(kLeastCodes,
                  static_cast<std::uint64_t>(kCodesPerSlot * static_cast<double>(slots)));
}

Hash256 random_hash(std::uint64_t seed, std::uint64_t salt, std::uint64_t number) {
  RandomStream random(mix_bits(mix_bits(seed, salt), number));
  std::string bytes;
  random.append(bytes, sizeof(Hash256));
  return *bytes_from<Hash256>(bytes);
}

bool has_second_node(std::uint64_t slot) {
  return RandomStream(slot).unit() < kSecondNodeShare;
}

TouchStream::Config slot_stream(const SyntheticPlan::Config& config) {
  TouchStream::Config stream;
  stream.seed = mix_bits(config.seed, kSlotSalt);
  stream.stored_before = config.prefilled_slots;
  stream.limit = config.slot_limit;
  stream.created = kSlotsCreated;
  stream.created_at_limit = static_cast<int>(kSlotRates.deletes);
  stream.fresh = static_cast<int>(kSlotsTouched * kFreshShare);
  stream.reused = kSlotsTouched - stream.fresh;
  return stream;
}

TouchStream::Config account_stream(const SyntheticPlan::Config& config) {
  const auto accounts_of = [](std::uint64_t slots) {
    return static_cast<std::uint64_t>(kAccountsPerSlot * static_cast<double>(slots));
  };
  TouchStream::Config stream;
  stream.seed = mix_bits(config.seed, kAccountSalt);
  stream.stored_before = accounts_of(config.prefilled_slots);
  stream.limit = accounts_of(config.slot_limit);
  stream.created = kAccountsCreated;
  stream.fresh = static_cast<int>(kAccountsTouched * kFreshShare);
  stream.reused = kAccountsTouched - stream.fresh;
  return stream;
}

// Takes node keys until a quota is full, each once.
class NodePicker {
 public:
  NodePicker(std::vector<std::string>& out, int quota)
      : out_(out), wanted_(out.size() + static_cast<std::size_t>(quota)) {}

  bool full() const { return out_.size() >= wanted_; }
  void offer(std::string key) {
    if (!full() && seen_.insert(key).second) out_.push_back(std::move(key));
  }

 private:
  std::vector<std::string>& out_;
  std::size_t wanted_;
  std::unordered_set<std::string> seen_;
};

// One level of all paths after the other, for as long as there is room.
template <typename Members, typename NodesOf>
void pick_nodes(std::vector<std::string>& out, int quota, const Members& members,
                const NodesOf& nodes_of) {
  NodePicker picker(out, quota);
  std::vector<std::vector<std::string>> paths;
  std::size_t deepest = 0;
  for (const auto member : members) {
    paths.push_back(nodes_of(member));
    deepest = std::max(deepest, paths.back().size());
  }
  for (std::size_t level = 0; level < deepest && !picker.full(); ++level) {
    for (auto& path : paths) {
      if (level < path.size()) picker.offer(std::move(path[level]));
    }
  }
}

}  // namespace

struct SyntheticPlan::SlotTouches {
  std::vector<std::uint64_t> read;
  std::vector<std::uint64_t> put;
  std::vector<std::uint64_t> erased;
};
struct SyntheticPlan::AccountTouches {
  std::vector<std::uint64_t> read;
  std::vector<std::uint64_t> put;
};

SyntheticPlan::SyntheticPlan(const Config& config)
    : seed_(config.seed),
      contract_groups_((config.slot_limit + kSlotsPerGroup - 1) / kSlotsPerGroup),
      codes_before_(codes_for(config.prefilled_slots)),
      code_limit_(config.slot_limit > 0 ? std::max(codes_before_, codes_for(config.slot_limit))
                                        : 0),
      slots_(slot_stream(config)),
      accounts_(account_stream(config)) {}

std::uint32_t SyntheticPlan::transactions(std::uint64_t block) const {
  // Half to one and a half times the mean, spread so evenly (Weyl's golden-ratio walk) that the
  // mean of some dozen blocks is that of all.
  RandomStream start(mix_bits(seed_, kTransactionSalt));
  const auto place = start.next() + block * 0x9e3779b97f4a7c15;
  const double unit = static_cast<double>(place >> 11) * 0x1p-53;
  return static_cast<std::uint32_t>(std::lround(kTransactionsPerBlock * (0.5 + unit)));
}

std::uint64_t SyntheticPlan::contract_of(std::uint64_t slot) const {
  RandomStream random(mix_bits(mix_bits(seed_, kContractSalt), slot));
  if (random.unit() < kHotShare) return random.below(kHotContracts);
  std::uint64_t group = slot / kSlotsPerGroup;
  if (contract_groups_ > 0) group %= contract_groups_;
  return kHotContracts + group * kContractsPerGroup + random.below(kContractsPerGroup);
}

std::string SyntheticPlan::slot_key(std::uint64_t slot) const {
  return storage_key(random_hash(seed_, kContractSalt, contract_of(slot)),
                     random_hash(seed_, kSlotSalt, slot));
}

std::string SyntheticPlan::account_key(std::uint64_t account) const {
  return nodetune::account_key(random_hash(seed_, kAccountSalt, account));
}

std::string SyntheticPlan::code_key(std::uint64_t code) const {
  return nodetune::code_key(random_hash(seed_, kCodeSalt, code));
}

std::vector<std::string> SyntheticPlan::slot_nodes(std::uint64_t slot) const {
  const auto contract = random_hash(seed_, kContractSalt, contract_of(slot));
  const auto hash = random_hash(seed_, kSlotSalt, slot);
  std::vector<std::string> keys;
  keys.push_back(storage_path_node_key(contract, hash, kSlotLeaf));
  if (has_second_node(slot)) {
    keys.push_back(storage_path_node_key(contract, hash, kSlotLeaf - 1));
  }
  for (const int depth : {2, 1, 0}) keys.push_back(storage_path_node_key(contract, hash, depth));
  return keys;
}

std::vector<std::string> SyntheticPlan::account_nodes(std::uint64_t account) const {
  const auto hash = random_hash(seed_, kAccountSalt, account);
  std::vector<std::string> keys;
  for (const int depth : {kAccountLeaf, 4, 3, 2, 1, 0}) {
    keys.push_back(account_path_node_key(hash, depth));
  }
  return keys;
}

// New slots are put, cold ones read and some of them put; what is left of each count falls to the
// reused ones, of which most writes are blind.
SyntheticPlan::SlotTouches SyntheticPlan::plan_slots(std::uint64_t block) const {
  const auto touches = slots_.block(block);
  SlotTouches plan;
  const auto reads = static_cast<std::size_t>(count_in(block, kSlotRates.reads));
  const auto puts = static_cast<std::size_t>(count_in(block, kSlotRates.writes));
  const auto erases = static_cast<std::size_t>(count_in(block, kSlotRates.deletes));
  plan.put = touches.created;
  plan.erased = touches.gone;
  plan.read = touches.cold;
  const auto cold_puts =
      static_cast<std::size_t>(kColdWritten * static_cast<double>(touches.cold.size()));
  plan.put.insert(plan.put.end(), touches.cold.begin(),
                  touches.cold.begin() + static_cast<std::ptrdiff_t>(cold_puts));
  std::size_t next = 0;
  while (next < touches.reused.size() && plan.erased.size() < erases && touches.gone.empty()) {
    plan.erased.push_back(touches.reused[next++]);
  }
  const auto first_put = next;
  while (next < touches.reused.size() && plan.put.size() < puts) {
    plan.put.push_back(touches.reused[next++]);
  }
  const auto first_read_only = next;
  while (next < touches.reused.size()) plan.read.push_back(touches.reused[next++]);
  for (auto i = first_put; i < first_read_only && plan.read.size() < reads; ++i) {
    plan.read.push_back(touches.reused[i]);
  }
  return plan;
}

SyntheticPlan::AccountTouches SyntheticPlan::plan_accounts(std::uint64_t block) const {
  const auto touches = accounts_.block(block);
  AccountTouches plan;
  const auto reads = static_cast<std::size_t>(count_in(block, kAccountRates.reads));
  const auto puts = static_cast<std::size_t>(count_in(block, kAccountRates.writes));
  plan.put = touches.created;
  const auto blind = touches.created.size() + touches.reused.size();
  const auto cold_puts = std::max(kColdAccountsWritten, puts - std::min(puts, blind));
  std::vector<std::uint64_t> could_read;  // put, and read before that if there is room
  for (std::size_t i = 0; i < touches.cold.size(); ++i) {
    (i < cold_puts ? could_read : plan.read).push_back(touches.cold[i]);
  }
  plan.put.insert(plan.put.end(), could_read.begin(), could_read.end());
  for (const auto account : touches.reused) {
    const bool put = plan.put.size() < puts;
    (put ? could_read : plan.read).push_back(account);
    if (put) plan.put.push_back(account);
  }
  for (const auto account : could_read) {
    if (plan.read.size() >= reads) break;
    plan.read.push_back(account);
  }
  return plan;
}

// New code is put; what is read is that of a hot contract, or of any.
void SyntheticPlan::plan_code(std::uint64_t block, BlockPlan& plan) const {
  const auto deployed = static_cast<std::uint64_t>(static_cast<double>(block) * kCodeRates.writes);
  const auto numbered = [this](std::uint64_t code) {
    return code_key(code_limit_ > 0 ? code % code_limit_ : code);
  };
  for (int i = 0; i < count_in(block, kCodeRates.writes); ++i) {
    plan.nodes.put.push_back(numbered(codes_before_ + deployed + static_cast<std::uint64_t>(i)));
  }
  auto all = codes_before_ + deployed;
  if (code_limit_ > 0) all = std::min(all, code_limit_);
  RandomStream random(mix_bits(mix_bits(seed_, kCodeSalt), block));
  std::unordered_set<std::uint64_t> read;
  const auto reads = static_cast<std::size_t>(count_in(block, kCodeRates.reads));
  while (read.size() < reads) {
    const bool hot = random.unit() < kHotShare;
    const auto code = random.below(hot ? kHotContracts : all);
    if (read.insert(code).second) plan.nodes.read.push_back(code_key(code));
  }
}

BlockPlan SyntheticPlan::block(std::uint64_t block) const {
  BlockPlan plan;
  plan.transactions = transactions(block);
  plan.rewritten_lookups = static_cast<std::uint32_t>(
      block == 0 ? 0 : count_in(block, kLookupRates.writes - kLookupRates.deletes));
  plan.headers_read = static_cast<std::uint32_t>(count_in(block, kHeadersRead));
  plan.bodies_read = static_cast<std::uint32_t>(count_in(block, kBodiesRead));
  plan.receipts_read = static_cast<std::uint32_t>(count_in(block, kReceiptsRead));
  const auto slots = plan_slots(block);
  const auto slot_nodes_of = [this](std::uint64_t slot) { return slot_nodes(slot); };
  const auto slot_keys = [this](const auto& from, auto& to) {
    for (const auto slot : from) to.push_back(slot_key(slot));
  };
  slot_keys(slots.read, plan.storage.read);
  slot_keys(slots.put, plan.storage.put);
  slot_keys(slots.erased, plan.storage.erased);
  pick_nodes(plan.nodes.read, count_in(block, kStorageNodeRates.reads), slots.read, slot_nodes_of);
  pick_nodes(plan.nodes.put, count_in(block, kStorageNodeRates.writes), slots.put, slot_nodes_of);
  for (const auto slot : slots.erased) {  // its own nodes go with it
    auto nodes = slot_nodes(slot);
    nodes.resize(has_second_node(slot) ? 2 : 1);
    std::move(nodes.begin(), nodes.end(), std::back_inserter(plan.nodes.erased));
  }

  const auto accounts = plan_accounts(block);
  const auto account_nodes_of = [this](std::uint64_t account) { return account_nodes(account); };
  for (const auto account : accounts.read) plan.accounts.read.push_back(account_key(account));
  for (const auto account : accounts.put) plan.accounts.put.push_back(account_key(account));
  auto touched = accounts.read;
  touched.insert(touched.end(), accounts.put.begin(), accounts.put.end());
  pick_nodes(plan.nodes.read, count_in(block, kAccountNodeRates.reads), touched, account_nodes_of);
  pick_nodes(plan.nodes.put, count_in(block, kAccountNodeRates.writes), accounts.put,
             account_nodes_of);
  plan_code(block, plan);

  // A node that a deleted slot shares with one that is put stays. Others are deleted once.
  make_distinct(plan.nodes.erased);
  const std::unordered_set<std::string> kept(plan.nodes.put.begin(), plan.nodes.put.end());
  std::erase_if(plan.nodes.erased, [&](const std::string& key) { return kept.contains(key); });
  return plan;
}

}  // namespace nodetune
