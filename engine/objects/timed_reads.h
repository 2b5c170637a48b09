// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include "engine/base/clock.h"
#include "engine/store/key_value_store.h"

namespace nodetune {

// Reads since open.
struct ReadCounts {
  std::uint64_t keys = 0;
  double seconds = 0;
};

// `inner`, with a count of what reading a key of each family costs: what a miss of its object
// cache costs. The keys of a batched read share its time.
//
// Thread: any; no lock. Lifetime: `inner` and the clock outlive it. Costs two looks at the clock
// and two additions a read; nothing where a cache hits.
class TimedReads final : public KeyValueStore {
 public:
  TimedReads(KeyValueStore& inner, const Clock& clock) : inner_(inner), clock_(clock) {}

  Result<Value> get(Family family, std::string_view key) override;
  Result<std::vector<Value>> multi_get(std::span<const ReadKey> keys) override;
  Status scan(Family family, std::string_view begin, std::string_view end,
              const Visit& visit) override;
  Status write(std::span<const WriteOperation> operations, Durability durability) override;
  Status ingest(std::span<const WriteOperation> operations) override;
  Status sync() override;
  Status resume() override;

  ReadCounts reads(Family family) const;

 private:
  struct Counts {
    std::atomic<std::uint64_t> keys{0};
    std::atomic<std::uint64_t> micros{0};
  };
  void count(Family family, std::uint64_t keys, std::uint64_t micros);

  KeyValueStore& inner_;
  const Clock& clock_;
  std::array<Counts, kFamilyCount> counts_;
};

}  // namespace nodetune
