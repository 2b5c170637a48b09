// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <vector>

#include "engine/cache/cache_entry.h"
#include "engine/cache/entry_queue.h"

namespace nodetune {

// Entries by the clock's tick of their last use: an LRU order as fine as the
// ticks.
//
// A queue a tick; what was used since is moved from the oldest queue to where
// it belongs when it is met there. More ticks than queues: the two oldest
// become one.
class Generations {
 public:
  // Twice the ticks of a turnover: erasing makes room without a turn.
  static constexpr std::uint32_t kQueues = 256;

  explicit Generations(EntryBlocks& blocks) : blocks_(blocks) {}

  bool push(CacheEntry& entry, std::uint32_t stamp, std::uint32_t now) {
    if (Use::newer(oldest_, stamp)) stamp = oldest_;
    if (Use::newer(stamp, now)) stamp = now;
    return queue(stamp).push_newest(blocks_, entry);
  }
  void tick(std::uint32_t now) {
    while (((now - oldest_) & kClockMask) >= kQueues) {
      queue(oldest_ + 1).take_as_oldest(blocks_, queue(oldest_));
      oldest_ = (oldest_ + 1) & kClockMask;
    }
  }
  // The one that was used least recently, out of its queue. Null: empty.
  CacheEntry* take_coldest(std::uint32_t now) {
    while (true) {
      CacheEntry* const entry = queue(oldest_).pop_oldest(blocks_);
      if (entry == nullptr) {
        if (oldest_ == now) return nullptr;
        oldest_ = (oldest_ + 1) & kClockMask;
        queue(oldest_).prefetch(blocks_);
        continue;
      }
      const std::uint32_t stamp = Use::stamp(entry->use.load(std::memory_order_relaxed));
      if (oldest_ == now || !Use::newer(stamp, oldest_)) return entry;
      if (!push(*entry, stamp, now)) return entry;
    }
  }
  void give_up(std::vector<CacheEntry*>& all) {
    for (EntryQueue& one : queues_) one.give_up(blocks_, all);
  }
  void repack(EntryBlocks& to) {
    for (EntryQueue& one : queues_) one.repack(blocks_, to);
  }
  void start(std::uint32_t now) { oldest_ = (now - kQueues + 1) & kClockMask; }

 private:
  static constexpr std::uint32_t kClockMask = (1u << 30) - 1;

  EntryQueue& queue(std::uint32_t stamp) { return queues_[stamp % kQueues]; }

  EntryBlocks& blocks_;
  std::array<EntryQueue, kQueues> queues_;
  std::uint32_t oldest_ = 0;  // entries lie in the queues of oldest_ to now
};

}  // namespace nodetune
