// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/cache/concurrent_cache.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <array>
#include <bit>
#include <limits>
#include <utility>

#include "engine/cache/epoch.h"

namespace nodetune {
namespace {

constexpr std::size_t kBytesPerPartition = 8u << 20;
constexpr std::size_t kMaxPartitions = 16;
constexpr std::size_t kWave = 32;  // lookups whose memory is fetched side by side

std::size_t partitions_for(const ConcurrentCacheConfig& config) {
  const std::size_t wanted =
      config.partitions != 0 ? config.partitions : config.capacity_bytes / kBytesPerPartition;
  return std::clamp<std::size_t>(std::bit_floor(wanted), 1, kMaxPartitions);
}

// The shares add up to the capacity exactly.
std::size_t share_of(std::size_t capacity_bytes, std::size_t shares, std::size_t index) {
  return capacity_bytes / shares + (index < capacity_bytes % shares ? 1 : 0);
}

std::uint32_t told(std::size_t charge) {
  return static_cast<std::uint32_t>(
      std::min<std::size_t>(charge, std::numeric_limits<std::uint32_t>::max()));
}

}  // namespace

std::uint64_t ConcurrentCache::hash_of(std::string_view key) {
  return XXH3_64bits(key.data(), key.size());
}

ConcurrentCache::ConcurrentCache(const ConcurrentCacheConfig& config) : policy_(config.policy) {
  const std::size_t count = partitions_for(config);
  partitions_.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    const CachePartition::Config share{share_of(config.capacity_bytes, count, i), config.ordered,
                                       config.policy, count, config.spans_from_bytes};
    partitions_.push_back(std::make_unique<CachePartition>(share, lookups_));
  }
}

ConcurrentCache::~ConcurrentCache() = default;

std::optional<CachedValue> ConcurrentCache::find(std::string_view key) {
  const std::uint64_t hash = hash_of(key);
  CachePartition& partition = partition_of(hash);
  epoch::ThreadSlot& thread = epoch::this_thread();
  std::optional<CachedValue> value;
  std::size_t charge = 0;
  {
    const epoch::Pin pin(thread);
    if (const CacheEntry* const entry = partition.index().find(hash, key)) {
      entry->read(value.emplace());
      partition.use(*entry);
      charge = entry->charge();
    }
  }
  if (!value) partition.expect_insertion();
  lookups_.add(thread, value ? 1 : 0, value ? 0 : 1);
  AccessProbe* const probe = probe_.load(std::memory_order_acquire);
  if (probe != nullptr && probe->samples(hash)) probe->on_lookup(hash, charge != 0, told(charge));
  return value;
}

// Every step of all lookups before the next step of any: their memory is
// fetched side by side.
std::size_t ConcurrentCache::find_wave(epoch::ThreadSlot& thread,
                                       std::span<const std::string_view> keys,
                                       std::span<std::optional<CachedValue>> values) {
  struct Lookup {
    std::uint64_t hash;
    CachePartition* partition;
    EntryIndex::Start start;
    const std::atomic<CacheEntry*>* slot;
    const CacheEntry* likely;
    std::size_t charge;
  };
  std::array<Lookup, kWave> lookups;
  std::size_t hits = 0;
  {
    const epoch::Pin pin(thread);
    for (std::size_t i = 0; i < keys.size(); ++i) {
      const std::uint64_t hash = hash_of(keys[i]);
      CachePartition& partition = partition_of(hash);
      lookups[i] = {hash, &partition, partition.index().prefetch(hash), nullptr, nullptr, 0};
    }
    for (std::size_t i = 0; i < keys.size(); ++i) {
      lookups[i].slot = EntryIndex::likely(lookups[i].start, lookups[i].hash);
    }
    for (std::size_t i = 0; i < keys.size(); ++i) {
      if (lookups[i].slot == nullptr) continue;
      const CacheEntry* const entry = lookups[i].slot->load(std::memory_order_acquire);
      lookups[i].likely = entry;
      lookups[i].partition->index().prefetch(entry);
    }
    for (std::size_t i = 0; i < keys.size(); ++i) {
      auto& [hash, partition, start, slot, likely, charge] = lookups[i];
      const CacheEntry* const entry = likely != nullptr && likely->is(hash, keys[i])
                                          ? likely
                                          : partition->index().find_from(start, hash, keys[i]);
      if (entry == nullptr) {
        values[i].reset();
        continue;
      }
      ++hits;
      if (!values[i]) values[i].emplace();
      entry->read(*values[i]);
      partition->use(*entry);
      charge = entry->charge();
    }
  }
  AccessProbe* const probe = probe_.load(std::memory_order_acquire);
  if (probe == nullptr) return hits;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const Lookup& lookup = lookups[i];
    if (!probe->samples(lookup.hash)) continue;
    probe->on_lookup(lookup.hash, lookup.charge != 0, told(lookup.charge));
  }
  return hits;
}

std::size_t ConcurrentCache::multi_find(std::span<const std::string_view> keys,
                                        std::span<std::optional<CachedValue>> values) {
  epoch::ThreadSlot& thread = epoch::this_thread();
  std::size_t hits = 0;
  for (std::size_t at = 0; at < keys.size(); at += kWave) {
    const std::size_t count = std::min(kWave, keys.size() - at);
    hits += find_wave(thread, keys.subspan(at, count), values.subspan(at, count));
  }
  lookups_.add(thread, hits, keys.size() - hits);
  return hits;
}

std::optional<CachedValue> ConcurrentCache::peek(std::string_view key) const {
  const std::uint64_t hash = hash_of(key);
  std::optional<CachedValue> value;
  const epoch::Pin pin(epoch::this_thread());
  if (const CacheEntry* const entry = partition_of(hash).index().find(hash, key)) {
    entry->read(value.emplace());
  }
  return value;
}

void ConcurrentCache::insert(std::string_view key, CachedValue value) {
  const std::uint64_t hash = hash_of(key);
  CachePartition& partition = partition_of(hash);
  const std::size_t charge = partition.charge_of(key, value);
  partition.insert(hash, key, value, charge);
  AccessProbe* const probe = probe_.load(std::memory_order_acquire);
  if (probe != nullptr && probe->samples(hash)) probe->on_insert(hash, told(charge));
}

void ConcurrentCache::erase(std::string_view key) {
  const std::uint64_t hash = hash_of(key);
  partition_of(hash).erase(hash, key);
}

void ConcurrentCache::erase_range(std::string_view begin, std::string_view end) {
  if (begin >= end) return;
  for (const auto& partition : partitions_) partition->erase_range(begin, end);
}

void ConcurrentCache::resize(std::size_t capacity_bytes) {
  for (std::size_t i = 0; i < partitions_.size(); ++i) {
    partitions_[i]->resize(share_of(capacity_bytes, partitions_.size(), i));
  }
}

void ConcurrentCache::set_policy(PolicyKind policy) {
  for (const auto& partition : partitions_) partition->set_policy(policy);
  policy_.store(policy, std::memory_order_relaxed);
}

CacheCounters ConcurrentCache::counters() const {
  CacheCounters all;
  const LookupCounters::Sum lookups = lookups_.sum();
  all.hits = lookups.hits;
  all.misses = lookups.misses;
  for (const auto& partition : partitions_) {
    const CachePartition::Totals part = partition->totals();
    all.insertions += part.insertions;
    all.evictions += part.evictions;
    all.entries += part.entries;
    all.bytes += part.bytes;
    all.capacity_bytes += part.capacity_bytes;
  }
  return all;
}

std::size_t ConcurrentCache::charge_of(std::string_view key, const CachedValue& value) const {
  return partitions_[0]->charge_of(key, value);
}

}  // namespace nodetune
