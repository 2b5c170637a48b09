// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "engine/chain/access_list.h"
#include "engine/chain/keccak.h"
#include "engine/chain/keys.h"
#include "engine/workload/ahead.h"
#include "engine/workload/block_builder.h"
#include "engine/workload/chain_state.h"
#include "engine/workload/slim_account.h"
#include "engine/workload/synthetic_bytes.h"
#include "engine/workload/workload.h"

namespace nodetune {
namespace {

// Everything that a block touches, hashed once.
struct TouchedSlot {
  std::string key;
  Hash256 hash{};
  const SlotWrite* write = nullptr;  // nothing: only read
};
struct TouchedAccount {
  const AccountAccess* access = nullptr;
  Hash256 hash{};
  std::vector<TouchedSlot> slots;
};

std::vector<TouchedAccount> touched_by(const BlockAccessList& list) {
  std::vector<TouchedAccount> touched;
  touched.reserve(list.accounts.size());
  for (const auto& access : list.accounts) {
    TouchedAccount account{&access, keccak256(access.address), {}};
    for (const auto& slot : access.touched_slots()) {
      const auto hash = keccak256(slot);
      account.slots.push_back({storage_key(account.hash, hash), hash, nullptr});
      const auto write =
          std::lower_bound(access.slot_writes.begin(), access.slot_writes.end(), slot,
                           [](const SlotWrite& one, const Word256& key) { return one.slot < key; });
      if (write != access.slot_writes.end() && write->slot == slot) {
        account.slots.back().write = &*write;
      }
    }
    touched.push_back(std::move(account));
  }
  return touched;
}

// The trie nodes on the way to every account and slot, or only to those that the block changed.
std::vector<std::string> path_nodes(const std::vector<TouchedAccount>& touched, bool only_changed) {
  std::vector<std::string> keys;
  for (const auto& account : touched) {
    if (only_changed && !account.access->changed()) continue;
    for (int depth = 0; depth < kAccountPathNodes; ++depth) {
      keys.push_back(account_path_node_key(account.hash, depth));
    }
    for (const auto& slot : account.slots) {
      if (only_changed && slot.write == nullptr) continue;
      for (int depth = 0; depth < kSlotPathNodes; ++depth) {
        keys.push_back(storage_path_node_key(account.hash, slot.hash, depth));
      }
    }
  }
  make_distinct(keys);
  return keys;
}

// One more than the highest index that a change names: what the list tells of their number.
std::uint32_t count_transactions(const BlockAccessList& list) {
  std::uint32_t count = 0;
  const auto see = [&](const auto& changes) {
    if (!changes.empty()) count = std::max(count, changes.back().tx_index + 1);
  };
  for (const auto& account : list.accounts) {
    see(account.balances);
    see(account.nonces);
    see(account.codes);
    for (const auto& slot : account.slot_writes) see(slot.changes);
  }
  return count;
}

// A block's list with all keys that it touches, and what was fetched for it.
struct ReplayBlock {
  BlockAccessList list;
  std::vector<TouchedAccount> touched;  // points into the list
  BlockAccess access;
  std::shared_ptr<BlockHold> hold;  // null: no hints
};
using ReplayBlockPtr = std::unique_ptr<ReplayBlock>;

// With an ObjectStore: fetches from it what the block will touch.
Result<ReplayBlockPtr> make_block(const AccessListFile& file, ObjectStore* objects) {
  auto list = read_access_list(file);
  if (!list) return list.status();
  auto block = std::make_unique<ReplayBlock>();
  block->list = *std::move(list);
  block->touched = touched_by(block->list);
  for (const auto& account : block->touched) {
    block->access.of(ObjectKind::account).push_back(account_key(account.hash));
    for (const auto& slot : account.slots) {
      block->access.of(ObjectKind::storage).push_back(slot.key);
    }
  }
  block->access.of(ObjectKind::state_node) = path_nodes(block->touched, false);
  if (objects != nullptr) {
    auto hold = objects->announce_block(block->access);
    if (!hold) return hold.status();
    block->hold = *std::move(hold);
  }
  return block;
}

class AccessListReplay final : public Workload {
 public:
  AccessListReplay(AccessListConfig config, std::vector<AccessListFile> files)
      : config_(std::move(config)), files_(std::move(files)) {}

  std::string describe() const override {
    if (files_.size() == 1) return fmt::format("Ethereum mainnet block {}", first_number());
    return fmt::format("{} Ethereum mainnet blocks, {} to {}{}", files_.size(), first_number(),
                       files_.back().number,
                       config_.rounds > 1 ? fmt::format(", {} rounds", config_.rounds) : "");
  }
  std::string provenance() const override {
    return "Real: accounts, slots, balances, nonces and slot values, from EIP-7928 block access "
           "lists. Synthetic: the state before the first block, trie nodes, headers, bodies, "
           "transactions, receipts";
  }
  std::optional<std::uint64_t> total_blocks() const override {
    return files_.size() * config_.rounds;
  }
  Status prepare(KeyValueStore& store, const PrepareWatch& watch) override;
  Result<bool> run_block(ObjectStore& objects) override;

 private:
  std::uint64_t first_number() const { return files_.front().number; }
  ChainIdentity identity() const;
  Result<BlockAccessList> read(std::size_t index);
  Result<std::uint32_t> transactions_of(std::uint64_t number);
  Result<ReplayBlockPtr> next_block(ObjectStore& objects);
  Status store_touched_state(StateLoader& loader, const PrepareWatch& watch);
  Status write_accounts(BlockBuilder& block, const std::vector<TouchedAccount>& touched,
                        std::span<const CachedValue> values) const;
  void write_slots(BlockBuilder& block, const std::vector<TouchedAccount>& touched) const;

  const AccessListConfig config_;
  const std::vector<AccessListFile> files_;
  std::unordered_map<std::size_t, std::uint32_t> transactions_;  // by index of the list
  std::optional<ChainProgress> progress_;  // nothing: to be read from the store
  Ahead<ReplayBlockPtr> ahead_;            // only with hints
};

ChainIdentity AccessListReplay::identity() const {
  ChainIdentity identity;
  identity.chain = "access-lists";
  identity.seed = config_.seed;
  identity.first_number = first_number();
  identity.lists = files_.size();
  return identity;
}

Result<BlockAccessList> AccessListReplay::read(std::size_t index) {
  auto list = read_access_list(files_[index]);
  if (list) transactions_[index] = count_transactions(*list);
  return list;
}

Result<std::uint32_t> AccessListReplay::transactions_of(std::uint64_t number) {
  const std::size_t index = (number - first_number()) % files_.size();
  if (!transactions_.contains(index)) {
    if (const auto list = read(index); !list) return list.status();
  }
  return transactions_[index];
}

Status AccessListReplay::prepare(KeyValueStore& store, const PrepareWatch& watch) {
  progress_.reset();
  ahead_.drop();
  auto wanted = identity();
  const auto stored = load_identity(store);
  if (!stored) return stored.status();
  if (stored->has_value()) {
    if (auto status = check_same_chain(**stored, wanted); !status) return status;
    if ((*stored)->prepared) return Status::ok();
  } else if (auto status = save_identity(store, wanted); !status) {
    return status;
  }
  StateLoader loader(store, config_.seed);
  if (auto status = store_touched_state(loader, watch); !status) return status;
  if (auto status = loader.finish(); !status) return status;
  wanted.prepared = true;
  return save_identity(store, wanted);
}

Status AccessListReplay::store_touched_state(StateLoader& loader, const PrepareWatch& watch) {
  std::unordered_set<std::uint64_t> seen;  // of key hashes: a key is stored once
  const auto add = [&](ObjectKind kind, std::string key) {
    if (!seen.insert(hash_key(family_of(kind), key)).second) return Status::ok();
    return loader.add(kind, std::move(key));
  };
  for (std::size_t i = 0; i < files_.size(); ++i) {
    if (watch.stop.stop_requested()) {
      return Status(StatusCode::cancelled, "stopped while the state was being stored");
    }
    const auto list = read(i);
    if (!list) return list.status();
    const auto touched = touched_by(*list);
    for (const auto& account : touched) {
      if (auto status = add(ObjectKind::account, account_key(account.hash)); !status) return status;
      for (const auto& slot : account.slots) {
        if (auto status = add(ObjectKind::storage, slot.key); !status) return status;
      }
    }
    for (auto& key : path_nodes(touched, false)) {
      if (auto status = add(ObjectKind::state_node, std::move(key)); !status) return status;
    }
    if (watch.progress) {
      watch.progress(static_cast<double>(i + 1) / static_cast<double>(files_.size()));
    }
  }
  return Status::ok();
}

// With hints: begins the block, and has the one after it made while this one runs.
Result<ReplayBlockPtr> AccessListReplay::next_block(ObjectStore& objects) {
  const auto number = progress_->blocks;
  const auto index = number % files_.size();
  auto ahead = ahead_.take(number);
  auto block =
      ahead ? *std::move(ahead) : make_block(files_[index], config_.hints ? &objects : nullptr);
  if (!block) return block;
  transactions_[index] = count_transactions((*block)->list);
  if (!config_.hints) return block;
  objects.begin_block(std::move((*block)->hold));
  if (number + 1 < *total_blocks()) {
    ahead_.begin(number + 1, [this, &objects, after = (number + 1) % files_.size()] {
      return make_block(files_[after], &objects);
    });
  }
  return block;
}

Result<bool> AccessListReplay::run_block(ObjectStore& objects) {
  if (!progress_) {
    const auto stored = load_progress(objects);
    if (!stored) return stored.status();
    progress_ = *stored;
  }
  if (progress_->blocks >= *total_blocks()) {
    objects.end_block();
    return false;
  }
  auto next = next_block(objects);
  if (!next) return next.status();
  auto& input = **next;
  const auto& touched = input.touched;

  const auto accounts = look_up(objects, ObjectKind::account, input.access.of(ObjectKind::account));
  if (!accounts) return accounts.status();
  for (const auto kind : {ObjectKind::storage, ObjectKind::state_node}) {
    if (const auto read = look_up(objects, kind, input.access.of(kind)); !read) {
      return read.status();
    }
  }

  BlockBuilder block(config_.seed, first_number() + progress_->blocks, *progress_);
  if (auto status = write_accounts(block, touched, *accounts); !status) return status;
  write_slots(block, touched);
  for (auto& key : path_nodes(touched, true)) {
    auto value = state_value(ObjectKind::state_node, config_.seed, key, block.number());
    block.put(ObjectKind::state_node, std::move(key), std::move(value));
  }
  block.add_chain_objects(count_transactions(input.list));
  BlockBuilder::Pruning pruning;
  pruning.keep_blocks = static_cast<std::uint64_t>(config_.keep_blocks);
  pruning.transactions_of = [this](std::uint64_t number) { return transactions_of(number); };
  if (auto status = block.prune(pruning); !status) return status;

  const auto submitted = objects.submit(block.finish());
  if (!submitted) return submitted.status();
  progress_ = block.progress();
  return true;
}

// Nonce, balance and code as the list has them; the storage root is made up, as all roots are.
Status AccessListReplay::write_accounts(BlockBuilder& block,
                                        const std::vector<TouchedAccount>& touched,
                                        std::span<const CachedValue> values) const {
  for (std::size_t i = 0; i < touched.size(); ++i) {
    const auto& access = *touched[i].access;
    if (!access.changed()) continue;
    SlimAccount account;
    if (values[i]) {
      auto before = SlimAccount::decode(*values[i]);
      if (!before) return before.status();
      account = std::move(*before);
    }
    if (!access.nonces.empty()) account.nonce = access.nonces.back().value;
    if (!access.balances.empty()) {
      account.balance = without_leading_zeroes(access.balances.back().value);
    }
    if (!access.codes.empty()) {
      account.code_hash = as_view(keccak256(access.codes.back().value));
    }
    auto key = account_key(touched[i].hash);
    if (!access.slot_writes.empty()) {
      RandomStream random(mix_bits(hash_bytes(key, config_.seed), block.number()));
      account.storage_root.clear();
      random.append(account.storage_root, sizeof(Hash256));
    }
    block.put(ObjectKind::account, std::move(key), account.encode());
  }
  return Status::ok();
}

void AccessListReplay::write_slots(BlockBuilder& block,
                                   const std::vector<TouchedAccount>& touched) const {
  for (const auto& account : touched) {
    for (const auto& slot : account.slots) {
      if (slot.write == nullptr) continue;
      if (slot.write->zeroed()) {
        block.erase(ObjectKind::storage, slot.key);
      } else {
        block.put(ObjectKind::storage, slot.key, without_leading_zeroes(slot.write->final_value()));
      }
    }
  }
}

}  // namespace

Result<std::unique_ptr<Workload>> make_access_list_replay(const AccessListConfig& config) {
  if (config.keep_blocks < 1 || config.rounds < 1) {
    return Status(StatusCode::invalid_argument,
                  "a replay keeps at least one block, and runs at least one round");
  }
  auto files = list_access_list_files(config.path);
  if (!files) return files.status();
  for (std::size_t i = 1; i < files->size(); ++i) {
    if ((*files)[i].number != (*files)[i - 1].number + 1) {
      return Status(StatusCode::invalid_argument,
                    fmt::format("{}: block {} is missing; the lists must follow each other",
                                config.path, (*files)[i - 1].number + 1));
    }
  }
  return std::unique_ptr<Workload>(std::make_unique<AccessListReplay>(config, std::move(*files)));
}

}  // namespace nodetune
