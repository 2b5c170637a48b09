// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/cache/large_value_gate.h"

namespace nodetune {
namespace {

constexpr double kBytesPerRead = 64 * 1024;  // transferred while a small read takes place
constexpr double kColdShare = 1.0 / 8;       // hits of the coldest entries to the average's
constexpr std::uint64_t kRequestsToHalve = 16;

}  // namespace

bool LargeValueGate::admit(std::uint64_t hash, std::uint64_t charge, const Cache& cache) {
  const std::uint64_t gone = victims(charge, cache);
  if (gone <= kCheapVictims) return true;
  Record& record = records_[hash % kRemembered];
  if (record.requests == 0 || record.hash != hash) {
    record = {hash, cache.hits, 1};
    return false;
  }
  ++record.requests;
  const auto hits = cache.hits - record.hits_before;
  const double worth =
      static_cast<double>(record.requests) * (1 + static_cast<double>(charge) / kBytesPerRead);
  const double cost = static_cast<double>(gone) * kColdShare * static_cast<double>(hits) /
                      static_cast<double>(cache.entries);
  if (worth >= cost) {
    record.requests = 0;
    return true;
  }
  if (record.requests >= kRequestsToHalve) {  // what was long ago counts less
    record.requests /= 2;
    record.hits_before += hits / 2;
  }
  return false;
}

}  // namespace nodetune
