// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/files/log_block_cache.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <utility>

#include "engine/base/format.h"

namespace nodetune {
namespace {

constexpr std::size_t kAddressDigitsMax = 16;
constexpr double kBytesMax = 1e18;     // more is damage, and sums of it would not be figures
constexpr double kAgeMax = 24 * 3600;  // seconds; a longer one is damage
constexpr double kRounding = 0.01;     // of a capacity: statistics have hundredths of a unit
constexpr std::string_view kAddress = "0x";

std::optional<double> take_number(std::string_view& text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || !std::isfinite(value) || value < 0) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return value;
}

// "128.00 MB", in powers of 1024.
std::optional<double> take_bytes(std::string_view& text) {
  static constexpr std::array kUnits = {
      std::pair{std::string_view(" KB"), static_cast<double>(kKiB)},
      std::pair{std::string_view(" MB"), static_cast<double>(kMiB)},
      std::pair{std::string_view(" GB"), static_cast<double>(kGiB)},
      std::pair{std::string_view(" TB"), 1024.0 * static_cast<double>(kGiB)},
  };
  const auto number = take_number(text);
  if (!number) return std::nullopt;
  for (const auto& [name, bytes] : kUnits) {
    if (!text.starts_with(name)) continue;
    text.remove_prefix(name.size());
    if (*number * bytes > kBytesMax) return std::nullopt;
    return *number * bytes;
  }
  return std::nullopt;
}

std::optional<double> bytes_after(std::string_view line, std::string_view key) {
  const auto at = line.find(key);
  if (at == std::string_view::npos) return std::nullopt;
  line.remove_prefix(at + key.size());
  return take_bytes(line);
}

// Of a text that begins with "0x".
std::string address_at(std::string_view text) {
  std::size_t digits = 0;
  const auto is_digit = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
  const auto rest = text.substr(kAddress.size());
  while (digits < rest.size() && digits < kAddressDigitsMax && is_digit(rest[digits])) ++digits;
  return digits == 0 ? std::string() : std::string(text.substr(0, kAddress.size() + digits));
}

double& content_of_role(std::string_view role, BlockCacheContent& content) {
  if (role == "DataBlock") return content.data_bytes;
  if (role == "IndexBlock") return content.index_bytes;
  if (role == "FilterBlock" || role == "FilterMetaBlock" || role == "DeprecatedFilterBlock") {
    return content.filter_bytes;
  }
  if (role == "WriteBuffer") return content.memtable_bytes;
  return content.other_bytes;
}

// " DataBlock(441761,6.82 GB,75.765%) Misc(1,0.00 KB,0%)"; nothing where the line was cut.
std::optional<BlockCacheContent> read_content(std::string_view text) {
  BlockCacheContent content;
  for (;;) {
    while (text.starts_with(' ')) text.remove_prefix(1);
    if (text.empty()) return content;
    const auto open = text.find('(');
    if (open == std::string_view::npos) return std::nullopt;
    auto& bytes = content_of_role(text.substr(0, open), content);
    text.remove_prefix(open + 1);
    if (!take_number(text) || !text.starts_with(',')) return std::nullopt;
    text.remove_prefix(1);
    const auto size = take_bytes(text);
    const auto close = text.find(')');
    if (!size || close == std::string_view::npos || bytes + *size > kBytesMax) return std::nullopt;
    bytes += *size;
    text.remove_prefix(close + 1);
  }
}

void add_if_known(std::optional<double>& sum, const std::optional<double>& part) {
  if (sum && part) {
    *sum += *part;
  } else {
    sum.reset();
  }
}

}  // namespace

double BlockCacheContent::total_bytes() const {
  return data_bytes + index_bytes + filter_bytes + memtable_bytes + other_bytes;
}

std::optional<double> BlockCacheStats::used_bytes() const {
  if (usage_bytes || !content) return usage_bytes;
  return content->total_bytes();
}

bool read_block_cache_line(std::string_view line, std::optional<BlockCacheStats>& cache) {
  constexpr std::string_view kCache = "Block cache ";
  constexpr std::string_view kContent = "Block cache entry stats(count,size,portion):";
  if (!line.starts_with(kCache)) return false;
  if (line.starts_with(kContent)) {
    if (!cache) return false;
    cache->content = read_content(line.substr(kContent.size()));
    return true;
  }
  const auto name_end = line.find(' ', kCache.size());
  const auto at = line.substr(0, name_end).find("@0x", kCache.size());
  if (at == std::string_view::npos) return false;
  BlockCacheStats found;
  found.address = address_at(line.substr(at + 1));
  if (found.address.empty()) return false;
  found.capacity_bytes = bytes_after(line, " capacity: ");
  found.usage_bytes = bytes_after(line, " usage: ");
  constexpr std::string_view kAge = " secs_since: ";
  if (const auto age = line.find(kAge); age != std::string_view::npos) {
    auto rest = line.substr(age + kAge.size());
    found.age_seconds = take_number(rest);
  }
  cache = std::move(found);
  return true;
}

std::string block_cache_address(std::string_view table_options) {
  constexpr std::string_view kKey = " block_cache: ";
  const auto at = table_options.find(kKey);
  if (at == std::string_view::npos) return {};
  const auto value = table_options.substr(at + kKey.size());
  return value.starts_with(kAddress) ? address_at(value) : std::string();
}

BlockCacheSum sum_of(const BlockCachesByAddress& caches) {
  BlockCacheSum sum;
  if (caches.empty()) return sum;
  sum.capacity_bytes = sum.usage_bytes = 0;
  sum.content.emplace();
  sum.oldest = TimePoint::max();
  for (const auto& [address, cache] : caches) {
    add_if_known(sum.capacity_bytes, cache.stats.capacity_bytes);
    add_if_known(sum.usage_bytes, cache.stats.used_bytes());
    if (sum.oldest && cache.time) {
      sum.oldest = std::min(*sum.oldest, *cache.time);
    } else {
      sum.oldest.reset();
    }
    if (!sum.content || !cache.stats.content) {
      sum.content.reset();
      continue;
    }
    sum.content->data_bytes += cache.stats.content->data_bytes;
    sum.content->index_bytes += cache.stats.content->index_bytes;
    sum.content->filter_bytes += cache.stats.content->filter_bytes;
    sum.content->memtable_bytes += cache.stats.content->memtable_bytes;
    sum.content->other_bytes += cache.stats.content->other_bytes;
  }
  return sum;
}

LoggedBlockCache* LoggedBlockCaches::take(const std::string& family, const std::string& address,
                                          std::size_t entries_max) {
  if (address.empty()) return nullptr;
  if (!caches.contains(address) && caches.size() >= entries_max) return nullptr;
  if (!families.contains(family) && families.size() >= entries_max) return nullptr;
  families[family] = address;
  return &caches[address];
}

void LoggedBlockCaches::list(const std::string& family, std::string address,
                             std::optional<std::int64_t> capacity_bytes, std::size_t entries_max) {
  auto* cache = take(family, address, entries_max);
  if (cache == nullptr) return;
  cache->stats.address = std::move(address);
  cache->stats.capacity_bytes.reset();
  if (capacity_bytes) cache->stats.capacity_bytes = static_cast<double>(*capacity_bytes);
}

void LoggedBlockCaches::tell(const std::string& family, const BlockCacheStats& stats,
                             TimePoint time, std::size_t entries_max) {
  auto* cache = take(family, stats.address, entries_max);
  if (cache == nullptr) return;
  const auto listed = cache->stats.capacity_bytes;
  cache->time = time - from_seconds(std::min(stats.age_seconds.value_or(0), kAgeMax));
  cache->stats = stats;
  // The options have it to the byte.
  if (listed && stats.capacity_bytes &&
      std::abs(*listed - *stats.capacity_bytes) <= kRounding * *listed) {
    cache->stats.capacity_bytes = listed;
  }
}

void LoggedBlockCaches::forget() {
  caches.clear();
  families.clear();
}

void LoggedBlockCaches::move_times(Duration by) {
  for (auto& [address, cache] : caches) {
    if (cache.time) *cache.time += by;
  }
}

}  // namespace nodetune
