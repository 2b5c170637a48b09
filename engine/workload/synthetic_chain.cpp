// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <memory>
#include <unordered_set>
#include <utility>

#include "engine/base/format.h"
#include "engine/chain/keys.h"
#include "engine/workload/ahead.h"
#include "engine/workload/block_builder.h"
#include "engine/workload/chain_state.h"
#include "engine/workload/synthetic_bytes.h"
#include "engine/workload/synthetic_plan.h"
#include "engine/workload/workload.h"

namespace nodetune {
namespace {

constexpr std::uint64_t kFirstNumber = 20'500'000;  // where the measured blocks begin
// The first blocks look for old state too: about 7 MiB are stored in any case.
constexpr std::uint64_t kLeastPrefilledSlots = 20'000;
constexpr std::uint64_t kLeastSlotLimit = 2 * kLeastPrefilledSlots;
// RocksDB holds overwritten and deleted entries until they are compacted away.
constexpr double kSpaceAmplification = 1.25;
constexpr double kBytesPerBlockKept = 163'000;  // header, body, receipts, lookups
constexpr double kBytesPerRecord = 20'000;

constexpr std::uint64_t kRecentBlocks = 4;  // that a block looks back at, of three entries each

// Nodes that several slots share are stored once for so many neighbours.
constexpr std::uint64_t kPrefillGroup = 35'000;
constexpr std::uint64_t kReportEvery = 1'000;

double bytes_besides_state(const SyntheticConfig& config) {
  return config.keep_blocks * kBytesPerBlockKept + kKeptRecords * kBytesPerRecord;
}

// What a block does, and what was fetched for it.
struct PlannedBlock {
  BlockPlan plan;
  std::shared_ptr<BlockHold> hold;  // null: no hints
};

class SyntheticChain final : public Workload {
 public:
  SyntheticChain(const SyntheticConfig& config, const ChainIdentity& identity)
      : config_(config), identity_(identity) {}

  std::string describe() const override {
    const auto length = config_.blocks ? fmt::format("{} blocks", *config_.blocks) : "endless";
    return fmt::format("Synthetic chain, seed {}, {}", config_.seed, length);
  }
  std::string provenance() const override {
    return "Synthetic throughout. Operations a block and shares of each class as measured on "
           "Ethereum mainnet (EthAnalysis), reuse of slots as in mainnet's block access lists";
  }
  std::optional<std::uint64_t> total_blocks() const override { return config_.blocks; }
  Status prepare(KeyValueStore& store, const PrepareWatch& watch) override;
  Result<bool> run_block(ObjectStore& objects) override;

 private:
  Status prefill(KeyValueStore& store, const PrepareWatch& watch) const;
  Status resume(ObjectStore& objects);
  Result<PlannedBlock> make_block(std::uint64_t block, ObjectStore* objects) const;
  Result<BlockPlan> next_plan(ObjectStore& objects);
  Status read(ObjectStore& objects, const BlockPlan& plan) const;
  Status read_recent_headers(ObjectStore& objects, std::uint64_t count) const;
  Status read_recent(ObjectStore& objects, ObjectKind kind, std::uint64_t count) const;
  Result<std::optional<Hash256>> canonical_hash(ObjectStore& objects, std::uint64_t number) const;
  Status prune(ObjectStore& objects, BlockBuilder& block) const;
  void write(BlockBuilder& block, ObjectKind kind, BlockPlan::Keys& keys) const;

  const SyntheticConfig config_;
  ChainIdentity identity_;
  std::optional<SyntheticPlan> plan_;      // nothing: not prepared
  std::optional<ChainProgress> progress_;  // nothing: to be read from the store
  struct Recent {
    std::uint64_t number = 0;
    Hash256 hash{};
  };
  std::deque<Recent> recent_blocks_;  // newest first
  Ahead<PlannedBlock> ahead_;         // only with hints
};

SyntheticPlan make_plan(const ChainIdentity& identity) {
  SyntheticPlan::Config config;
  config.seed = identity.seed;
  config.prefilled_slots = identity.prefilled_slots;
  config.slot_limit = identity.slot_limit;
  return SyntheticPlan(config);
}

Status SyntheticChain::prepare(KeyValueStore& store, const PrepareWatch& watch) {
  progress_.reset();
  ahead_.drop();
  const auto stored = load_identity(store);
  if (!stored) return stored.status();
  if (stored->has_value()) {
    if (auto status = check_same_chain(**stored, identity_); !status) return status;
    identity_ = **stored;  // sizes are those it began with
  } else if (auto status = save_identity(store, identity_); !status) {
    return status;
  }
  plan_.emplace(make_plan(identity_));
  if (identity_.prepared) return Status::ok();
  if (auto status = prefill(store, watch); !status) return status;
  identity_.prepared = true;
  return save_identity(store, identity_);
}

Status SyntheticChain::prefill(KeyValueStore& store, const PrepareWatch& watch) const {
  StateLoader loader(store, config_.seed);
  std::unordered_set<std::uint64_t> shared;
  const auto add_nodes = [&](std::vector<std::string> nodes) {
    for (auto& key : nodes) {
      if (!shared.insert(hash_key(Family::state_nodes, key)).second) continue;
      if (auto status = loader.add(ObjectKind::state_node, std::move(key)); !status) return status;
    }
    return Status::ok();
  };
  const auto total = plan_->prefilled_slots() + plan_->prefilled_accounts();
  const auto proceed = [&](std::uint64_t done) {
    if (watch.stop.stop_requested()) {
      return Status(StatusCode::cancelled, "stopped while the state was being stored");
    }
    if (done % kPrefillGroup == 0) shared.clear();
    if (watch.progress && done % kReportEvery == 0) {
      watch.progress(static_cast<double>(done) / static_cast<double>(total));
    }
    return Status::ok();
  };
  for (std::uint64_t slot = 0; slot < plan_->prefilled_slots(); ++slot) {
    if (auto status = proceed(slot); !status) return status;
    auto status = loader.add(ObjectKind::storage, plan_->slot_key(slot));
    if (status) status = add_nodes(plan_->slot_nodes(slot));
    if (!status) return status;
  }
  for (std::uint64_t code = 0; code < plan_->prefilled_codes(); ++code) {
    auto status = loader.add(ObjectKind::state_node, plan_->code_key(code));
    if (!status) return status;
  }
  for (std::uint64_t account = 0; account < plan_->prefilled_accounts(); ++account) {
    if (auto status = proceed(plan_->prefilled_slots() + account); !status) return status;
    auto status = loader.add(ObjectKind::account, plan_->account_key(account));
    if (status) status = add_nodes(plan_->account_nodes(account));
    if (!status) return status;
  }
  return loader.finish();
}

// Where the chain stands, and the keys of its newest blocks.
Status SyntheticChain::resume(ObjectStore& objects) {
  auto progress = load_progress(objects);
  if (!progress) return progress.status();
  recent_blocks_.clear();
  const auto kept = std::min(progress->blocks, kRecentBlocks);
  for (auto back = kept; back > 0; --back) {
    const auto number = progress->last_number + 1 - back;
    const auto stored = objects.own_value(record_key(number));
    if (!stored) return stored.status();
    if (!stored->has_value()) {
      return Status(StatusCode::corrupt, fmt::format("block {} has no record", number));
    }
    const auto record = BlockRecord::decode(**stored);
    if (!record) return record.status();
    recent_blocks_.push_front({number, record->block_hash});
  }
  progress_ = *progress;
  return Status::ok();
}

// What leads to the newest headers, and they themselves, newest first; then all that is stored
// under the newest number, as who looks for side chains does.
Status SyntheticChain::read_recent_headers(ObjectStore& objects, std::uint64_t count) const {
  std::vector<std::string> keys;
  for (const auto& [number, hash] : recent_blocks_) {
    if (number < progress_->oldest_header) break;
    keys.push_back(block_key(number, hash));
    keys.push_back(canonical_hash_key(number));
    keys.push_back(total_difficulty_key(number, hash));
  }
  if (keys.empty()) return Status::ok();
  keys.resize(std::min<std::size_t>(keys.size(), count));
  const auto values = look_up(objects, ObjectKind::header, keys);
  if (!values) return values.status();
  const auto newest = recent_blocks_.front().number;
  const auto range = block_range(newest, newest + 1);
  const auto stored = objects.scan(ObjectKind::header, range.begin, range.end);
  if (!stored) return stored.status();
  const bool found = !values->empty() && values->front() && !stored->empty();
  return found ? Status::ok()
               : Status(StatusCode::corrupt, fmt::format("header {} is missing", newest));
}

Status SyntheticChain::read_recent(ObjectStore& objects, ObjectKind kind,
                                   std::uint64_t count) const {
  std::vector<std::string> keys;
  for (const auto& [number, hash] : recent_blocks_) {
    if (number < progress_->oldest_body || keys.size() == count) break;
    keys.push_back(block_key(number, hash));
  }
  const auto values = look_up(objects, kind, keys);
  if (!values) return values.status();
  for (const auto& value : *values) {
    if (!value) {
      return Status(StatusCode::corrupt,
                    fmt::format("a {} of the newest {} blocks is missing", to_string(kind), count));
    }
  }
  return Status::ok();
}

Status SyntheticChain::read(ObjectStore& objects, const BlockPlan& plan) const {
  // One of the headers read is the canonical hash of the block that is pruned.
  auto status = read_recent_headers(objects, plan.headers_read - 1);
  if (status) status = read_recent(objects, ObjectKind::block, plan.bodies_read);
  if (status) status = read_recent(objects, ObjectKind::receipt, plan.receipts_read);
  if (!status) return status;
  for (const auto& [kind, keys] : {std::pair(ObjectKind::account, &plan.accounts),
                                   std::pair(ObjectKind::storage, &plan.storage),
                                   std::pair(ObjectKind::state_node, &plan.nodes)}) {
    if (const auto values = look_up(objects, kind, keys->read); !values) return values.status();
  }
  return Status::ok();
}

void SyntheticChain::write(BlockBuilder& block, ObjectKind kind, BlockPlan::Keys& keys) const {
  for (auto& key : keys.put) {
    auto value = state_value(kind, config_.seed, key, block.number());
    block.put(kind, std::move(key), std::move(value));
  }
  for (auto& key : keys.erased) block.erase(kind, std::move(key));
}

// With an ObjectStore: fetches from it what the block will read.
Result<PlannedBlock> SyntheticChain::make_block(std::uint64_t block, ObjectStore* objects) const {
  PlannedBlock made;
  made.plan = plan_->block(block);
  if (objects == nullptr) return made;
  BlockAccess access;
  access.of(ObjectKind::account) = made.plan.accounts.read;
  access.of(ObjectKind::storage) = made.plan.storage.read;
  access.of(ObjectKind::state_node) = made.plan.nodes.read;
  auto hold = objects->announce_block(access);
  if (!hold) return hold.status();
  made.hold = *std::move(hold);
  return made;
}

// With hints: begins the block, and has the one after it planned while this one runs.
Result<BlockPlan> SyntheticChain::next_plan(ObjectStore& objects) {
  const auto number = progress_->blocks;
  auto ahead = ahead_.take(number);
  auto block = ahead ? *std::move(ahead) : make_block(number, config_.hints ? &objects : nullptr);
  if (!block) return block.status();
  if (config_.hints) {
    objects.begin_block(std::move(block->hold));
    ahead_.begin(number + 1, [this, &objects, number] { return make_block(number + 1, &objects); });
  }
  return std::move(block->plan);
}

Result<bool> SyntheticChain::run_block(ObjectStore& objects) {
  if (!plan_) return Status(StatusCode::failed, "the synthetic chain was not prepared");
  if (!progress_) {
    if (auto status = resume(objects); !status) return status;
  }
  if (config_.blocks && progress_->blocks >= *config_.blocks) {
    objects.end_block();
    return false;
  }
  auto next = next_plan(objects);
  if (!next) return next.status();
  auto& plan = *next;
  if (auto status = read(objects, plan); !status) return status;

  BlockBuilder block(config_.seed, kFirstNumber + progress_->blocks, *progress_);
  write(block, ObjectKind::account, plan.accounts);
  write(block, ObjectKind::storage, plan.storage);
  write(block, ObjectKind::state_node, plan.nodes);
  block.add_chain_objects(plan.transactions);
  block.add_header_index();
  for (std::uint32_t i = 0; i < plan.rewritten_lookups && config_.keep_blocks > 1; ++i) {
    const auto before = block.number() - 1;
    block.put(ObjectKind::transaction, transaction_key(transaction_hash(config_.seed, before, i)),
              lookup_value(before));
  }
  if (auto status = prune(objects, block); !status) return status;
  const auto submitted = objects.submit(block.finish());
  if (!submitted) return submitted.status();

  progress_ = block.progress();
  recent_blocks_.push_front({progress_->last_number, progress_->last_hash});
  if (recent_blocks_.size() > kRecentBlocks) recent_blocks_.pop_back();
  return true;
}

// Nothing for blocks that were written before headers had an index.
Result<std::optional<Hash256>> SyntheticChain::canonical_hash(ObjectStore& objects,
                                                              std::uint64_t number) const {
  const auto value = objects.get(ObjectKind::header, canonical_hash_key(number));
  if (!value) return value.status();
  if (!*value) return std::optional<Hash256>();
  const auto hash = bytes_from<Hash256>(**value);
  if (!hash) {
    return Status(StatusCode::corrupt,
                  fmt::format("the canonical hash of block {} is damaged", number));
  }
  return std::optional(*hash);
}

Status SyntheticChain::prune(ObjectStore& objects, BlockBuilder& block) const {
  BlockBuilder::Pruning pruning;
  pruning.keep_blocks = static_cast<std::uint64_t>(config_.keep_blocks);
  pruning.transactions_of = [this](std::uint64_t number) -> Result<std::uint32_t> {
    return plan_->transactions(number - kFirstNumber);
  };
  pruning.header_hash_of = [&](std::uint64_t number) { return canonical_hash(objects, number); };
  return block.prune(pruning);
}

}  // namespace

Result<std::unique_ptr<Workload>> make_synthetic_chain(const SyntheticConfig& config) {
  if (config.keep_blocks < 1 || config.prefill_bytes < 0 || config.prune_above_bytes < 0) {
    return Status(StatusCode::invalid_argument,
                  "a synthetic chain keeps at least one block, and sizes are not negative");
  }
  ChainIdentity identity;
  identity.chain = "synthetic";
  identity.seed = config.seed;
  identity.first_number = kFirstNumber;
  identity.prefilled_slots = std::max(
      kLeastPrefilledSlots,
      static_cast<std::uint64_t>(static_cast<double>(config.prefill_bytes) / kBytesPerSlot));
  if (config.prune_above_bytes > 0) {
    const double bytes_per_slot = kBytesPerSlot * kSpaceAmplification;
    const double least = bytes_besides_state(config) + kLeastSlotLimit * bytes_per_slot;
    if (static_cast<double>(config.prune_above_bytes) < least) {
      return Status(StatusCode::invalid_argument,
                    fmt::format("a chain that keeps {} blocks cannot be pruned to {}: at least {}",
                                config.keep_blocks,
                                format_bytes(static_cast<double>(config.prune_above_bytes)),
                                format_bytes(least)));
    }
    identity.slot_limit = static_cast<std::uint64_t>(
        (static_cast<double>(config.prune_above_bytes) - bytes_besides_state(config)) /
        bytes_per_slot);
    identity.prefilled_slots = std::min(identity.prefilled_slots, identity.slot_limit);
  }
  return std::unique_ptr<Workload>(std::make_unique<SyntheticChain>(config, identity));
}

}  // namespace nodetune
