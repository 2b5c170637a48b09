// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/objects/timed_reads.h"

namespace nodetune {
namespace {

std::uint64_t micros_since(const Clock& clock, SteadyTime begun) {
  const auto spent =
      std::chrono::duration_cast<std::chrono::microseconds>(clock.steady_now() - begun);
  return spent.count() > 0 ? static_cast<std::uint64_t>(spent.count()) : 0;
}

}  // namespace

Result<KeyValueStore::Value> TimedReads::get(Family family, std::string_view key) {
  const auto begun = clock_.steady_now();
  auto value = inner_.get(family, key);
  count(family, 1, micros_since(clock_, begun));
  return value;
}

Result<std::vector<KeyValueStore::Value>> TimedReads::multi_get(std::span<const ReadKey> keys) {
  const auto begun = clock_.steady_now();
  auto values = inner_.multi_get(keys);
  const auto micros = micros_since(clock_, begun);
  std::array<std::uint64_t, kFamilyCount> asked{};
  for (const ReadKey& key : keys) ++asked[index_of(key.family)];
  for (const Family family : kFamilies) {
    const auto own = asked[index_of(family)];
    if (own > 0) count(family, own, micros * own / keys.size());
  }
  return values;
}

Status TimedReads::scan(Family family, std::string_view begin, std::string_view end,
                        const Visit& visit) {
  return inner_.scan(family, begin, end, visit);
}

Status TimedReads::write(std::span<const WriteOperation> operations, Durability durability) {
  return inner_.write(operations, durability);
}

Status TimedReads::ingest(std::span<const WriteOperation> operations) {
  return inner_.ingest(operations);
}

Status TimedReads::sync() {
  return inner_.sync();
}

Status TimedReads::resume() {
  return inner_.resume();
}

ReadCounts TimedReads::reads(Family family) const {
  const Counts& counts = counts_[index_of(family)];
  return {counts.keys.load(std::memory_order_relaxed),
          static_cast<double>(counts.micros.load(std::memory_order_relaxed)) / 1e6};
}

// Relaxed: the counts publish nothing but themselves.
void TimedReads::count(Family family, std::uint64_t keys, std::uint64_t micros) {
  Counts& counts = counts_[index_of(family)];
  counts.keys.fetch_add(keys, std::memory_order_relaxed);
  counts.micros.fetch_add(micros, std::memory_order_relaxed);
}

}  // namespace nodetune
