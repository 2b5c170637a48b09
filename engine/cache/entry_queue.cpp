// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/cache/entry_queue.h"

#include <new>

#include "engine/cache/fetch.h"

namespace nodetune {

void EntryBlocks::add_segment() {
  if (segments_.size() == kMaxSegments) throw std::bad_alloc();
  segments_.push_back(std::make_unique<Block[]>(kPerSegment));
  const auto first = static_cast<std::uint32_t>(segments_.size() - 1) * kPerSegment;
  for (std::uint32_t i = kPerSegment; i > 0; --i) give_back(first + i - 1);
}

void EntryBlocks::reserve(std::size_t blocks) {
  segments_.reserve(segments_.size() + blocks / kPerSegment + 1);
  for (std::size_t i = 0; i <= blocks / kPerSegment; ++i) add_segment();
}

std::uint32_t EntryBlocks::make() {
  if (free_ == kNone) {
    try {
      add_segment();
    } catch (const std::bad_alloc&) {
      return kNone;
    }
  }
  const std::uint32_t number = free_;
  Block& block = (*this)[number];
  free_ = block.newer;
  block.older = block.newer = kNone;
  block.first = block.end = 0;
  block.live = 0;
  return number;
}

void EntryBlocks::give_back(std::uint32_t number) {
  (*this)[number].newer = free_;
  free_ = number;
}

void EntryBlocks::remove(CacheEntry& entry) {
  Block& block = (*this)[entry.block];
  block.entries[entry.slot] = nullptr;
  // The queue itself looks after its first and its last block.
  if (--block.live > 0 || block.older == kNone || block.newer == kNone) return;
  (*this)[block.older].newer = block.newer;
  (*this)[block.newer].older = block.older;
  give_back(entry.block);
}

bool EntryQueue::push_newest(EntryBlocks& blocks, CacheEntry& entry) {
  if (newest_ == EntryBlocks::kNone || blocks[newest_].end == EntryBlocks::kSlots) {
    if (newest_ != EntryBlocks::kNone && blocks[newest_].live == 0) {
      blocks[newest_].first = blocks[newest_].end = 0;
    } else {
      const std::uint32_t number = blocks.make();
      if (number == EntryBlocks::kNone) return false;
      blocks[number].older = newest_;
      (newest_ == EntryBlocks::kNone ? oldest_ : blocks[newest_].newer) = number;
      newest_ = number;
    }
  }
  EntryBlocks::Block& block = blocks[newest_];
  entry.block = newest_;
  entry.slot = block.end;
  block.entries[block.end++] = &entry;
  ++block.live;
  return true;
}

CacheEntry* EntryQueue::oldest(EntryBlocks& blocks) {
  while (oldest_ != EntryBlocks::kNone) {
    EntryBlocks::Block& block = blocks[oldest_];
    while (block.first < block.end && block.entries[block.first] == nullptr) ++block.first;
    if (block.first < block.end) return block.entries[block.first];
    const std::uint32_t next = block.newer;
    if (next == EntryBlocks::kNone) {  // the next to come may use it
      block.first = block.end = 0;
      return nullptr;
    }
    blocks.give_back(oldest_);
    oldest_ = next;
    blocks[next].older = EntryBlocks::kNone;
    fetch_ahead(blocks);
  }
  return nullptr;
}

// The entries of the next block, and the block behind it for when their turn
// comes.
void EntryQueue::fetch_ahead(EntryBlocks& blocks) const {
  const std::uint32_t number = blocks[oldest_].newer;
  if (number == EntryBlocks::kNone) return;
  const EntryBlocks::Block& next = blocks[number];
  for (std::uint32_t i = next.first; i < next.end; ++i) fetch_for_writing(next.entries[i]);
  if (next.newer == EntryBlocks::kNone) return;
  const char* const second = reinterpret_cast<const char*>(&blocks[next.newer]);
  __builtin_prefetch(second);
  __builtin_prefetch(second + sizeof(EntryBlocks::Block) / 2);
}

void EntryQueue::prefetch(EntryBlocks& blocks) const {
  if (oldest_ == EntryBlocks::kNone) return;
  const EntryBlocks::Block& block = blocks[oldest_];
  for (std::uint32_t i = block.first; i < block.end; ++i) fetch_for_writing(block.entries[i]);
  fetch_ahead(blocks);
}

void EntryQueue::give_up(EntryBlocks& blocks, std::vector<CacheEntry*>& all) {
  while (CacheEntry* const entry = pop_oldest(blocks)) all.push_back(entry);
}

void EntryQueue::repack(EntryBlocks& from, EntryBlocks& to) {
  EntryQueue packed;
  while (CacheEntry* const entry = pop_oldest(from)) (void)packed.push_newest(to, *entry);
  *this = packed;
}

void EntryQueue::take_as_oldest(EntryBlocks& blocks, EntryQueue& others) {
  if (others.oldest(blocks) == nullptr) return;
  if (oldest_ == EntryBlocks::kNone) {
    newest_ = others.newest_;
  } else {
    // Neither is empty in the middle: what ends or begins the seam may be.
    if (blocks[others.newest_].live == 0) {
      const std::uint32_t empty = others.newest_;
      others.newest_ = blocks[empty].older;
      blocks.give_back(empty);
    }
    blocks[others.newest_].newer = oldest_;
    blocks[oldest_].older = others.newest_;
    if (blocks[oldest_].live == 0 && blocks[oldest_].newer != EntryBlocks::kNone) {
      const std::uint32_t empty = oldest_;
      blocks[others.newest_].newer = blocks[empty].newer;
      blocks[blocks[empty].newer].older = others.newest_;
      blocks.give_back(empty);
    }
  }
  oldest_ = others.oldest_;
  others = EntryQueue();
}

}  // namespace nodetune
