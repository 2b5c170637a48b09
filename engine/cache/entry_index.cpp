// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/cache/entry_index.h"

#include <sys/mman.h>

#include <bit>
#include <cassert>
#include <cstdlib>
#include <new>

namespace nodetune {
namespace {

constexpr std::size_t kMinBuckets = 4;
constexpr std::size_t kMostPerBucket = 5;
constexpr std::size_t kHugePage = 2u << 20;

}  // namespace

EntryIndex::TablePointer EntryIndex::Table::make(std::size_t buckets) {
  const std::size_t bytes = sizeof(Table) + buckets * sizeof(Bucket);
  // A large table is read at random: on small pages each lookup would walk the page tables too.
  const bool huge = bytes >= 2 * kHugePage;
  const std::size_t alignment = huge ? kHugePage : alignof(Bucket);
  void* const memory =
      std::aligned_alloc(alignment, (bytes + alignment - 1) / alignment * alignment);
  if (memory == nullptr) return nullptr;
  if (huge) (void)::madvise(memory, bytes, MADV_HUGEPAGE);  // a hint: no matter if it is refused
  TablePointer table(::new (memory) Table(buckets));
  for (std::size_t i = 0; i < buckets; ++i) ::new (table->buckets() + i) Bucket;
  return table;
}

void EntryIndex::FreeTable::operator()(Table* table) const {
  for (std::size_t i = 0; i < table->size(); ++i) {
    Bucket* bucket = table->buckets()[i].more.load(std::memory_order_relaxed);
    while (bucket != nullptr) {
      Bucket* const next = bucket->more.load(std::memory_order_relaxed);
      delete bucket;
      bucket = next;
    }
  }
  table->~Table();
  std::free(table);
}

EntryIndex::EntryIndex() : table_(Table::make(kMinBuckets).release()) {
  if (table_.load(std::memory_order_relaxed) == nullptr) throw std::bad_alloc();
}

EntryIndex::~EntryIndex() {
  FreeTable()(table_.load(std::memory_order_relaxed));
}

EntryIndex::Slot* EntryIndex::slot_of(std::uint64_t hash, std::string_view key) {
  const std::uint64_t tag = tag_of(hash);
  for (Bucket* bucket = &bucket_of(hash); bucket != nullptr;
       bucket = bucket->more.load(std::memory_order_relaxed)) {
    for (Slot& slot : bucket->words) {
      const std::uint64_t word = slot.load(std::memory_order_relaxed);
      if (word >> 48 != tag || word == 0) continue;
      const CacheEntry* const entry = entry_of(word);
      if (entry->hash == hash && entry->key() == key) return &slot;
    }
  }
  return nullptr;
}

EntryIndex::Slot* EntryIndex::slot_of(const CacheEntry& entry) {
  const std::uint64_t wanted = word_of(entry);
  for (Bucket* bucket = &bucket_of(entry.hash); bucket != nullptr;
       bucket = bucket->more.load(std::memory_order_relaxed)) {
    for (Slot& slot : bucket->words) {
      if (slot.load(std::memory_order_relaxed) == wanted) return &slot;
    }
  }
  return nullptr;
}

EntryIndex::Slot* EntryIndex::free_slot(Table& table, std::uint64_t hash) {
  Bucket* bucket = &table.bucket_of(hash);
  while (true) {
    for (Slot& slot : bucket->words) {
      if (slot.load(std::memory_order_relaxed) == 0) return &slot;
    }
    Bucket* next = bucket->more.load(std::memory_order_relaxed);
    if (next == nullptr) {
      next = new (std::nothrow) Bucket;
      if (next == nullptr) return nullptr;
      bucket->more.store(next, std::memory_order_release);
    }
    bucket = next;
  }
}

bool EntryIndex::add(CacheEntry& entry) {
  assert((reinterpret_cast<std::uintptr_t>(&entry) & ~kAddress) == 0);
  Slot* const slot = free_slot(*table_.load(std::memory_order_relaxed), entry.hash);
  if (slot == nullptr) return false;
  replace(*slot, entry);
  return true;
}

void EntryIndex::replace(Slot& slot, CacheEntry& entry) {
  slot.store(word_of(entry), std::memory_order_release);
}

void EntryIndex::remove(Slot& slot) {
  slot.store(0, std::memory_order_release);
}

EntryIndex::TablePointer EntryIndex::fit(std::size_t entries) {
  Table* const old = table_.load(std::memory_order_relaxed);
  std::size_t buckets = old->size();
  if (entries > buckets * kMostPerBucket) buckets *= 2;
  if (entries < buckets && buckets > kMinBuckets) buckets /= 2;  // grows again at five times that
  if (buckets == old->size()) return nullptr;

  TablePointer table = Table::make(buckets);
  if (table == nullptr) return nullptr;  // longer chains, still right
  bool complete = true;
  for_each([&](CacheEntry& entry) {
    Slot* const slot = complete ? free_slot(*table, entry.hash) : nullptr;
    complete = slot != nullptr;
    if (complete) slot->store(word_of(entry), std::memory_order_relaxed);
  });
  if (!complete) return nullptr;
  table_.store(table.release(), std::memory_order_release);
  return TablePointer(old);
}

}  // namespace nodetune
