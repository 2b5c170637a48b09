// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "engine/cache/cache_entry.h"
#include "engine/cache/entry_queue.h"
#include "engine/cache/policy_kind.h"

namespace nodetune {

// What a partition's readers and its policy share: the coarse clock that stamps
// uses, and the bytes of entries that were used for the first time since they
// came (only counted if somebody wants it).
struct UseClock {
  std::atomic<std::uint32_t> now{1};  // modulo 2^30
  std::atomic<bool> count_first_uses{false};
  // How many ticks a stamp may be old before a hit renews it. Each renewal
  // takes the entry's line from the other processors that read it: with 1, half
  // of all hits did.
  std::atomic<std::uint32_t> grain{1};
  alignas(128) std::atomic<std::int64_t> first_used_bytes{0};

  // What a hit does to an entry. Writes only what changes, so that hot lines
  // stay shared.
  void use(const CacheEntry& entry);
};

// Decides which entries of a partition go first. It puts entries into queues of
// its own; the partition indexes, charges and frees them.
//
// Hits only leave their mark in CacheEntry::use; the policy reads it when it
// looks for a victim, on the thread that inserts. Driven by one thread it stays
// close to the exact policy. Errors: without memory for its place in a queue an
// entry is refused, and what has to move to another queue is evicted instead.
// Thread: under the partition's lock.
class Eviction {
 public:
  virtual ~Eviction() = default;
  virtual PolicyKind kind() const = 0;
  // Of the partition's share.
  virtual void set_capacity(std::uint64_t bytes) = 0;
  // A new key is about to come: asked before room is made for it.
  virtual void announce(std::uint64_t hash, std::uint64_t charge) = 0;
  // The announced entry is inside, unless false.
  virtual bool add(CacheEntry& entry) = 0;
  // `entry` takes the place of one that was removed from `queue`: a use of the
  // key.
  virtual bool add_again(CacheEntry& entry, std::uint32_t queue) = 0;
  virtual void remove(CacheEntry& entry) = 0;
  // An entry that is inside lies elsewhere now; it knows its place in a queue.
  void moved(CacheEntry& entry) { blocks_.moved(entry); }
  // Removes the entry that goes next and remembers it as the policy does; null:
  // there is none.
  virtual CacheEntry* evict() = 0;
  // Removes all, in no order.
  virtual void give_up(std::vector<CacheEntry*>& all) = 0;
  // Takes one over from another policy; the least recently used come first.
  virtual bool adopt(CacheEntry& entry) = 0;
  // The clock has moved on.
  virtual void tick() {}
  // Gives memory back, if most of what the queues have is unused. Keeps their
  // order.
  void fit(std::size_t entries);

 protected:
  explicit Eviction(std::size_t queues) : queues_(queues) {}
  // Moves every queue's entries to where there is room for all.
  virtual void repack(EntryBlocks& to) = 0;

  EntryBlocks blocks_;

 private:
  std::size_t queues_;
};

// Throws std::bad_alloc. The clock outlives it.
std::unique_ptr<Eviction> make_eviction(PolicyKind kind, UseClock& clock);

inline void UseClock::use(const CacheEntry& entry) {
  // The only thing that readers change.
  auto& word = const_cast<std::atomic<std::uint32_t>&>(entry.use);
  std::uint32_t was = word.load(std::memory_order_relaxed);
  const std::uint32_t clock = now.load(std::memory_order_relaxed);
  const std::uint32_t is = Use::used_again(was, clock, grain.load(std::memory_order_relaxed));
  if (is == was) return;
  if (Use::frequency(was) == 0 && count_first_uses.load(std::memory_order_relaxed)) {
    // One thread counts it; whoever takes the entry away sets the frequency
    // first.
    if (word.compare_exchange_strong(was, is, std::memory_order_relaxed)) {
      first_used_bytes.fetch_add(static_cast<std::int64_t>(entry.charge()),
                                 std::memory_order_relaxed);
    }
    return;
  }
  word.store(is, std::memory_order_relaxed);
}

}  // namespace nodetune
