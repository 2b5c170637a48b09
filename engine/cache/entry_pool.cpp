// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/cache/entry_pool.h"

#include <new>
#include <thread>
#include <utility>

#include "engine/cache/epoch.h"

namespace nodetune {

EntryPool::EntryPool() {
  open_.reserve(kSmallestBatch);
}

EntryPool::Garbage::~Garbage() {
  for (ValueBlock* const value : values_) value->release();
}

EntryPool::~EntryPool() {
  for (CacheEntry* const entry : open_) destroy(entry);
  for (const Batch& batch : sealed_) {
    for (CacheEntry* const entry : batch.entries) destroy(entry);
  }
}

CacheEntry* EntryPool::make(std::uint64_t hash, std::string_view key, const CachedValue& value) {
  CacheEntry* const entry = heap_.take(CacheEntry::allocation_bytes(key, value));
  if (entry == nullptr) return nullptr;
  entry->hash = hash;
  entry->write(key, value);
  return entry;
}

CacheEntry* EntryPool::make_copy(const CacheEntry& entry) {
  CacheEntry* const copy = heap_.take(entry.allocation_bytes());
  if (copy != nullptr) copy->write_copy(entry);
  return copy;
}

void EntryPool::destroy(CacheEntry* entry) {
  if (entry->value_kind == CacheEntry::kShared) entry->value_block()->release();
  heap_.give_back(entry);
}

void EntryPool::retire(CacheEntry& entry, Garbage& garbage) {
  open_.push_back(&entry);  // there is room: seal() sees to it
  open_bytes_ += entry.charge();
  if (open_.size() < open_.capacity() && open_.size() < batch_ && open_bytes_ < kBatchBytes) return;
  seal(garbage);
  reclaim(garbage);
}

void EntryPool::retire(EntryIndex::TablePointer table) {
  table->retired_epoch = epoch::retire_epoch();
  table->next_retired = std::move(tables_);
  tables_ = std::move(table);
}

// One epoch for the whole batch: it ends after the last of them was taken out.
void EntryPool::seal(Garbage& garbage) {
  const std::uint64_t epoch = epoch::retire_epoch();
  open_bytes_ = 0;
  try {
    Entries next;
    next.reserve(batch_);
    sealed_.push_back({{}, epoch});
    sealed_.back().entries.swap(open_);
    open_.swap(next);
  } catch (const std::bad_alloc&) {
    // Nowhere to keep them: wait for the readers, who never wait for anybody.
    while (epoch::oldest_pinned() <= epoch) std::this_thread::yield();
    for (CacheEntry* const entry : open_) take_back(entry, garbage);
    open_.clear();
  }
}

void EntryPool::reclaim(Garbage& garbage) {
  if (sealed_.empty() && tables_ == nullptr) return;
  const std::uint64_t oldest = epoch::oldest_pinned();
  while (!sealed_.empty() && sealed_.front().epoch < oldest) {
    for (CacheEntry* const entry : sealed_.front().entries) take_back(entry, garbage);
    sealed_.pop_front();
  }
  for (EntryIndex::TablePointer* at = &tables_; *at != nullptr;) {
    if ((*at)->retired_epoch >= oldest) {
      at = &(*at)->next_retired;
      continue;
    }
    EntryIndex::TablePointer table = std::move(*at);
    *at = std::move(table->next_retired);
    table->next_retired = std::move(garbage.tables_);
    garbage.tables_ = std::move(table);
  }
}

void EntryPool::take_back(CacheEntry* entry, Garbage& garbage) {
  if (entry->value_kind == CacheEntry::kShared) {
    ValueBlock* const value = entry->value_block();
    try {
      garbage.values_.push_back(value);
    } catch (const std::bad_alloc&) {
      value->release();
    }
  }
  heap_.give_back(entry);
}

}  // namespace nodetune
