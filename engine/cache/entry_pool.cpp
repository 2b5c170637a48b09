// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/cache/entry_pool.h"

#include <new>
#include <thread>
#include <utility>

#include "engine/cache/epoch.h"
#include "engine/cache/fetch.h"
#include "engine/cache/heap_size.h"

namespace nodetune {
namespace {

// Nobody asks garbage for its hash any more: the chain is kept there.
CacheEntry* next_of(const CacheEntry* entry) {
  return reinterpret_cast<CacheEntry*>(entry->hash);
}
void set_next(CacheEntry* entry, CacheEntry* next) {
  entry->hash = reinterpret_cast<std::uintptr_t>(next);
}

}  // namespace

EntryPool::EntryPool() {
  open_.reserve(kSmallestBatch);
}

EntryPool::Garbage::~Garbage() {
  while (first_ != nullptr) destroy(std::exchange(first_, next_of(first_)));
}

EntryPool::~EntryPool() {
  for (CacheEntry* const entry : open_) destroy(entry);
  for (const Batch& batch : sealed_) {
    for (CacheEntry* const entry : batch.entries) destroy(entry);
  }
  for (const Entries& free : free_) {
    for (CacheEntry* const entry : free) ::operator delete(entry);
  }
}

CacheEntry* EntryPool::make(std::uint64_t hash, std::string_view key, const CachedValue& value) {
  // All that malloc would give anyway, so that any entry of a size can follow
  // any other.
  const std::size_t chunk = heap_bytes(CacheEntry::allocation_bytes(key, value));
  const std::size_t size_class = class_of(chunk);
  void* memory = nullptr;
  if (Entries& free = free_[size_class]; !free.empty()) {
    memory = free.back();
    free.pop_back();
    if (!free.empty()) {  // what the next insertion will write
      const char* const next = reinterpret_cast<const char*>(free.back());
      for (std::size_t at = 0; at < chunk; at += EntryIndex::kCacheLine) {
        fetch_for_writing(next + at);
      }
    }
  } else {
    memory = ::operator new(chunk - kHeapHeader, std::nothrow);
  }
  if (memory == nullptr) return nullptr;
  auto* const entry = ::new (memory) CacheEntry;
  entry->hash = hash;
  entry->write(key, value);
  return entry;
}

void EntryPool::destroy(CacheEntry* entry) {
  if (entry->value_kind == CacheEntry::kShared) entry->value_block()->release();
  entry->~CacheEntry();
  ::operator delete(entry);
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
  const std::size_t size_class = class_of(heap_bytes(entry->allocation_bytes()));
  Entries& free = free_[size_class];
  if (size_class != 0 && entry->value_kind != CacheEntry::kShared && free.size() < batch_) {
    try {
      free.push_back(entry);
      return;
    } catch (const std::bad_alloc&) {
    }
  }
  set_next(entry, std::exchange(garbage.first_, entry));
}

}  // namespace nodetune
