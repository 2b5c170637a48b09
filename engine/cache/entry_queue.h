// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "engine/cache/cache_entry.h"

namespace nodetune {

// The memory of one policy's queues: blocks of pointers to entries, two cache
// lines each.
//
// A hand that goes through a queue knows the next entries' addresses, and
// fetches them side by side, where in a list each would have to be there before
// the next is known. Thread: one.
class EntryBlocks {
 public:
  static constexpr std::uint32_t kNone = 0xFFFF'FFFF;
  static constexpr std::uint32_t kSlots = 14;
  static constexpr std::size_t kBytesPerEntry = 8;  // an entry's share of a full block, about

  struct alignas(128) Block {
    std::uint32_t older = kNone, newer = kNone;  // blocks of the same queue
    std::uint16_t first = 0,
                  end = 0;   // entries may lie in slots first to end - 1
    std::uint32_t live = 0;  // and so many do
    std::array<CacheEntry*, kSlots> entries;
  };

  Block& operator[](std::uint32_t number) {
    return segments_[number / kPerSegment][number % kPerSegment];
  }
  std::uint32_t make();  // kNone without memory
  void give_back(std::uint32_t number);
  // Takes the entry out of whatever queue it is in.
  void remove(CacheEntry& entry);
  // The entry that lay in this entry's place is replaced by it.
  void moved(CacheEntry& entry) { (*this)[entry.block].entries[entry.slot] = &entry; }
  void reserve(std::size_t blocks);  // throws std::bad_alloc
  // Whether most of the memory holds nothing, beyond a few blocks for each of
  // `queues`.
  bool wasteful(std::size_t entries, std::size_t queues) const {
    return segments_.size() * kPerSegment * kSlots > 4 * (entries + kSlots * queues + kPerSegment);
  }

 private:
  static constexpr std::uint32_t kPerSegment = 64;
  static constexpr std::size_t kMaxSegments = (CacheEntry::kMaxBlock + 1) / kPerSegment;
  void add_segment();

  std::vector<std::unique_ptr<Block[]>> segments_;
  std::uint32_t free_ = kNone;  // a chain through newer
};

// Entries from oldest to newest. Their memory is an EntryBlocks, the same one
// at every call.
class EntryQueue {
 public:
  // False without memory: the entry is in no queue then.
  bool push_newest(EntryBlocks& blocks, CacheEntry& entry);
  // Still inside; null: empty.
  CacheEntry* oldest(EntryBlocks& blocks);
  // Out of the queue.
  CacheEntry* pop_oldest(EntryBlocks& blocks) {
    CacheEntry* const entry = oldest(blocks);
    if (entry != nullptr) blocks.remove(*entry);
    return entry;
  }
  // Moves all, oldest first, behind those in `all`, which has room for them.
  void give_up(EntryBlocks& blocks, std::vector<CacheEntry*>& all);
  // Moves all, in their order, to other memory that has room for them.
  void repack(EntryBlocks& from, EntryBlocks& to);
  // Puts all of `others` before its own oldest.
  void take_as_oldest(EntryBlocks& blocks, EntryQueue& others);
  // Brings what comes first towards the processor. (noipa: GCC takes a function
  // that does nothing else for one without effect, and leaves out its calls.)
  [[gnu::noipa]] void prefetch(EntryBlocks& blocks) const;

 private:
  [[gnu::noipa]] void fetch_ahead(EntryBlocks& blocks) const;

  std::uint32_t oldest_ = EntryBlocks::kNone;
  std::uint32_t newest_ = EntryBlocks::kNone;
};

}  // namespace nodetune
