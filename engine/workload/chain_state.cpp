// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/workload/chain_state.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "engine/workload/synthetic_bytes.h"

namespace nodetune {
namespace {

constexpr std::size_t kLoadOperations = 10'000;  // a group while state is loaded

std::string in_words(const ChainIdentity& identity) {
  if (identity.chain == "synthetic") {
    return fmt::format("the synthetic chain of seed {}", identity.seed);
  }
  if (identity.chain == "import") return "blocks imported from files";
  return fmt::format("the replay of {} access lists from block {} with seed {}", identity.lists,
                     identity.first_number, identity.seed);
}

}  // namespace

std::string ChainIdentity::encode() const {
  const nlohmann::json json = {{"chain", chain},
                               {"seed", seed},
                               {"first_number", first_number},
                               {"lists", lists},
                               {"prefilled_slots", prefilled_slots},
                               {"slot_limit", slot_limit},
                               {"prepared", prepared}};
  return json.dump();
}

Result<ChainIdentity> ChainIdentity::decode(std::string_view text) {
  try {
    const auto json = nlohmann::json::parse(text);
    ChainIdentity identity;
    identity.chain = json.at("chain").get<std::string>();
    identity.seed = json.at("seed").get<std::uint64_t>();
    identity.first_number = json.at("first_number").get<std::uint64_t>();
    identity.lists = json.at("lists").get<std::uint64_t>();
    identity.prefilled_slots = json.at("prefilled_slots").get<std::uint64_t>();
    identity.slot_limit = json.at("slot_limit").get<std::uint64_t>();
    identity.prepared = json.at("prepared").get<bool>();
    return identity;
  } catch (const nlohmann::json::exception& error) {
    return Status(StatusCode::corrupt,
                  fmt::format("which chain this directory holds cannot be read: {}", error.what()));
  }
}

Result<std::optional<ChainIdentity>> load_identity(KeyValueStore& store) {
  const auto stored = store.get(Family::own, kPreparedKey);
  if (!stored) return stored.status();
  if (!stored->has_value()) return std::optional<ChainIdentity>();
  auto identity = ChainIdentity::decode(**stored);
  if (!identity) return identity.status();
  return std::optional(std::move(*identity));
}

Status save_identity(KeyValueStore& store, const ChainIdentity& identity) {
  const std::array operations = {
      WriteOperation::put(Family::own, std::string(kPreparedKey), identity.encode())};
  return store.write(operations, Durability::log);
}

Status check_same_chain(const ChainIdentity& stored, const ChainIdentity& wanted) {
  if (stored.chain == wanted.chain && stored.seed == wanted.seed &&
      stored.first_number == wanted.first_number && stored.lists == wanted.lists) {
    return Status::ok();
  }
  return Status(StatusCode::invalid_argument,
                fmt::format("this directory holds {}, not {}; choose an empty directory for "
                            "another chain",
                            in_words(stored), in_words(wanted)));
}

Result<ChainProgress> load_progress(ObjectStore& objects) {
  const auto stored = objects.own_value(kProgressKey);
  if (!stored) return stored.status();
  if (!stored->has_value()) return ChainProgress{};
  return ChainProgress::decode(**stored);
}

Status StateLoader::add(ObjectKind kind, std::string key) {
  auto value = state_value(kind, seed_, key, kBeforeFirstBlock);
  bytes_ += key.size() + value.size();
  pending_.push_back(WriteOperation::put(family_of(kind), std::move(key), std::move(value)));
  return pending_.size() < kLoadOperations ? Status::ok() : write();
}

Status StateLoader::finish() {
  if (auto status = write(); !status) return status;
  return store_.sync();
}

Status StateLoader::write() {
  if (pending_.empty()) return Status::ok();
  // Sorted keys go into a memtable about twice as fast.
  std::sort(pending_.begin(), pending_.end(), [](const auto& a, const auto& b) {
    return std::pair(a.family, std::string_view(a.key)) <
           std::pair(b.family, std::string_view(b.key));
  });
  // finish() puts it on disk; a half of it is of no use.
  auto status = store_.write(pending_, Durability::none);
  pending_.clear();
  return status;
}

void make_distinct(std::vector<std::string>& keys) {
  std::sort(keys.begin(), keys.end());
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
}

Result<std::vector<CachedValue>> look_up(ObjectStore& objects, ObjectKind kind,
                                         std::span<const std::string> keys) {
  const std::vector<std::string_view> views(keys.begin(), keys.end());
  return objects.multi_get(kind, views);
}

}  // namespace nodetune
