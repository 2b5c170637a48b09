// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/cache/cache_sizing.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "engine/base/format.h"

namespace nodetune {
namespace {

struct Usage {
  ObjectKind kind = ObjectKind::block;
  std::size_t capacity_bytes = 0;
  std::uint64_t lookups = 0;
  double hit_ratio = 0;
  double eviction_ratio = 0;
};

// Nothing: too few lookups to judge by, or counters that went back (another cache's).
std::optional<Usage> usage_of(ObjectKind kind, const CacheCounters& before,
                              const CacheCounters& now, const CacheSizingConfig& config) {
  if (now.hits < before.hits || now.misses < before.misses || now.evictions < before.evictions) {
    return std::nullopt;
  }
  const std::uint64_t lookups = now.lookups() - before.lookups();
  if (lookups == 0 || lookups < config.min_lookups) return std::nullopt;
  const auto count = static_cast<double>(lookups);
  return Usage{kind, static_cast<std::size_t>(now.capacity_bytes), lookups,
               static_cast<double>(now.hits - before.hits) / count,
               static_cast<double>(now.evictions - before.evictions) / count};
}

std::size_t scaled(std::size_t bytes, double factor) {
  return static_cast<std::size_t>(static_cast<double>(bytes) * factor);
}

std::vector<CacheResize> shrink_least_effective(const std::vector<Usage>& usages,
                                                double memory_ratio,
                                                const CacheSizingConfig& config) {
  const Usage* lowest = nullptr;
  for (const Usage& usage : usages) {
    if (usage.capacity_bytes <= config.min_capacity_bytes) continue;
    if (lowest == nullptr || usage.hit_ratio < lowest->hit_ratio ||
        (usage.hit_ratio == lowest->hit_ratio && usage.capacity_bytes > lowest->capacity_bytes)) {
      lowest = &usage;
    }
  }
  if (lowest == nullptr) return {};
  const std::size_t to =
      std::max(config.min_capacity_bytes, scaled(lowest->capacity_bytes, config.shrink_factor));
  if (to >= lowest->capacity_bytes) return {};
  return {{lowest->kind, lowest->capacity_bytes, to,
           fmt::format("memory is {} used (threshold {}) and this cache has the lowest hit ratio, "
                       "{} of {} lookups",
                       format_ratio(memory_ratio), format_ratio(config.memory_pressure_ratio),
                       format_ratio(lowest->hit_ratio), lowest->lookups)}};
}

std::vector<CacheResize> grow_evicting(const std::vector<Usage>& usages,
                                       const CacheSizingConfig& config) {
  std::vector<CacheResize> resizes;
  for (const Usage& usage : usages) {
    if (!(usage.hit_ratio > config.grow_hit_ratio)) continue;
    if (!(usage.eviction_ratio > config.grow_eviction_ratio)) continue;
    const std::size_t to =
        std::min(config.max_capacity_bytes, scaled(usage.capacity_bytes, config.grow_factor));
    if (to <= usage.capacity_bytes) continue;
    resizes.push_back(
        {usage.kind, usage.capacity_bytes, to,
         fmt::format("{} of {} lookups hit (threshold {}), yet evictions are {} of "
                     "lookups (threshold {})",
                     format_ratio(usage.hit_ratio), usage.lookups,
                     format_ratio(config.grow_hit_ratio), format_ratio(usage.eviction_ratio),
                     format_ratio(config.grow_eviction_ratio))});
  }
  return resizes;
}

}  // namespace

std::vector<CacheResize> decide_cache_sizes(std::span<const CacheCounters, kObjectKindCount> before,
                                            std::span<const CacheCounters, kObjectKindCount> now,
                                            double memory_ratio, const CacheSizingConfig& config) {
  if (!std::isfinite(memory_ratio)) return {};
  std::vector<Usage> usages;
  for (const ObjectKind kind : kObjectKinds) {
    const std::size_t i = index_of(kind);
    if (const auto usage = usage_of(kind, before[i], now[i], config)) usages.push_back(*usage);
  }
  if (memory_ratio > config.memory_pressure_ratio) {
    return shrink_least_effective(usages, memory_ratio, config);
  }
  return grow_evicting(usages, config);
}

}  // namespace nodetune
