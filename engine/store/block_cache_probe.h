// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <atomic>
#include <cstdint>

namespace nodetune {

// Looks on at a sample of what RocksDB looks up in its block cache: data, index and filter blocks.
//
// Thread: any, RocksDB's own too, while it holds locks of its own: must be brief, must not throw,
// must not call the database. Lifetime: as long as the database that has it.
class BlockCacheProbe {
 public:
  virtual ~BlockCacheProbe() = default;

  // One compare. Relaxed: a threshold that moves a moment later only shifts the sample.
  bool samples(std::uint64_t hash) const {
    return hash <= threshold_.load(std::memory_order_relaxed);
  }
  // `charge_bytes` is the block's for a hit, else 0.
  virtual void on_lookup(std::uint64_t hash, bool hit, std::uint32_t charge_bytes) = 0;
  virtual void on_insert(std::uint64_t hash, std::uint32_t charge_bytes) = 0;

 protected:
  void set_threshold(std::uint64_t threshold) {
    threshold_.store(threshold, std::memory_order_relaxed);
  }

 private:
  std::atomic<std::uint64_t> threshold_{0};  // hashes up to it are told
};

}  // namespace nodetune
