// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/cache/cache_manager.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <exception>
#include <optional>
#include <utility>

#include "engine/cache/concurrent_cache.h"

namespace nodetune {
namespace {

// Kinds whose keys begin with the block's number: old ones are pruned by range with every block.
bool pruned_by_range(ObjectKind kind) {
  switch (kind) {
    case ObjectKind::block:
    case ObjectKind::header:
    case ObjectKind::receipt:
      return true;
    case ObjectKind::state_node:
    case ObjectKind::account:
    case ObjectKind::storage:
    case ObjectKind::transaction:
      return false;
  }
  return false;
}

// Looked up in the cache side by side; the answers lie on the stack.
constexpr std::size_t kKeysAtOnce = 64;

// Runs `call`, which returns a Status or Result; what it throws becomes a Status.
template <typename Call>
auto guarded(ObjectKind kind, Call&& call) -> decltype(call()) {
  std::string why;
  try {
    return call();
  } catch (const std::exception& error) {
    why = error.what();
  } catch (...) {
    why = "an exception of unknown type";
  }
  return Status(StatusCode::failed,
                fmt::format("loading {} objects failed: {}", to_string(kind), why));
}

}  // namespace

struct CacheManager::Tier {
  Tier(ObjectKind kind, std::size_t capacity_bytes)
      : cache({.capacity_bytes = capacity_bytes,
               .partitions = 0,
               .ordered = pruned_by_range(kind),
               .policy = PolicyKind::lru}),
        flights(cache) {}

  ConcurrentCache cache;
  std::atomic<std::uint64_t> pending_hits{0};
  FlightTable flights;
};

CacheManager::CacheManager(const CacheConfig& config) {
  for (const ObjectKind kind : kObjectKinds) {
    const std::size_t i = index_of(kind);
    tiers_[i] = std::make_unique<Tier>(kind, config.capacity_bytes[i]);
  }
}

CacheManager::~CacheManager() = default;

Result<CachedValue> CacheManager::get_or_load(ObjectKind kind, std::string_view key,
                                              const Loader& load) {
  Tier& own = tier(kind);
  if (std::optional<CachedValue> hit = own.cache.find(key)) return std::move(*hit);
  return guarded(kind, [&]() -> Result<CachedValue> {
    FlightTable::Claims claims(own.flights);
    if (claims.claim(key) == FlightTable::Claims::Outcome::leader) {
      Result<CachedValue> loaded = guarded(kind, [&] { return load(key); });
      if (loaded) {
        claims.complete(0, *std::move(loaded));
      } else {
        claims.fail(0, loaded.status());
      }
    }
    return claims.wait(0);
  });
}

// Loads the claims of `led` with one call and hands out the values or the failure.
Status CacheManager::load_led(ObjectKind kind, FlightTable::Claims& claims,
                              std::span<const std::string_view> keys,
                              std::span<const std::size_t> led, const BatchLoader& load) {
  if (led.empty()) return Status::ok();
  Result<std::vector<CachedValue>> loaded = guarded(kind, [&] { return load(keys); });
  if (loaded && loaded->size() != keys.size()) {
    loaded = Status(StatusCode::failed, fmt::format("loading {} {} objects gave {} values",
                                                    keys.size(), to_string(kind), loaded->size()));
  }
  for (std::size_t i = 0; i < led.size(); ++i) {
    if (loaded) {
      claims.complete(led[i], std::move((*loaded)[i]));
    } else {
      claims.fail(led[i], loaded.status());
    }
  }
  return loaded.status();
}

Result<std::vector<CachedValue>> CacheManager::multi_get_or_load(
    ObjectKind kind, std::span<const std::string_view> keys, const BatchLoader& load) {
  return guarded(kind, [&]() -> Result<std::vector<CachedValue>> {
    Tier& own = tier(kind);
    std::vector<CachedValue> values(keys.size());
    std::vector<std::size_t> missing;  // positions in keys; a claim for each
    std::array<std::optional<CachedValue>, kKeysAtOnce> found;
    for (std::size_t at = 0; at < keys.size(); at += kKeysAtOnce) {
      const auto part = keys.subspan(at, std::min(kKeysAtOnce, keys.size() - at));
      own.cache.multi_find(part, std::span(found).first(part.size()));
      for (std::size_t i = 0; i < part.size(); ++i) {
        if (found[i]) {
          values[at + i] = std::move(*found[i]);
        } else {
          missing.push_back(at + i);
        }
      }
    }
    if (missing.empty()) return values;

    FlightTable::Claims claims(own.flights);
    std::vector<std::size_t> led;
    std::vector<std::string_view> led_keys;
    for (std::size_t i = 0; i < missing.size(); ++i) {
      const std::string_view key = keys[missing[i]];
      if (claims.claim(key) != FlightTable::Claims::Outcome::leader) continue;
      led.push_back(i);
      led_keys.push_back(key);
    }
    if (Status status = load_led(kind, claims, led_keys, led, load); !status) return status;
    for (std::size_t i = 0; i < missing.size(); ++i) {
      const Result<CachedValue>& result = claims.wait(i);
      if (!result) return result.status();
      values[missing[i]] = *result;
    }
    return values;
  });
}

Status CacheManager::prefetch(ObjectKind kind, std::span<const std::string_view> keys,
                              const BatchLoader& load) {
  return guarded(kind, [&]() -> Status {
    Tier& own = tier(kind);
    FlightTable::Claims claims(own.flights);
    std::vector<std::size_t> led;
    std::vector<std::string_view> led_keys;
    std::size_t claimed = 0;
    for (const std::string_view key : keys) {
      if (own.cache.contains(key)) continue;
      if (claims.claim(key) == FlightTable::Claims::Outcome::leader) {
        led.push_back(claimed);
        led_keys.push_back(key);
      }
      ++claimed;
    }
    return load_led(kind, claims, led_keys, led, load);
  });
}

std::optional<CachedValue> CacheManager::peek(ObjectKind kind, std::string_view key) const {
  return tier(kind).cache.peek(key);
}

void CacheManager::on_written(ObjectKind kind, std::string_view key, CachedValue value) {
  tier(kind).flights.write(key, std::move(value));
}

void CacheManager::on_changed(ObjectKind kind, std::string_view key) {
  tier(kind).flights.forget(key);
}

void CacheManager::on_range_deleted(ObjectKind kind, std::string_view begin, std::string_view end) {
  tier(kind).flights.forget_range(begin, end);
}

// Relaxed: the count publishes nothing but itself.
void CacheManager::count_pending_hits(ObjectKind kind, std::uint64_t hits) {
  tier(kind).pending_hits.fetch_add(hits, std::memory_order_relaxed);
}

void CacheManager::resize(ObjectKind kind, std::size_t capacity_bytes) {
  tier(kind).cache.resize(capacity_bytes);
}

CacheCounters CacheManager::lookup_counters(ObjectKind kind) const {
  return tier(kind).cache.counters();
}

CacheCounters CacheManager::counters(ObjectKind kind) const {
  CacheCounters counters = tier(kind).cache.counters();
  counters.hits += tier(kind).pending_hits.load(std::memory_order_relaxed);
  return counters;
}

std::array<CacheCounters, kObjectKindCount> CacheManager::counters() const {
  std::array<CacheCounters, kObjectKindCount> all;
  for (const ObjectKind kind : kObjectKinds) all[index_of(kind)] = counters(kind);
  return all;
}

PolicyKind CacheManager::policy(ObjectKind kind) const {
  return tier(kind).cache.policy();
}

void CacheManager::set_policy(ObjectKind kind, PolicyKind policy) {
  tier(kind).cache.set_policy(policy);
}

void CacheManager::set_probe(ObjectKind kind, AccessProbe* probe) {
  tier(kind).cache.set_probe(probe);
}

std::size_t CacheManager::memory_usage_bytes() const {
  std::size_t bytes = 0;
  for (const CacheCounters& one : counters()) bytes += one.bytes;
  return bytes;
}

std::vector<CacheResize> CacheManager::optimize_cache_sizes(
    std::span<const CacheCounters, kObjectKindCount> before, double memory_ratio,
    const CacheSizingConfig& config) const {
  const auto now = counters();
  return decide_cache_sizes(before, now, memory_ratio, config);
}

}  // namespace nodetune
