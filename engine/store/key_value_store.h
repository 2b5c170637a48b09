// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/status.h"
#include "engine/store/durability.h"
#include "engine/store/family.h"
#include "engine/store/write_operation.h"

namespace nodetune {

struct ReadKey {
  Family family = Family::own;
  std::string_view key;
};

// What objects/ and batch/ ask of a database, so that they can be tested without one.
//
// Thread: any, concurrently. Lifetime: outlives whoever reads or writes through it.
class KeyValueStore {
 public:
  using Value = std::optional<std::string>;  // nothing: the key is absent

  virtual ~KeyValueStore() = default;

  virtual Result<Value> get(Family family, std::string_view key) = 0;
  // One batched read of one state: no value is newer than a write that another misses. values[i]
  // answers keys[i]; one failure fails the whole.
  virtual Result<std::vector<Value>> multi_get(std::span<const ReadKey> keys) = 0;

  // Ordered scan of [begin, end) of one family; stops when `visit` returns false. `visit` must not
  // call the store.
  using Visit = std::function<bool(std::string_view key, std::string_view value)>;
  virtual Status scan(Family family, std::string_view begin, std::string_view end,
                      const Visit& visit) = 0;

  // All of it or nothing, in the order given. On failure the caller must assume either, and ask:
  // a commit that carries its own sequence number in Family::own can be looked up. The first
  // logged write after an unlogged one waits until that is on disk.
  virtual Status write(std::span<const WriteOperation> operations, Durability durability) = 0;

  // The same by way of table files: for many operations at once. It, and all that was written
  // before, is on disk when this returns. The operations are sorted by family and key; in each
  // family the deleted ranges come first and do not overlap, then at most one operation a key,
  // which those ranges do not touch. invalid_argument where they are not.
  virtual Status ingest(std::span<const WriteOperation> operations) = 0;

  // What was written is on disk when this returns.
  virtual Status sync() = 0;

  // After a failure: mends what stands in the way of writing, or says what is still wrong. A write
  // of unknown outcome may land by this: ask afterwards. Ok where nothing is wrong.
  virtual Status resume() { return Status::ok(); }
};

}  // namespace nodetune
