// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/cache/entry_pool.h"

#include <new>
#include <utility>

#include "engine/cache/epoch.h"
#include "engine/cache/heap_size.h"

namespace nodetune {
namespace {

// A sealed entry is in no list: its link has room for the epoch.
void set_epoch(CacheEntry* entry, std::uint64_t epoch) {
  entry->older = reinterpret_cast<ListNode*>(static_cast<std::uintptr_t>(epoch));
}
std::uint64_t epoch_of(const CacheEntry* entry) {
  return reinterpret_cast<std::uintptr_t>(entry->older);
}

CacheEntry* next_of(const CacheEntry* entry) {
  return static_cast<CacheEntry*>(entry->newer);
}

}  // namespace

void EntryPool::Chain::push(CacheEntry* entry) {
  entry->newer = nullptr;
  if (last != nullptr) {
    last->newer = entry;
  } else {
    first = entry;
  }
  last = entry;
}

CacheEntry* EntryPool::Chain::pop() {
  CacheEntry* const entry = first;
  first = next_of(entry);
  if (first == nullptr) last = nullptr;
  return entry;
}

EntryPool::Garbage::~Garbage() {
  while (first_ != nullptr) destroy(std::exchange(first_, next_of(first_)));
}

EntryPool::~EntryPool() {
  while (open_.first != nullptr) destroy(open_.pop());
  while (sealed_.first != nullptr) destroy(sealed_.pop());
  for (FreeEntries& free : free_) {
    while (free.first != nullptr) ::operator delete(std::exchange(free.first, next_of(free.first)));
  }
}

CacheEntry* EntryPool::make(std::uint64_t hash, std::string_view key, const CachedValue& value) {
  // All that malloc would give anyway, so that any entry of a size can follow any other.
  const std::size_t chunk = heap_bytes(CacheEntry::allocation_bytes(key, value));
  const std::size_t size_class = chunk / kSizeStep < kSizeClasses ? chunk / kSizeStep : 0;
  void* memory = nullptr;
  if (FreeEntries& free = free_[size_class]; free.first != nullptr) {
    memory = std::exchange(free.first, next_of(free.first));
    --free.count;
  } else {
    memory = ::operator new(chunk - kHeapHeader, std::nothrow);
  }
  if (memory == nullptr) return nullptr;
  auto* const entry = ::new (memory) CacheEntry;
  entry->hash = hash;
  entry->size_class = static_cast<std::uint16_t>(size_class);
  entry->write(key, value);
  return entry;
}

void EntryPool::destroy(CacheEntry* entry) {
  if (entry->value_kind == CacheEntry::kShared) entry->block()->release();
  entry->~CacheEntry();
  ::operator delete(entry);
}

void EntryPool::retire(CacheEntry& entry, Garbage& garbage) {
  open_.push(&entry);
  ++open_count_;
  open_bytes_ += entry.charge();
  if (open_count_ < kBatchEntries && open_bytes_ < kBatchBytes) return;
  seal();
  reclaim(garbage);
}

void EntryPool::retire(EntryIndex::TablePointer table) {
  table->retired_epoch = epoch::retire_epoch();
  table->next_retired = std::move(tables_);
  tables_ = std::move(table);
}

// One epoch for the whole batch: it ends after the last of them was taken out.
void EntryPool::seal() {
  const std::uint64_t epoch = epoch::retire_epoch();
  for (CacheEntry* entry = open_.first; entry != nullptr; entry = next_of(entry)) {
    set_epoch(entry, epoch);
  }
  if (sealed_.last != nullptr) {
    sealed_.last->newer = open_.first;
  } else {
    sealed_.first = open_.first;
  }
  sealed_.last = open_.last;
  open_ = {};
  open_count_ = open_bytes_ = 0;
}

void EntryPool::reclaim(Garbage& garbage) {
  if (sealed_.first == nullptr && tables_ == nullptr) return;
  const std::uint64_t oldest = epoch::oldest_pinned();
  while (sealed_.first != nullptr && epoch_of(sealed_.first) < oldest) {
    take_back(sealed_.pop(), garbage);
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
  FreeEntries& free = free_[entry->size_class];
  const bool keep =
      entry->size_class != 0 && free.count < kMostFree && entry->value_kind != CacheEntry::kShared;
  if (keep) {
    entry->newer = std::exchange(free.first, entry);
    ++free.count;
  } else {
    entry->newer = std::exchange(garbage.first_, entry);
  }
}

}  // namespace nodetune
