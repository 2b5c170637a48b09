// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <array>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "engine/base/status.h"
#include "engine/cache/cache.h"

namespace nodetune {

// The loads under way for one cache: each key is loaded once, whoever misses meanwhile waits.
//
// A write to a key detaches its load: the result is still handed to those who wait (they asked
// before the write was done), but it never enters the cache, and whoever asks afterwards starts a
// load of their own.
// Invariant: a value enters the cache only while its load is attached. Completing, detaching and
// the cache's change that belongs to each happen under one lock per key, so that a write is either
// before a load's start or detaches it; the database must have the write before it is told here.
// Thread: any. Locks: a shard's mutex, then the cache's own; never held while loading or waiting
// for the loader. Lifetime: the cache outlives it, and it outlives its Claims.
class FlightTable {
 public:
  explicit FlightTable(Cache& cache) : cache_(cache) {}
  FlightTable(const FlightTable&) = delete;
  FlightTable& operator=(const FlightTable&) = delete;

  class Claims;

  // The write is in the database: replaces the key's value, null for deleted. A deleted key is
  // kept as absent where it was cached and is not brought in otherwise.
  void write(std::string_view key, CachedValue value);
  // The key's value has changed, nobody knows to what.
  void forget(std::string_view key);
  void forget_range(std::string_view begin, std::string_view end);

 private:
  struct Flight {
    std::optional<Result<CachedValue>> result;  // set once, when done
    bool detached = false;
  };
  struct KeyHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view key) const {
      return std::hash<std::string_view>{}(key);
    }
  };
  using Flights =
      std::unordered_map<std::string, std::shared_ptr<Flight>, KeyHash, std::equal_to<>>;
  struct alignas(64) Shard {
    std::mutex mutex;
    std::condition_variable landed;
    Flights flights;  // the attached ones
  };
  static constexpr std::size_t kShards = 16;

  Shard& shard_of(std::string_view key);
  static void detach(Shard& shard, std::string_view key);

  Cache& cache_;
  std::array<Shard, kShards> shards_;
};

// What one caller has claimed: keys it leads (and must load) and keys that others are loading.
//
// Use: claim() every key, then complete() or fail() every key that is led, then wait() for any:
// since nobody waits before their own loads are done, callers with overlapping keys cannot block
// each other. Led keys that were neither completed nor failed fail in the destructor.
// Thread: one. Throws std::bad_alloc.
class FlightTable::Claims {
 public:
  explicit Claims(FlightTable& table) : table_(table) {}
  ~Claims();
  Claims(const Claims&) = delete;
  Claims& operator=(const Claims&) = delete;

  enum class Outcome { cached, leader, follower };
  // Claims `key`, which must live as long as this; its index is the count of claims before.
  // cached: somebody has brought it into the cache, result() has it. The same key twice: the second
  // follows the first.
  Outcome claim(std::string_view key);

  // Hands the value to the waiters and, unless a write detached the load, to the cache.
  void complete(std::size_t index, CachedValue value);
  // Hands the failure to the waiters; nothing is cached.
  void fail(std::size_t index, const Status& status);
  // Waits until the key's load is done, whoever does it.
  const Result<CachedValue>& wait(std::size_t index);

 private:
  struct Item {
    std::string_view key;
    std::shared_ptr<Flight> flight;
    bool leading = false;
  };
  void land(Item& item, Result<CachedValue> result);

  FlightTable& table_;
  std::vector<Item> items_;
};

}  // namespace nodetune
