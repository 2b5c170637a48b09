// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/base/status.h"
#include "engine/chain/object_kind.h"
#include "engine/objects/object_store.h"
#include "engine/store/key_value_store.h"
#include "engine/workload/block_record.h"

namespace nodetune {

// Which chain a directory holds, and the figures that must not change while it does.
struct ChainIdentity {
  std::string chain;  // "access-lists", "synthetic", "import"
  std::uint64_t seed = 1;
  std::uint64_t first_number = 0;
  std::uint64_t lists = 0;            // access lists: blocks in one round
  std::uint64_t prefilled_slots = 0;  // synthetic
  std::uint64_t slot_limit = 0;       // synthetic; 0: none
  bool prepared = false;              // all that the first block needs is stored

  std::string encode() const;  // JSON
  static Result<ChainIdentity> decode(std::string_view text);
};

// Nothing: the directory holds no chain yet.
Result<std::optional<ChainIdentity>> load_identity(KeyValueStore& store);
Status save_identity(KeyValueStore& store, const ChainIdentity& identity);
// An error where the two are not the same chain.
Status check_same_chain(const ChainIdentity& stored, const ChainIdentity& wanted);

Result<ChainProgress> load_progress(ObjectStore& objects);

// Stores what was there before the first block, past the caches, in groups of bounded size.
class StateLoader {
 public:
  StateLoader(KeyValueStore& store, std::uint64_t seed) : store_(store), seed_(seed) {}

  Status add(ObjectKind kind, std::string key);  // its value is state_value() of the seed
  Status finish();                               // on disk when it returns
  std::uint64_t bytes() const { return bytes_; }

 private:
  Status write();

  KeyValueStore& store_;
  const std::uint64_t seed_;
  std::vector<WriteOperation> pending_;
  std::uint64_t bytes_ = 0;
};

// Sorted, each once.
void make_distinct(std::vector<std::string>& keys);
// Looks up all of them, in one batch.
Result<std::vector<CachedValue>> look_up(ObjectStore& objects, ObjectKind kind,
                                         std::span<const std::string> keys);

}  // namespace nodetune
