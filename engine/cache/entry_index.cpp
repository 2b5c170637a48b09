// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/cache/entry_index.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstdlib>
#include <new>

#include "engine/cache/cache_arena.h"

namespace nodetune {
namespace {

constexpr std::size_t kMinGroups = 2;
constexpr std::size_t kMaxGroups = EntryIndex::kNoSlot / (EntryIndex::kSlots + 1);
// Above that the groups overflow more and more: at 5 of 7 one key in 20 lies
// elsewhere.
constexpr std::size_t kMostPerGroup = 5;
constexpr std::size_t kFewestPerGroup = 1;
// Large tables grow by a quarter: what they would leave empty counts.
constexpr std::size_t kLargeTable = 512;
constexpr std::size_t kHugePage = 2u << 20;
// A smaller table would leave too much of its last span empty.
constexpr std::size_t kSpansFrom = 4;

std::size_t groups_for(std::size_t entries, std::size_t now) {
  if (entries > now * kMostPerGroup && now < kMaxGroups) {
    return std::min(now < kLargeTable ? now * 2 : now + now / 4, kMaxGroups);
  }
  if (entries < now * kFewestPerGroup && now > kMinGroups) {
    return std::max(entries * 2 / kMostPerGroup, kMinGroups);
  }
  return now;
}

std::size_t spans_for(std::size_t bytes) {
  return (bytes + CacheArena::kSpanBytes - 1) / CacheArena::kSpanBytes;
}

// A table is read at random: on small pages each lookup would walk the page
// tables too.
void* allocate_table(std::size_t bytes) {
  const std::size_t spans = spans_for(bytes);
  if (spans >= kSpansFrom && spans <= CacheArena::kLargestRun) {
    return CacheArena::instance().take(spans);
  }
  const std::size_t alignment = spans < kSpansFrom ? EntryIndex::kCacheLine : kHugePage;
  void* const memory =
      std::aligned_alloc(alignment, (bytes + alignment - 1) / alignment * alignment);
  if (memory != nullptr && spans >= kSpansFrom) {
    (void)::madvise(memory, bytes, MADV_HUGEPAGE);  // a hint: it may be refused
  }
  return memory;
}

void free_table(void* memory, std::size_t bytes) {
  const std::size_t spans = spans_for(bytes);
  if (spans >= kSpansFrom && spans <= CacheArena::kLargestRun) {
    CacheArena::instance().give_back(memory, spans);
  } else {
    std::free(memory);
  }
}

}  // namespace

EntryIndex::TablePointer EntryIndex::Table::make(std::size_t groups) {
  const std::size_t slots = groups * kStride;
  void* const memory = allocate_table(bytes_for(groups));
  if (memory == nullptr) return nullptr;
  char* const behind = static_cast<char*>(memory) + sizeof(Table);
  auto* const entries = reinterpret_cast<std::atomic<CacheEntry*>*>(behind);
  auto* const tags = reinterpret_cast<Tags*>(entries + slots);
  TablePointer table(::new (memory) Table(groups, entries, tags));
  for (std::size_t i = 0; i < groups; ++i) ::new (tags + i) Tags(0);
  for (std::size_t i = 0; i < slots; ++i) ::new (entries + i) std::atomic<CacheEntry*>(nullptr);
  return table;
}

void EntryIndex::FreeTable::operator()(Table* table) const {
  const std::size_t bytes = Table::bytes_for(table->groups());
  table->~Table();
  free_table(table, bytes);
}

void EntryIndex::Table::set_tag(std::size_t slot, std::uint64_t tag) {
  Tags& word = tags_[slot / kStride];
  const auto shift = slot % kStride * 8;
  const std::uint64_t others =
      word.load(std::memory_order_relaxed) & ~(std::uint64_t{0xFF} << shift);
  // Release: who sees the tag sees the entry.
  word.store(others | tag << shift, std::memory_order_release);
}

void EntryIndex::Table::count_overflow(std::size_t from, std::size_t to, bool more) {
  for (std::size_t group = from; group != to; group = after(group)) {
    Tags& word = tags_[group];
    const std::uint64_t was = word.load(std::memory_order_relaxed);
    if (was >> kOverflowShift == kMaxOverflow) continue;
    constexpr std::uint64_t kOne = std::uint64_t{1} << kOverflowShift;
    word.store(more ? was + kOne : was - kOne, std::memory_order_release);
  }
}

bool EntryIndex::Table::add(CacheEntry& entry) {
  const std::size_t home = home_of(entry.hash);
  std::size_t group = home;
  for (std::size_t looked = 0; looked < groups_; ++looked, group = after(group)) {
    const std::uint64_t free = matches(group, 0);
    if (free == 0) continue;
    const std::size_t slot = slot_at(group, free);
    entries_[slot].store(&entry, std::memory_order_release);
    count_overflow(home, group, true);
    set_tag(slot, tag_of(entry.hash));
    return true;
  }
  return false;
}

void EntryIndex::Table::remove(std::size_t slot, std::uint64_t hash) {
  set_tag(slot, 0);
  entries_[slot].store(nullptr, std::memory_order_release);
  count_overflow(home_of(hash), slot / kStride, false);
}

EntryIndex::EntryIndex() : table_(Table::make(kMinGroups).release()) {
  if (table_.load(std::memory_order_relaxed) == nullptr) throw std::bad_alloc();
}

EntryIndex::~EntryIndex() {
  FreeTable()(table_.load(std::memory_order_relaxed));
}

template <typename Is>
EntryIndex::Slot EntryIndex::search(std::uint64_t hash, const Is& is) const {
  const Table& table = *table_.load(std::memory_order_relaxed);
  std::size_t group = table.home_of(hash);
  for (std::size_t looked = 0; looked < table.groups(); ++looked) {
    for (std::uint64_t mask = table.matches(group, tag_of(hash)); mask != 0; mask &= mask - 1) {
      const std::size_t slot = Table::slot_at(group, mask);
      if (is(*table.entry(slot).load(std::memory_order_relaxed))) return static_cast<Slot>(slot);
    }
    if (!table.overflows(group)) break;
    group = table.after(group);
  }
  return kNoSlot;
}

EntryIndex::Slot EntryIndex::slot_of(std::uint64_t hash, std::string_view key) const {
  return search(hash, [&](const CacheEntry& entry) { return entry.is(hash, key); });
}

EntryIndex::Slot EntryIndex::slot_of(const CacheEntry& wanted) const {
  return search(wanted.hash, [&](const CacheEntry& entry) { return &entry == &wanted; });
}

bool EntryIndex::add(CacheEntry& entry) {
  return table_.load(std::memory_order_relaxed)->add(entry);
}

void EntryIndex::replace(Slot slot, CacheEntry& entry) {
  table_.load(std::memory_order_relaxed)->replace(slot, entry);
}

void EntryIndex::remove(Slot slot, std::uint64_t hash) {
  table_.load(std::memory_order_relaxed)->remove(slot, hash);
}

EntryIndex::TablePointer EntryIndex::fit(std::size_t entries) {
  Table* const old = table_.load(std::memory_order_relaxed);
  const std::size_t groups = groups_for(entries, old->groups());
  if (groups == old->groups()) return nullptr;

  TablePointer table = Table::make(groups);
  if (table == nullptr) return nullptr;  // fuller groups, still right
  bool complete = true;
  for_each([&](CacheEntry& entry) { complete = complete && table->add(entry); });
  if (!complete) return nullptr;
  table_.store(table.release(), std::memory_order_release);
  return TablePointer(old);
}

}  // namespace nodetune
